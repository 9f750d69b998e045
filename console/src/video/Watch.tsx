import { Alert, Anchor, Button, Card, Group, Loader, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Link, useParams } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useTitle } from '../door/useTitle.ts';
import { Earned } from '../reward/Earned.tsx';
import { rewardsKey } from '../reward/queries.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { Player } from './Player.tsx';
import { type Video, videoQuery, videosKey } from './queries.ts';
import type { Watched } from './usePlayed.ts';
import { many } from './words.ts';

/** One video: watched, liked, commented on, its creator tipped; and what it all earns, beside it. */
export default function Watch() {
  const { id = '' } = useParams();
  const { session } = useSignedIn();
  const { data: video, error, refetch } = useQuery(videoQuery(session, id));
  useTitle(video?.title ?? 'Watch');
  if (!video) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the video" />
    );
  }
  const { creator, counts, description, title } = video;
  const own = creator.id === session.user.id;
  return (
    <Stack gap="sm" maw={720} mx="auto">
      <Anchor component={Link} href="/app/discover/watch" size="sm">
        All videos
      </Anchor>
      <Player key={id} video={video}>
        {(watched) => (
          <>
            <Group justify="space-between" align="start">
              <div>
                <Title order={2} fz="xl">
                  {title}
                </Title>
                <Text size="sm" c="dimmed">
                  {creator.handle} · {many(counts.views, 'view')} · {many(counts.likes, 'like')} ·{' '}
                  {many(counts.comments, 'comment')}
                </Text>
              </div>
              {!own && <Like video={video} />}
            </Group>
            <ThisWatch watched={watched} video={video} own={own} />
          </>
        )}
      </Player>
      {description && <Text size="sm">{description}</Text>}
      {!own && <Tip creator={creator} />}
      <Comment id={id} />
      <Earned />
    </Stack>
  );
}

function ThisWatch({ watched, video, own }: { watched: Watched; video: Video; own: boolean }) {
  const { seconds, viewed, earned, error } = watched;
  return (
    <section aria-label="This watch" aria-live="polite">
      <Text size="sm">
        {seconds === 0
          ? own
            ? 'It is yours: watching it earns nothing.'
            : `Watch it to earn: ${video.milestones.map(({ percent, reward }) => `${reward} LYK at ${percent} %`).join(', ')}.`
          : `Watched ${Math.round(seconds)} s by the server’s clock${viewed ? ', which counts as a view' : ''}.`}
      </Text>
      {earned.map(({ what, points }) => (
        <Alert key={what} color="teal" variant="light" p="xs" mt={6}>
          <Text size="sm">
            +{Number(points)} LYK for {what}
          </Text>
        </Alert>
      ))}
      <Failure error={error as Error | null} />
    </section>
  );
}

/** What is changed of a video changes what one has, too. */
function useChanged(id: string) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { user } = session;
  return () => {
    for (const queryKey of [[...videosKey(user.id), id], rewardsKey(user.id), keys.balances(user.id)])
      void queries.invalidateQueries({ queryKey });
  };
}

function Like({ video: { id, liked_by_me } }: { video: Video }) {
  const { tandem } = useSignedIn().session;
  const onSettled = useChanged(id);
  const like = useMutation({
    mutationFn: () => (liked_by_me ? tandem.videos.unlike(id) : tandem.videos.like(id)),
    onSettled,
  });
  return (
    <div>
      <Button
        variant={liked_by_me ? 'filled' : 'default'}
        size="sm"
        aria-pressed={liked_by_me}
        loading={like.isPending}
        onClick={() => like.mutate()}
      >
        {liked_by_me ? 'Liked' : 'Like'}
      </Button>
      <Failure error={like.error} />
    </div>
  );
}

function Comment({ id }: { id: string }) {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const changed = useChanged(id);
  const comments = useQuery({
    queryKey: [...videosKey(user.id), id, 'comments'],
    queryFn: async () => (await tandem.videos.listComments(id, { limit: 20 })).data,
  });
  const say = useOneAtATime({
    mutationFn: ({ text, key }: { text: string; key: string }) =>
      tandem.videos.comment(id, { text }, { idempotencyKey: key }),
    onSettled: changed,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('text'));
    event.currentTarget.reset();
    if (text.trim()) say.mutate({ text, key: newIdempotencyKey() });
  };
  return (
    <section aria-label="Comments">
      <form onSubmit={submit} aria-label="Comment on it">
        <Group gap="xs">
          <TextInput name="text" aria-label="Your comment" placeholder="Say something about it" flex="1" />
          <Button type="submit" variant="default" loading={say.isPending}>
            Comment
          </Button>
        </Group>
      </form>
      <Failure error={say.error} onRetry={say.again} />
      <ReadFailure error={comments.error} />
      <Stack gap={4} mt="xs">
        {comments.data?.map((comment) => (
          <Text key={comment.id} size="sm">
            <strong>{comment.author.handle}</strong> {comment.text}
          </Text>
        ))}
      </Stack>
    </section>
  );
}

function Tip({ creator }: { creator: { id: string; handle: string } }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const tip = useOneAtATime({
    mutationFn: ({ amount, key }: { amount: string; key: string }) =>
      session.tandem.creators.tip(creator.id, { asset: 'LYK', amount }, { idempotencyKey: key }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: keys.balances(session.user.id) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    tip.mutate({ amount: String(new FormData(event.currentTarget).get('amount')), key: newIdempotencyKey() });
  };
  return (
    <Card withBorder padding="sm">
      <form onSubmit={submit} aria-label={`Tip ${creator.handle}`}>
        <Group gap="xs" align="end">
          <TextInput
            name="amount"
            label={`Tip ${creator.handle}, in LYK`}
            defaultValue="1"
            inputMode="decimal"
            required
            w={300}
          />
          <Button type="submit" variant="default" loading={tip.isPending}>
            Tip
          </Button>
          {tip.isSuccess && (
            <Text size="sm" role="status">
              {creator.handle} has it.
            </Text>
          )}
        </Group>
      </form>
      <Failure error={tip.error} onRetry={tip.again} />
    </Card>
  );
}
