import { Group, SegmentedControl, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Boards.module.css';
import { type Board, boardQuery, type Place } from './queries.ts';

const SCOPES: { value: Board['scope']; label: string }[] = [
  { value: 'weekly', label: 'This week' },
  { value: 'season', label: 'This season' },
  { value: 'global', label: 'Ever' },
];
const KINDS: { value: Board['kind']; label: string }[] = [
  { value: 'senders', label: 'Givers' },
  { value: 'creators', label: 'Creators' },
];

/** Who gave and who was given most, over all streams. */
export function Boards() {
  const { session } = useSignedIn();
  const [board, setBoard] = useState<Board>({ scope: 'weekly', kind: 'senders' });
  const { data, error, refetch } = useQuery(boardQuery(session, board));
  return (
    <section aria-label="Leaderboard">
      <Group justify="space-between" gap="xs" mb={6}>
        <Title order={3} fz="sm">
          Leaderboard
        </Title>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Since when"
            value={board.scope}
            onChange={(scope) => setBoard({ ...board, scope: scope as Board['scope'] })}
            data={SCOPES}
          />
          <SegmentedControl
            size="xs"
            aria-label="Of whom"
            value={board.kind}
            onChange={(kind) => setBoard({ ...board, kind: kind as Board['kind'] })}
            data={KINDS}
          />
        </Group>
      </Group>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {data && <Places places={data} nothing="Nobody has a place yet." />}
    </section>
  );
}

/** Places in their order, one's own marked. */
export function Places({ places, nothing }: { places: readonly Place[]; nothing: string }) {
  const { user } = useSignedIn().session;
  if (places.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {nothing}
      </Text>
    );
  }
  return (
    <ol className={classes.places}>
      {places.map(({ rank, userId, handle, score }) => (
        <li key={userId} data-place={handle} data-own={userId === user.id || undefined}>
          <span className={classes.rank}>{rank}</span>
          <span className={classes.handle}>{handle}</span>
          <span>{score.toLocaleString('en-IN')} TOKEN</span>
        </li>
      ))}
    </ol>
  );
}
