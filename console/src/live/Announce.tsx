import { Anchor, Button, Card, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { useLocation } from 'wouter';
import { Failure } from '../client/Failure.tsx';
import { fillIn } from '../client/fillIn.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { liveKey, type Stream } from './queries.ts';
import { FOR_WHOM } from './words.ts';

const EXAMPLE = { title: 'Cooking in the rain', category: 'food' };

type Filled = {
  title: string;
  category: string;
  visibility: Stream['visibility'];
  scheduled_at: string | null;
};

/** Announces a stream; whoever did is led to its page. */
export function Announce({ onDone }: { onDone: () => void }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const [, go] = useLocation();
  const form = useRef<HTMLFormElement>(null);
  const announce = useOneAtATime({
    mutationFn: ({ key, ...stream }: Filled & { key: string }) =>
      tandem.streams.create({ tags: [], ...stream }, { idempotencyKey: key }),
    onSuccess: ({ stream }) => {
      void queries.invalidateQueries({ queryKey: [...liveKey(user.id), 'list'] });
      go(`/app/discover/live/${stream.id}`);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const at = String(given.get('at'));
    announce.mutate({
      title: String(given.get('title')),
      category: String(given.get('category')),
      visibility: given.get('visibility') as Stream['visibility'],
      scheduled_at: at ? new Date(at).toISOString() : null,
      key: newIdempotencyKey(),
    });
  };
  const fill = () => fillIn(form.current, EXAMPLE);
  const problemOf = (field: string) => (announce.error ? refusalOf(announce.error).problemOf(field) : null);
  return (
    <Card withBorder padding="sm" component="section" aria-label="Announce a stream">
      <form ref={form} onSubmit={submit}>
        <Stack gap="xs">
          <Group gap="xs" grow preventGrowOverflow={false} align="start">
            <TextInput name="title" label="Title" required maxLength={150} error={problemOf('title')} />
            <TextInput
              name="category"
              label="Category"
              defaultValue="general"
              required
              maxLength={40}
              error={problemOf('category')}
            />
            <NativeSelect
              name="visibility"
              label="For whom"
              data={(['public', 'followers', 'subscribers'] as const).map((value) => ({
                value,
                label: FOR_WHOM[value],
              }))}
            />
            <TextInput name="at" type="datetime-local" label="When (optional)" error={problemOf('scheduled_at')} />
          </Group>
          <Text size="xs" c="dimmed">
            Those who follow you are told when it begins, and ten minutes before where you say when that is.
          </Text>
          <Failure error={announce.error} onRetry={announce.again} />
          <Group gap="xs">
            <Button type="submit" loading={announce.isPending}>
              Announce it
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
