import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatAmount } from './amounts.ts';
import { type AskedTopUp, topUpPriceQuery } from './queries.ts';

const BOUGHT: AskedTopUp['asset'][] = ['TOKEN', 'CREDIT', 'INR', 'USD'];
/** Long enough after the last key to be meant, in ms. */
const PAUSE = 300;

/** Buys something of ours, or pays money in: it goes on at the case that it opens, which has the way to the checkout. */
export function TopUp() {
  const { session } = useSignedIn();
  const [asset, setAsset] = useState<AskedTopUp['asset']>('TOKEN');
  const [typed, setTyped] = useState('500');
  const [amount] = useDebouncedValue(typed.trim(), PAUSE);
  const price = useQuery(topUpPriceQuery(session, { asset, amount }));
  // What was read for an amount that is being changed says nothing of the one that is bought.
  const told = typed.trim() === amount ? price : null;
  const buy = useOneAtATime({
    mutationFn: ({ key, ...asked }: AskedTopUp & { key: string }) =>
      session.tandem.wallets.topUp(asked, { idempotencyKey: key }),
    onSuccess: ({ top_up }) => top_up.id && openCase(top_up.id),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    buy.mutate({ asset, amount: typed.trim(), key: newIdempotencyKey() });
  };
  const error = buy.error ?? told?.error;
  return (
    <form onSubmit={submit} aria-label="Top up">
      <Group gap="xs" align="end">
        <TextInput
          label="How much"
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          inputMode="decimal"
          autoComplete="off"
          required
          w={160}
          error={error ? refusalOf(error).problemOf('amount') : null}
        />
        <NativeSelect
          label="Of what"
          value={asset}
          onChange={({ currentTarget }) => setAsset(currentTarget.value as AskedTopUp['asset'])}
          data={BOUGHT}
          w={110}
        />
        <Button type="submit" loading={buy.isPending}>
          Top up
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4} role="status" data-consequence>
        {told?.data
          ? `You pay ${formatAmount(told.data.price, told.data.currency)} at the provider’s page; ${formatAmount(told.data.amount, asset)} are yours as soon as it is paid.`
          : 'You pay at the provider’s page; what you bought is here as soon as it is paid.'}
      </Text>
      <Failure error={buy.error} onRetry={buy.again} />
    </form>
  );
}
