import { Badge, Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Data } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSeats } from '../session/seats.tsx';
import { openApi } from '../session/session.ts';
import classes from './Break.module.css';

type PartState = Data<'parts.list'>[number];
type Name = PartState['name'];

/** So often it is looked at how they are, in ms: a restart takes a second or two. */
const LOOK = 400;

const WITHOUT: Record<Name, string> = {
  api: 'Answers clicks and holds the sockets. What was clicked without an answer is tried again, and done once.',
  worker: 'Carries out what was promised. Clicks are answered without it, and what follows waits.',
  temporal: 'Keeps the promises. Clicks are answered without it, and deadlines are caught up with.',
  postgres: 'Holds the facts. Nothing is answered without it, and nothing that was is lost.',
  redis: 'Rings the bells. Without it the other side sees things a little later.',
  rabbitmq: 'Tells other services. What they are to hear waits.',
};

const STATES: Record<PartState['state'], { label: string; color: string }> = {
  runs: { label: 'Runs', color: 'teal' },
  starting: { label: 'Coming back', color: 'orange' },
  away: { label: 'Away', color: 'red' },
};

/** Every part that runs here with what it is for; a press kills it, and one sees it come back. */
export default function Parts() {
  const { sessions } = useSeats();
  const session = sessions.brand_owner ?? sessions.influencer;
  const [broken, setBroken] = useState<Name | null>(null);
  const { data, isError } = useQuery({
    queryKey: ['parts'],
    queryFn: () => openApi.parts.list(),
    refetchInterval: LOOK,
    retry: false,
  });
  const kill = useOneAtATime({
    mutationFn: (name: Name) => {
      setBroken(name);
      return session ? session.tandem.parts.break(name) : Promise.resolve(null);
    },
  });
  if (data?.length === 0)
    return (
      <Text size="sm" c="dimmed" p="sm">
        Nobody here starts parts again: this is for what `npm start` runs.
      </Text>
    );
  // Whoever tells of the others is one of them.
  const shown = data?.map((part) => (part.name === 'api' && isError ? { ...part, state: 'away' as const } : part));
  return (
    <>
      <ul className={classes.parts} aria-label="Parts" aria-live="polite">
        {shown?.map(({ name, state, ended }) => (
          <li key={name} data-part-name={name} data-state={state}>
            <div>
              <Text size="sm" fw={600}>
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                {WITHOUT[name]}
              </Text>
            </div>
            <Badge variant="light" tt="none" color={STATES[state].color} data-ended={ended}>
              {STATES[state].label}
              {state === 'runs' && broken === name && ended > 0 && ' again'}
            </Badge>
            <Button
              size="xs"
              variant="default"
              aria-label={`Break ${name}`}
              disabled={!session || state !== 'runs' || kill.isPending}
              onClick={() => kill.mutate(name)}
            >
              Break
            </Button>
          </li>
        ))}
      </ul>
      {!session && (
        <Text size="xs" c="dimmed" p="sm">
          Sign in on one side first.
        </Text>
      )}
      <Failure error={kill.error} onRetry={kill.again} />
    </>
  );
}
