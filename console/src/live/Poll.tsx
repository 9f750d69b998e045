import { Anchor, Card, Group, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { CSSProperties } from 'react';
import { Link } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { caseHref } from '../door/where.ts';
import { Countdown } from '../machine/Countdown.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Poll.module.css';
import type { Stream } from './queries.ts';
import { type Poll as Asked, pollKey, pollQuery } from './together.ts';

/** The poll that is open, to vote in while it is; afterwards how it came out. */
export function Poll({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { data: poll, error, refetch } = useQuery(pollQuery(session, stream.id));
  if (!poll) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  return <Shown poll={poll} own={stream.creator.id === session.user.id} />;
}

function Shown({ poll, own }: { poll: Asked; own: boolean }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const { id, stream_id, question, options, status, counts, total, my_vote, closes_at, created_at } = poll;
  const vote = useOneAtATime({
    // The last vote counts, so the same once more changes nothing.
    mutationFn: (option: number) => tandem.polls.vote(stream_id, id, { option }),
    onSettled: () => queries.invalidateQueries({ queryKey: pollKey(user.id, stream_id) }),
  });
  const open = status === 'open';
  // What was pressed is shown as pressed at once.
  const chosen = vote.isPending ? vote.variables : my_vote;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Poll" data-poll={status}>
      <Group justify="space-between" wrap="nowrap" align="start" mb="xs">
        <div>
          <Title order={3} fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {question}
          </Title>
          <Text size="xs" c="dimmed" data-votes={total}>
            {open ? 'Vote, or change your vote, while it is open' : 'It is over'}: {total}{' '}
            {total === 1 ? 'vote' : 'votes'}
          </Text>
        </div>
        {open && <Countdown deadline={closes_at} since={created_at} />}
      </Group>
      <ul className={classes.options}>
        {options.map((option, n) => {
          const votes = counts[n] ?? 0;
          return (
            <li key={option}>
              <button
                type="button"
                className={classes.option}
                style={{ '--share': `${total > 0 ? (100 * votes) / total : 0}%` } as CSSProperties}
                aria-pressed={chosen === n}
                disabled={!open}
                data-option={n}
                data-count={votes}
                onClick={() => vote.mutate(n)}
              >
                <span>{option}</span>
                <span>
                  {votes}
                  {total > 0 && `, ${Math.round((100 * votes) / total)} %`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <Failure error={vote.error} onRetry={vote.again} />
      {own && (
        <Anchor component={Link} href={caseHref(id)} size="xs" display="block" mt={6}>
          {open ? 'Its case, to end it sooner' : 'Its case'}
        </Anchor>
      )}
    </Card>
  );
}
