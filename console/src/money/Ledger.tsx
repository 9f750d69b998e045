import { Group, Table, Text, VisuallyHidden } from '@mantine/core';
import type { Entry } from '../case/queries.ts';
import { words } from '../machine/words.ts';
import { formatSigned } from './amounts.ts';
import classes from './Ledger.module.css';
import { totalsOf, transfersOf } from './transfers.ts';

/** What a case moved: each transfer with its legs, newest first, and what every account has of it. */
export function Ledger({ entries }: { entries: readonly Entry[] }) {
  if (entries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No money has moved yet. Entries appear here as it does.
      </Text>
    );
  }
  return (
    <>
      <Group gap="lg" mb="xs" component="dl" m={0}>
        {totalsOf(entries)
          // What the world outside has paid in is what the others have.
          .filter(({ account }) => account !== 'external')
          .map(({ account, asset, amount }) => (
            <div key={`${account} ${asset}`} data-account={account}>
              <Text component="dt" size="xs" c="dimmed">
                {words(account)}
              </Text>
              <Text component="dd" m={0} fw={600} className={classes.amount}>
                {formatSigned(amount, asset, '')}
              </Text>
            </div>
          ))}
      </Group>
      <Table verticalSpacing={3} horizontalSpacing="xs" className={classes.table}>
        <Table.Caption>
          <VisuallyHidden>Transfers of this case, newest first</VisuallyHidden>
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">What moved</Table.Th>
            <Table.Th scope="col">Account</Table.Th>
            <Table.Th scope="col" ta="right">
              Amount
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        {transfersOf(entries)
          .toReversed()
          .map(({ id, reason, at, legs }) => (
            <Table.Tbody key={id} className={classes.transfer}>
              {legs.map((leg, index) => (
                <Table.Tr key={leg.id}>
                  {index === 0 && (
                    <Table.Th scope="rowgroup" rowSpan={legs.length} className={classes.reason}>
                      {words(reason)}
                      <Text component="time" dateTime={at} size="xs" c="dimmed" display="block" fw={400}>
                        {new Date(at).toLocaleTimeString()}
                      </Text>
                    </Table.Th>
                  )}
                  <Table.Td>{words(leg.account)}</Table.Td>
                  <Table.Td ta="right" className={classes.amount} data-taken={leg.amount.startsWith('-') || undefined}>
                    {formatSigned(leg.amount, leg.asset)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          ))}
      </Table>
    </>
  );
}
