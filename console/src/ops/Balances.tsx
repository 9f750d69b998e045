import { Anchor, Loader, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { Wide } from '../door/FoundList.tsx';
import { words } from '../machine/words.ts';
import { formatSigned } from '../money/amounts.ts';
import classes from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { bookBalancesQuery } from './books.ts';

/** What accounts of each kind hold together, asset by asset; each kind leads to its accounts. */
export function Balances() {
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(bookBalancesQuery(session));
  if (!data) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader size="sm" aria-label="Reading the balances" />
    );
  }
  const assets = [...new Set(data.map(({ asset }) => asset))];
  const kinds = [...new Set(data.map(({ kind }) => kind))].toSorted();
  const held = new Map(data.map((each) => [`${each.kind} ${each.asset}`, each.balance]));
  return (
    <Wide name="Balances by kind of account">
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Kind</Table.Th>
            {assets.map((asset) => (
              <Table.Th key={asset} scope="col" ta="right">
                {asset}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {kinds.map((kind) => (
            <Table.Tr key={kind} data-kind={kind}>
              <Table.Th scope="row" fw={400}>
                <Anchor
                  component={Link}
                  size="sm"
                  href={`/ops/money?part=accounts&q=${encodeURIComponent(`${kind}/`)}`}
                >
                  {words(kind)}
                </Anchor>
              </Table.Th>
              {assets.map((asset) => (
                <Table.Td key={asset} ta="right" className={classes.amount}>
                  {shown(held.get(`${kind} ${asset}`), asset)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

function shown(balance: string | undefined, asset: string): string {
  return balance === undefined ? '' : formatSigned(balance, asset, '');
}
