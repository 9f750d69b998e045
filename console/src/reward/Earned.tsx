import { Button, Card, Group, Table, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import classes from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { rewardsKey, rewardsQuery } from './queries.ts';

/** What one has of points, what came today and for what, and why something earned none. */
export function Earned() {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(rewardsQuery(session));
  const { tandem, user } = session;
  const day = useOneAtATime({
    mutationFn: (key: string) => tandem.rewards.trigger({ action: 'daily_login' }, { idempotencyKey: key }),
    onSettled: () => {
      for (const queryKey of [rewardsKey(user.id), keys.balances(user.id)])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const today = data?.history.some(
    ({ action, acted_at }) =>
      action === 'daily_login' && new Date(acted_at).toDateString() === new Date().toDateString(),
  );
  return (
    <section aria-label="What you earned">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="lg">
          What you earned
        </Title>
        {data && !today && (
          <Button size="xs" variant="default" loading={day.isPending} onClick={() => day.mutate(newIdempotencyKey())}>
            Say that you were here today
          </Button>
        )}
      </Group>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <Failure error={day.error} onRetry={day.again} />
      {data && (
        <>
          <Group gap="sm" component="dl" m={0} mb="sm" align="stretch">
            <Sum name="In your wallet" amount={data.balance} of="balance" />
            <Sum name="Today" amount={data.earned_today} of="today" />
            <Sum name="In all" amount={data.earned_in_all} of="all" />
            <Card withBorder padding="sm" miw={120}>
              <Text component="dt" size="xs" c="dimmed">
                Days in a row
              </Text>
              <Text component="dd" m={0} fw={650} fz="lg">
                {data.streak.days}
              </Text>
            </Card>
          </Group>
          {data.waiting > 0 && (
            <Text size="sm" c="dimmed">
              {data.waiting} more {data.waiting === 1 ? 'is' : 'are'} posted within seconds.
            </Text>
          )}
          {data.history.length > 0 && (
            <Table verticalSpacing={4} className={classes.table}>
              <Table.Tbody>
                {data.history.map(({ id, action, points, status, reason, acted_at }) => (
                  <Table.Tr key={id}>
                    <Table.Td>{words(action)}</Table.Td>
                    <Table.Td>
                      <Text size="xs" c="dimmed">
                        {reason
                          ? words(reason)
                          : status === 'waiting'
                            ? 'On its way'
                            : new Date(acted_at).toLocaleString()}
                      </Text>
                    </Table.Td>
                    <Table.Td ta="right" className={classes.amount}>
                      {status === 'granted' ? `+${formatAmount(points, 'LYK')}` : '—'}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </>
      )}
    </section>
  );
}

function Sum({ name, amount, of }: { name: string; amount: string; of: string }) {
  return (
    <Card withBorder padding="sm" miw={120} data-earned={of} data-amount={amount}>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} fw={650} fz="lg" className={classes.amount}>
        {formatAmount(amount, 'LYK')}
      </Text>
    </Card>
  );
}
