import { Anchor, Group, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatAmount } from './amounts.ts';
import classes from './Ledger.module.css';
import { type PayoutPage, payoutsQuery } from './queries.ts';

/** Money that left, newest first, each with its case and what it was earned from. */
export function Payouts() {
  const { session } = useSignedIn();
  const read = useInfiniteQuery(payoutsQuery(session));
  return (
    <section aria-label="Payouts">
      <FoundList read={read} what="the payouts" nothing="Nothing was paid out yet.">
        {(payouts) => (
          <Wide name="Your payouts">
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">When</Table.Th>
                  <Table.Th scope="col">Where to</Table.Th>
                  <Table.Th scope="col">Standing</Table.Th>
                  <Table.Th scope="col" ta="right">
                    Arrives
                  </Table.Th>
                  <Table.Th scope="col">Papers</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {payouts.map((payout) => (
                  <Row key={payout.id} payout={payout} />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </FoundList>
    </section>
  );
}

function Row({ payout: { id, created_at, destination, status, net, asset } }: { payout: PayoutPage['data'][number] }) {
  const paper = `/app/money/payouts/${id}`;
  return (
    <Table.Tr data-payout={status}>
      <Table.Td>
        <time dateTime={created_at}>
          {new Date(created_at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}
        </time>
      </Table.Td>
      <Table.Td>{destination.label}</Table.Td>
      <Table.Td>
        <Anchor component={Link} href={caseHref(id ?? '')} size="sm">
          {words(status)}
        </Anchor>
      </Table.Td>
      <Table.Td ta="right" className={classes.amount}>
        {formatAmount(net, asset)}
      </Table.Td>
      <Table.Td>
        {status === 'paid' || status === 'reversed' ? (
          <Group gap="sm">
            <Anchor component={Link} href={paper} size="sm">
              Statement
            </Anchor>
            {status === 'reversed' && (
              <Anchor component={Link} href={`${paper}?kind=came_back`} size="sm">
                Taken back
              </Anchor>
            )}
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Once it is paid
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
