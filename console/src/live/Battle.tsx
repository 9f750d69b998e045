import { Anchor, Button, Card, Group, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Link } from 'wouter';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { caseHref } from '../door/where.ts';
import { Countdown } from '../machine/Countdown.tsx';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Battle.module.css';
import { type State, stateKey } from './queries.ts';

type Running = NonNullable<State['battle']>;

/** Two creators against each other: a vote and a token are a point each, and one votes once. */
export function Battle({ battle, streamId }: { battle: Running; streamId: string }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const { id, challenger, opponent, stake, deadline, started_at, my_vote } = battle;
  const vote = useOneAtATime({
    mutationFn: ({ participantId, key }: { participantId: string; key: string }) =>
      tandem.battles.vote(id, { participantId }, { idempotencyKey: key }),
    onSettled: () => queries.invalidateQueries({ queryKey: stateKey(user.id, streamId) }),
  });
  const both = challenger.points + opponent.points;
  const fights = [challenger.id, opponent.id].includes(user.id);
  return (
    <Card withBorder padding="sm" component="section" aria-label="Battle" data-battle={id}>
      <Group justify="space-between" wrap="nowrap" align="start">
        <div>
          <Title order={3} fz="sm">
            {challenger.handle} against {opponent.handle}
          </Title>
          <Text size="xs" c="dimmed">
            {stake
              ? `Each has put up ${formatAmount(stake.amount, stake.asset)}: whoever has more points gets both.`
              : 'A vote is a point, and so is a token in a gift.'}
          </Text>
        </div>
        {deadline && <Countdown deadline={deadline} since={started_at} />}
      </Group>
      <div className={classes.bar} aria-hidden="true">
        <span style={{ width: `${both > 0 ? (100 * challenger.points) / both : 50}%` }} />
      </div>
      <div className={classes.sides}>
        {[challenger, opponent].map((side) => (
          <div key={side.id} data-side={side.handle} data-points={side.points}>
            <Text fw={650}>
              {side.points.toLocaleString('en-IN')} {side.points === 1 ? 'point' : 'points'}
            </Text>
            {!fights && (
              <Button
                size="xs"
                variant={my_vote === side.id ? 'filled' : 'default'}
                aria-pressed={my_vote === side.id}
                disabled={my_vote !== null}
                loading={vote.isPending && vote.variables.participantId === side.id}
                onClick={() => vote.mutate({ participantId: side.id, key: newIdempotencyKey() })}
              >
                {my_vote === side.id ? `You voted for ${side.handle}` : `Vote for ${side.handle}`}
              </Button>
            )}
          </div>
        ))}
      </div>
      {fights && (
        <Anchor component={Link} href={caseHref(id)} size="xs">
          Its case
        </Anchor>
      )}
      <Failure error={vote.error} onRetry={vote.again} />
    </Card>
  );
}
