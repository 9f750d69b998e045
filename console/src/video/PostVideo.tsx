import { Anchor, Button, Card, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { fillIn } from '../client/fillIn.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';

const EXAMPLE = { title: 'Walking in the rain', media_url: 'https://media.example/rain.mp4', seconds: '20' };

type Filled = { title: string; media_url: string; duration_seconds: number; ad: boolean; key: string };

/** Posts a video: its title, where it lies, and how long it is; with an ad in it, where one is wanted. */
export function PostVideo({ onDone }: { onDone: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const post = useOneAtATime({
    mutationFn: ({ key, ad, ...video }: Filled) =>
      session.tandem.videos.create(
        {
          ...video,
          description: '',
          category: 'general',
          tags: [],
          ads: ad ? [{ ad_id: 'first', at_seconds: 2, duration_seconds: 5 }] : [],
        },
        { idempotencyKey: key },
      ),
    onSuccess: () => {
      for (const part of ['videos', 'creator', 'rewards'])
        void queries.invalidateQueries({ queryKey: [session.user.id, part] });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    post.mutate({
      title: String(given.get('title')),
      media_url: String(given.get('media_url')),
      duration_seconds: Number(given.get('seconds')),
      ad: given.get('ad') === 'on',
      key: newIdempotencyKey(),
    });
  };
  const fill = () => fillIn(form.current, EXAMPLE);
  const problemOf = (field: string) => (post.error ? refusalOf(post.error).problemOf(field) : null);
  return (
    <Card withBorder padding="sm" component="section" aria-label="Post a video">
      <form ref={form} onSubmit={submit}>
        <Stack gap="xs">
          <TextInput name="title" label="Title" required error={problemOf('title')} />
          <TextInput name="media_url" label="Where it is" required error={problemOf('media_url')} />
          <TextInput
            name="seconds"
            label="How long it is, in seconds"
            inputMode="decimal"
            required
            error={problemOf('duration_seconds')}
          />
          <label>
            <input type="checkbox" name="ad" defaultChecked /> With an ad of 5 seconds
          </label>
          <Failure error={post.error} onRetry={post.again} />
          <Group gap="xs">
            <Button type="submit" loading={post.isPending}>
              Post the video
            </Button>
            <Button variant="default" onClick={onDone}>
              Not now
            </Button>
            <Anchor component="button" type="button" size="sm" onClick={fill}>
              Fill in an example
            </Anchor>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
