import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';

const BOUGHT = ['TOKEN', 'CREDIT', 'INR', 'USD'] as const;
type Bought = (typeof BOUGHT)[number];

/** Buys something of ours, or pays money in: it goes on at the case that it opens, which has the way to the checkout. */
export function TopUp() {
  const { session } = useSignedIn();
  const buy = useOneAtATime({
    mutationFn: ({ asset, amount, key }: { asset: Bought; amount: string; key: string }) =>
      session.tandem.wallets.topUp({ asset, amount }, undefined, { idempotencyKey: key }),
    onSuccess: ({ top_up }) => top_up.id && openCase(top_up.id),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    buy.mutate({
      asset: form.get('asset') as Bought,
      amount: String(form.get('amount')),
      key: newIdempotencyKey(),
    });
  };
  return (
    <form onSubmit={submit} aria-label="Top up">
      <Group gap="xs" align="end">
        <TextInput
          name="amount"
          label="How much"
          defaultValue="500"
          inputMode="decimal"
          autoComplete="off"
          required
          w={160}
          error={buy.error ? refusalOf(buy.error).problemOf('amount') : null}
        />
        <NativeSelect name="asset" label="Of what" data={[...BOUGHT]} w={110} />
        <Button type="submit" loading={buy.isPending}>
          Top up
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        You see the price and pay it at the provider’s page; what you bought is here as soon as it is paid.
      </Text>
      <Failure error={buy.error} onRetry={buy.again} />
    </form>
  );
}
