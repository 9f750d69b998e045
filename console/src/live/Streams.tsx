import { Badge, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import { FoundList } from '../door/FoundList.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import videoClasses from '../video/Player.module.css';
import { Still } from '../video/Still.tsx';
import { Announce } from './Announce.tsx';
import { Boards } from './Boards.tsx';
import classes from './Live.module.css';
import { type Stream, streamsQuery } from './queries.ts';
import { dateOf, FOR_WHOM, STATUSES } from './words.ts';

const WHICH = [
  { value: 'live', label: 'On air' },
  { value: 'scheduled', label: 'Announced' },
  { value: 'ended', label: 'Over' },
  { value: 'yours', label: 'Yours' },
] as const;
type Which = (typeof WHICH)[number]['value'];

const NOTHING: Record<Which, string> = {
  live: 'Nobody is on air just now.',
  scheduled: 'Nothing is announced.',
  ended: 'Nothing was over lately.',
  yours: 'You have announced no stream yet.',
};

/** Streams: who is on air, who will be, one's own; and the boards of who gave most. */
export default function Streams() {
  useTitle('Live');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const which = WHICH.find(({ value }) => value === params.get('which'))?.value ?? 'live';
  const [announcing, setAnnouncing] = useState(false);
  const read = useInfiniteQuery(
    streamsQuery(session, which === 'yours' ? { creator_id: session.user.id } : { status: which }),
  );
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="Which streams"
          value={which}
          onChange={(next) => setParams(next === 'live' ? {} : { which: next }, { replace: true })}
          data={[...WHICH]}
        />
        {!announcing && (
          <Button size="xs" onClick={() => setAnnouncing(true)}>
            Announce a stream
          </Button>
        )}
      </Group>
      {announcing && <Announce onDone={() => setAnnouncing(false)} />}
      <FoundList read={read} what="the streams" nothing={NOTHING[which]}>
        {(streams) => (
          <ul className={videoClasses.grid} aria-label="Streams">
            {streams.map((stream) => (
              <li key={stream.id}>
                <Card stream={stream} />
              </li>
            ))}
          </ul>
        )}
      </FoundList>
      <Boards />
    </Stack>
  );
}

function Card({ stream: { id, title, creator, status, visibility, scheduled_at, category } }: { stream: Stream }) {
  const { label, colour } = STATUSES[status];
  return (
    <Link href={`/app/discover/live/${id}`} className={videoClasses.card} data-stream={id}>
      <Still id={id} />
      <div>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" fw={600} lineClamp={1}>
            {title}
          </Text>
          <Badge size="sm" color={colour} variant="light" className={classes.badge}>
            {label}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {creator.handle} · {category} · {FOR_WHOM[visibility]}
          {status === 'scheduled' && scheduled_at && ` · ${dateOf(scheduled_at)}`}
        </Text>
      </div>
    </Link>
  );
}
