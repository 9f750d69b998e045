import { Badge, Button, Table, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { Wide } from '../door/FoundList.tsx';
import { words } from '../machine/words.ts';
import classes from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { trimmed } from './depth.ts';
import { ordersQuery, type Pair, tradesQuery, tradingKey } from './queries.ts';

const OPEN = new Set(['open', 'partially_filled']);

/** One's own orders of a pair, newest first, each with how much of it was traded. */
export function Orders({ pair }: { pair: Pair }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(ordersQuery(session, pair.id));
  const cancel = useOneAtATime({
    mutationFn: (id: string) => session.tandem.orders.cancel(id, { idempotencyKey: newIdempotencyKey() }),
    onSettled: () => {
      for (const queryKey of [tradingKey(session.user.id), keys.balances(session.user.id)])
        void queries.invalidateQueries({ queryKey });
    },
  });
  return (
    <section aria-label="Your orders">
      <Title order={3} fz="md" mb="xs">
        Your orders
      </Title>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <Failure error={cancel.error} />
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          You have placed none here.
        </Text>
      )}
      {data && data.length > 0 && (
        <Wide name="Orders">
          <Table verticalSpacing={4} className={classes.table}>
            <Table.Tbody>
              {data.map(({ id, side, type, price, amount, filled, averagePrice, status }) => (
                <Table.Tr key={id} data-order={status}>
                  <Table.Td>{words(side)}</Table.Td>
                  <Table.Td className={classes.amount}>{type === 'market' ? `market, ${price}` : price}</Table.Td>
                  <Table.Td className={classes.amount}>
                    {trimmed(filled)} of {trimmed(amount)}
                    {averagePrice && ` at ${averagePrice}`}
                  </Table.Td>
                  <Table.Td>
                    <Badge size="sm" variant="light" tt="none" color={status === 'filled' ? 'teal' : 'gray'}>
                      {words(status)}
                    </Badge>
                  </Table.Td>
                  <Table.Td ta="right">
                    {OPEN.has(status) && (
                      <Button size="compact-xs" variant="default" onClick={() => cancel.mutate(id)}>
                        Cancel
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </section>
  );
}

/** What was traded, by whomever. */
export function Trades({ pair }: { pair: Pair }) {
  const { session } = useSignedIn();
  const { data } = useQuery(tradesQuery(session, pair.id));
  if (!data || data.length === 0) return null;
  return (
    <section aria-label="Traded">
      <Title order={3} fz="md" mb="xs">
        Traded
      </Title>
      <Table verticalSpacing={2} className={classes.table}>
        <Table.Tbody>
          {data.map(({ id, price, amount, side, at }) => (
            <Table.Tr key={id}>
              <Table.Td className={classes.amount} c={side === 'buy' ? 'teal' : 'red'}>
                {price}
              </Table.Td>
              <Table.Td className={classes.amount}>{trimmed(amount)}</Table.Td>
              <Table.Td ta="right">
                <time dateTime={at}>{new Date(at).toLocaleTimeString()}</time>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
