import { Anchor, Button, Card, Group, NativeSelect, Stack, Table, Tabs, Text, TextInput, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Link, useSearchParams } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { useTitle } from '../door/useTitle.ts';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { useDemo } from '../session/demo.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { balancesQuery, keys } from '../talk/queries.ts';
import { formatAmount } from './amounts.ts';
import classes from './Ledger.module.css';
import { Payout } from './Payout.tsx';
import { statementKey, statementQuery } from './queries.ts';
import { TopUp } from './TopUp.tsx';

/** One's money: what there is of each asset, and what came and went, each line with the case that it is of. */
export default function MoneyRoom() {
  useTitle('Money');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const asset = params.get('asset') ?? '';
  const way = params.get('way') ?? 'in';
  const change = (part: { asset?: string; way?: string }) => {
    const next = Object.entries({ asset, way: way === 'in' ? '' : way, ...part }).filter(([, value]) => value !== '');
    setParams(new URLSearchParams(next as [string, string][]));
  };
  const { data: balances, error, refetch } = useQuery(balancesQuery(session));
  const sandbox = (useDemo().data?.accounts.length ?? 0) > 0;
  return (
    <Stack gap="md">
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <Group gap="sm" component="dl" m={0} align="stretch">
        {balances?.map(({ asset: of, available, held }) => (
          <Card key={of} withBorder padding="sm" data-asset={of} miw={150}>
            <Text component="dt" size="xs" c="dimmed">
              {of}
            </Text>
            <Text component="dd" m={0} fw={650} fz="lg" className={classes.amount}>
              {formatAmount(available, of)}
            </Text>
            {Number(held) > 0 && (
              <Text component="dd" m={0} size="xs" c="dimmed">
                and {formatAmount(held, of)} held
              </Text>
            )}
          </Card>
        ))}
      </Group>
      <section aria-label="Money in and out">
        <Tabs value={way} onChange={(next) => change({ way: next === 'in' ? '' : (next ?? '') })} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="in">Top up</Tabs.Tab>
            <Tabs.Tab value="out">Pay out</Tabs.Tab>
            {sandbox && <Tabs.Tab value="try">To try things with</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="in" pt="sm">
            <TopUp />
          </Tabs.Panel>
          <Tabs.Panel value="out" pt="sm">
            <Payout assets={(balances ?? []).map((each) => each.asset)} />
          </Tabs.Panel>
          <Tabs.Panel value="try" pt="sm">
            <Faucet />
          </Tabs.Panel>
        </Tabs>
      </section>
      <section aria-label="Statement">
        <Group justify="space-between" align="end" mb="xs">
          <Title order={2} fz="lg">
            Statement
          </Title>
          <NativeSelect
            aria-label="Which asset"
            size="xs"
            value={asset}
            onChange={({ currentTarget }) => change({ asset: currentTarget.value })}
            data={[{ value: '', label: 'All assets' }, ...(balances ?? []).map((each) => each.asset)]}
          />
        </Group>
        <Statement asset={asset} />
      </section>
    </Stack>
  );
}

function Statement({ asset }: { asset: string }) {
  const { session } = useSignedIn();
  const read = useInfiniteQuery(statementQuery(session, asset));
  return (
    <FoundList read={read} what="the statement" nothing="Nothing has come or gone yet.">
      {(lines) => (
        <Wide name="Lines of the statement">
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">When</Table.Th>
                <Table.Th scope="col">What</Table.Th>
                <Table.Th scope="col" ta="right">
                  Amount
                </Table.Th>
                <Table.Th scope="col" ta="right">
                  After it
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map((line) => (
                <Table.Tr key={line.id}>
                  <Table.Td>
                    <time dateTime={line.occurred_at}>
                      {new Date(line.occurred_at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}
                    </time>
                  </Table.Td>
                  <Table.Td>
                    {line.conversation_id ? (
                      <Anchor component={Link} href={caseHref(line.conversation_id)} size="sm">
                        {words(line.kind)}
                      </Anchor>
                    ) : (
                      words(line.kind)
                    )}
                    {line.account === 'hold' && ' (held)'}
                  </Table.Td>
                  <Table.Td ta="right" className={classes.amount}>
                    {line.amount.startsWith('-') ? '−' : '+'}
                    {formatAmount(line.amount.replace('-', ''), line.asset)}
                  </Table.Td>
                  <Table.Td ta="right" className={classes.amount}>
                    {formatAmount(line.balance_after, line.asset)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
    </FoundList>
  );
}

/** Money to try things with. */
function Faucet() {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const pour = useOneAtATime({
    mutationFn: ({ asset, amount, key }: { asset: string; amount: string; key: string }) =>
      session.tandem.faucet.pour({ asset: asset as 'INR', amount }, undefined, { idempotencyKey: key }),
    onSuccess: () => {
      for (const queryKey of [keys.balances(session.user.id), statementKey(session.user.id)])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    pour.mutate({ asset: String(form.get('asset')), amount: String(form.get('amount')), key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="The sandbox’s faucet">
      <Group gap="xs" align="end">
        <TextInput
          name="amount"
          label="Money to try things with"
          defaultValue="1000"
          inputMode="decimal"
          required
          w={220}
          error={pour.error ? refusalOf(pour.error).problemOf('amount') : null}
        />
        <NativeSelect
          name="asset"
          aria-label="Of which asset"
          data={['INR', 'USD', 'CREDIT', 'TOKEN', 'LYK', 'USDT', 'BTC', 'ETH']}
        />
        <Button type="submit" variant="default" loading={pour.isPending}>
          Pour
        </Button>
      </Group>
      <Failure error={pour.error} onRetry={pour.again} />
    </form>
  );
}
