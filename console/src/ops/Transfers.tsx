import { Anchor, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { FoundList } from '../door/FoundList.tsx';
import { Search } from '../door/Search.tsx';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { formatSigned } from '../money/amounts.ts';
import classes from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { type BookTransfer, transfersQuery } from './books.ts';

/** Whatever moved, each with all its legs; of one account, or by a key or a case. */
export function Transfers() {
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const [q, account] = [params.get('q') ?? '', params.get('account') ?? ''];
  const read = useInfiniteQuery(transfersQuery(session, { q, account }));
  return (
    <Stack gap="sm">
      <Group align="end" gap="sm">
        <Search
          q={q}
          placeholder="A transfer’s key, or a case’s id"
          onSearch={(next) =>
            setParams(
              { part: 'transfers', ...(account ? { account } : {}), ...(next ? { q: next } : {}) },
              { replace: true },
            )
          }
        />
        {account && (
          <Button variant="default" onClick={() => setParams({ part: 'transfers' })}>
            Of all accounts
          </Button>
        )}
      </Group>
      <FoundList read={read} what="the transfers" nothing="Nothing was moved so.">
        {(found) => found.map((transfer) => <Transfer key={transfer.id} transfer={transfer} order={2} />)}
      </FoundList>
    </Stack>
  );
}

/** `order`: of its heading, below whatever it stands under. */
export function Transfer({ transfer, order }: { transfer: BookTransfer; order: 2 | 4 }) {
  const { key, reason, process_id, occurred_at, legs } = transfer;
  return (
    <Card withBorder padding="sm" component="article" aria-label={words(reason)} data-transfer={key}>
      <Group justify="space-between" gap="xs">
        <Title order={order} fz="sm">
          {words(reason)}
        </Title>
        <Text component="time" dateTime={occurred_at} size="xs" c="dimmed">
          {new Date(occurred_at).toLocaleString()}
        </Text>
      </Group>
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {key}
        </Text>
        {process_id && (
          <Anchor component={Link} size="xs" href={caseHref(process_id)}>
            Its case
          </Anchor>
        )}
      </Group>
      <Table verticalSpacing={2} className={classes.table}>
        <Table.Tbody>
          {legs.map(({ account, account_id, asset, amount }) => (
            <Table.Tr key={`${account_id} ${amount}`}>
              <Table.Th scope="row" fw={400} ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                <Anchor component={Link} size="xs" href={`/ops/money?part=transfers&account=${account_id}`}>
                  {account}
                </Anchor>
              </Table.Th>
              <Table.Td ta="right" className={classes.amount}>
                {formatSigned(amount, asset)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
