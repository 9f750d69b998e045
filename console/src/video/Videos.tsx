import { Loader, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { More } from '../door/More.tsx';
import { useTitle } from '../door/useTitle.ts';
import { Earned } from '../reward/Earned.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Player.module.css';
import { videosQuery } from './queries.ts';
import { Still } from './Still.tsx';
import { many } from './words.ts';

/** Videos to watch, and what watching earned so far. */
export default function Videos() {
  useTitle('Watch');
  const { session } = useSignedIn();
  const read = useInfiniteQuery(videosQuery(session));
  const videos = read.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack gap="md">
      {read.isPending && <Loader m="auto" aria-label="Reading the videos" />}
      <ReadFailure error={read.error} onRetry={() => void read.refetch()} />
      {read.data && videos.length === 0 && (
        <Text c="dimmed" size="sm">
          Nobody has posted a video yet. Post one under “Your channel”.
        </Text>
      )}
      <ul className={classes.grid} aria-label="Videos">
        {videos.map(({ id, title, creator, counts, duration_seconds }) => (
          <li key={id}>
            <Link href={`/app/discover/watch/${id}`} className={classes.card}>
              <Still id={id} />
              <div>
                <Text size="sm" fw={600} lineClamp={1}>
                  {title}
                </Text>
                <Text size="xs" c="dimmed">
                  {creator.handle} · {Math.round(duration_seconds)} s · {many(counts.views, 'view')}
                </Text>
              </div>
            </Link>
          </li>
        ))}
      </ul>
      <More read={read} />
      <Earned />
    </Stack>
  );
}
