import { Alert, Anchor, Button, Group, List, Loader, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatAmount } from './amounts.ts';
import { AddDestination, Papers } from './Payee.tsx';
import { type AskedPayout, destinationsQuery, estimateQuery, papersQuery } from './payees.ts';

const WAITS: Readonly<Record<string, string>> = {
  pending: 'Your papers are on their way: you can go on at the provider’s page.',
  restricted: 'The provider asks for more before money is paid out to you.',
};

/** Money that leaves: papers, where to, how much, what arrives; then the case that it opens. */
export function Payout({ assets }: { assets: readonly string[] }) {
  const { session } = useSignedIn();
  const papers = useQuery(papersQuery(session));
  const places = useQuery(destinationsQuery(session));
  const [adding, setAdding] = useState(false);
  const error = papers.error ?? places.error;
  if (error)
    return <ReadFailure error={error} onRetry={() => void Promise.all([papers.refetch(), places.refetch()])} />;
  if (!papers.data || !places.data) return <Loader size="sm" aria-label="Reading where you are paid" />;
  const { status } = papers.data;
  if (status !== 'verified' && status !== 'under_review') return <Papers waits={WAITS[status] ?? null} />;
  if (adding || places.data.length === 0) return <AddDestination onDone={() => setAdding(false)} />;
  return (
    <Stack gap="xs">
      <Ask assets={assets} places={places.data.map(({ id, label, holder }) => ({ id, label, holder }))} />
      <Anchor component="button" type="button" size="xs" onClick={() => setAdding(true)} w="fit-content">
        Be paid somewhere else
      </Anchor>
    </Stack>
  );
}

type Place = { id: string; label: string; holder: string | null };

/** Long enough after the last key to be meant, in ms. */
const PAUSE = 300;

function Ask({ assets, places }: { assets: readonly string[]; places: readonly Place[] }) {
  const { session } = useSignedIn();
  const [asset, setAsset] = useState(assets.includes('INR') ? 'INR' : (assets[0] ?? 'INR'));
  const [amount, setAmount] = useState('');
  const [destination, setDestination] = useState(places[0]?.id ?? '');
  const whole = { amount: amount.trim(), asset, destination_id: destination };
  const filled = whole.amount === '' ? null : JSON.stringify(whole);
  const [settled] = useDebouncedValue(filled, PAUSE);
  // What was read for one that is being changed says nothing of the one that is asked for.
  const asked = settled === filled ? settled : null;
  const estimate = useQuery(estimateQuery(session, asked ? (JSON.parse(asked) as AskedPayout) : null));
  const send = useOneAtATime({
    mutationFn: ({ body, key }: { body: AskedPayout & { net: string }; key: string }) =>
      session.tandem.payouts.request(session.user.id, body, { idempotencyKey: key }),
    onSuccess: ({ payout }) => payout.id && openCase(payout.id),
  });
  const told = asked ? estimate.data : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!told || !asked) return;
    send.mutate({ body: { ...(JSON.parse(asked) as AskedPayout), net: told.net }, key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="Pay out">
      <Stack gap="xs">
        <Group gap="xs" align="end">
          <TextInput
            label="How much"
            value={amount}
            onChange={({ currentTarget }) => setAmount(currentTarget.value)}
            inputMode="decimal"
            autoComplete="off"
            required
            w={160}
          />
          <NativeSelect
            label="Of what"
            value={asset}
            onChange={({ currentTarget }) => setAsset(currentTarget.value)}
            data={[...assets]}
            w={110}
          />
          <NativeSelect
            label="Where to"
            value={destination}
            onChange={({ currentTarget }) => setDestination(currentTarget.value)}
            data={places.map(({ id, label, holder }) => ({ value: id, label: holder ? `${label}, ${holder}` : label }))}
          />
          <Button type="submit" loading={send.isPending} disabled={!told || told.blocked_by.length > 0}>
            Pay out
          </Button>
        </Group>
        {told && <Told estimate={told} />}
        <Failure error={asked ? estimate.error : null} />
        <Failure error={send.error} onRetry={send.again} />
      </Stack>
    </form>
  );
}

type Estimate = Awaited<ReturnType<NonNullable<ReturnType<typeof estimateQuery>['queryFn']>>>;

/** Who gets what, net of the fee, before it is asked for; or what is in the way. */
function Told({ estimate }: { estimate: Estimate }) {
  const { asset, net, fee, earliest_at, approval, blocked_by } = estimate;
  if (blocked_by.length > 0) {
    return (
      <Alert color="orange" variant="light" p="xs" role="status">
        <List size="sm">
          {blocked_by.map(({ error_code, message }) => (
            <List.Item key={`${error_code} ${message}`}>{message}</List.Item>
          ))}
        </List>
      </Alert>
    );
  }
  return (
    <Text size="sm" role="status" data-consequence>
      {formatAmount(net, asset)} arrive, after a fee of {formatAmount(fee, asset)}.{' '}
      {approval ? 'Staff looks at it first. ' : ''}
      You may take it back until {new Date(earliest_at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}.
    </Text>
  );
}
