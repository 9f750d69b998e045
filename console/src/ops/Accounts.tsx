import { Anchor, Group, Stack, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { Search } from '../door/Search.tsx';
import { formatAmount } from '../money/amounts.ts';
import classes from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { accountsQuery } from './books.ts';

/** Every account of the ledger with what is in it; each leads to the transfers that moved it. */
export function Accounts() {
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const q = params.get('q') ?? '';
  const read = useInfiniteQuery(accountsQuery(session, q));
  return (
    <Stack gap="sm">
      <Group>
        <Search
          q={q}
          placeholder="A handle, or how its code begins: wallet/, escrow/, fee/"
          onSearch={(next) => setParams({ part: 'accounts', ...(next ? { q: next } : {}) }, { replace: true })}
        />
      </Group>
      <FoundList read={read} what="the accounts" nothing="There is no such account.">
        {(found) => (
          <Wide name="Accounts">
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">Account</Table.Th>
                  <Table.Th scope="col">Whose</Table.Th>
                  <Table.Th scope="col" ta="right">
                    Balance
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.map(({ id, code, owner, balance, asset }) => (
                  <Table.Tr key={id}>
                    <Table.Td>
                      <Anchor
                        component={Link}
                        size="sm"
                        href={`/ops/money?part=transfers&account=${id}`}
                        ff="monospace"
                      >
                        {code}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{owner && `@${owner}`}</Table.Td>
                    <Table.Td ta="right" className={classes.amount}>
                      {formatAmount(balance, asset)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </FoundList>
    </Stack>
  );
}
