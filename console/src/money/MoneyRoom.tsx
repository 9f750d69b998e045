import { Card, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useDemo } from '../session/demo.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { balancesQuery } from '../talk/queries.ts';
import { formatAmount } from './amounts.ts';
import { Faucet } from './Faucet.tsx';
import { Invoices } from './Invoices.tsx';
import classes from './Ledger.module.css';
import { Payout } from './Payout.tsx';
import { Payouts } from './Payouts.tsx';
import { Statement } from './Statement.tsx';
import { TopUp } from './TopUp.tsx';

/** One's money: what there is of each asset, the ways in and out, what came and went, and the papers of it. */
export default function MoneyRoom() {
  useTitle('Money');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const way = params.get('way') ?? 'in';
  const part = params.get('part') ?? 'statement';
  const change = (name: string, value: string | null, first: string) =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === null || value === first) next.delete(name);
      else next.set(name, value);
      return next;
    });
  const { data: balances, error, refetch } = useQuery(balancesQuery(session));
  const sandbox = (useDemo().data?.accounts.length ?? 0) > 0;
  const assets = (balances ?? []).map(({ asset }) => asset);
  return (
    <Stack gap="md">
      <Title order={2} fz="lg">
        Money
      </Title>
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
        <Tabs value={way} onChange={(next) => change('way', next, 'in')} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="in">Top up</Tabs.Tab>
            <Tabs.Tab value="out">Pay out</Tabs.Tab>
            {sandbox && <Tabs.Tab value="try">To try things with</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="in" pt="sm">
            <TopUp />
          </Tabs.Panel>
          <Tabs.Panel value="out" pt="sm">
            <Payout assets={assets} />
          </Tabs.Panel>
          <Tabs.Panel value="try" pt="sm">
            <Faucet />
          </Tabs.Panel>
        </Tabs>
      </section>
      <section aria-label="What came and went">
        <Tabs value={part} onChange={(next) => change('part', next, 'statement')} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="statement">Statement</Tabs.Tab>
            <Tabs.Tab value="invoices">Invoices</Tabs.Tab>
            <Tabs.Tab value="payouts">Payouts</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="statement" pt="sm">
            <Statement assets={assets} />
          </Tabs.Panel>
          <Tabs.Panel value="invoices" pt="sm">
            <Invoices />
          </Tabs.Panel>
          <Tabs.Panel value="payouts" pt="sm">
            <Payouts />
          </Tabs.Panel>
        </Tabs>
      </section>
    </Stack>
  );
}
