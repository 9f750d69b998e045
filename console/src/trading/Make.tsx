import { Button, Card, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type Pair, tradingKey } from './queries.ts';

type Filled = {
  side: 'buy' | 'sell';
  price: string;
  amount: string;
  min: string;
  method: string;
  details: string;
  key: string;
};

/** Makes an offer: how much, at what price, and how it is to be paid. */
export function Make({ pair, onDone }: { pair: Pair; onDone: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const make = useOneAtATime({
    mutationFn: ({ key, method, details, ...offer }: Filled) =>
      session.tandem.orders.place(
        {
          ...{ pairId: pair.id, kind: 'p2p', type: 'limit', ...offer, paymentMethods: [method] },
          ...(details ? { paymentDetails: details } : {}),
        },
        { idempotencyKey: key },
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: tradingKey(session.user.id) });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.currentTarget)) as Omit<Filled, 'key'>;
    make.mutate({ ...given, key: newIdempotencyKey() });
  };
  const problemOf = (field: string) => (make.error ? refusalOf(make.error).problemOf(field) : null);
  return (
    <Card withBorder padding="sm" mb="xs" component="section" aria-label="Make an offer">
      <form onSubmit={submit}>
        <Stack gap="xs">
          <Group grow align="start">
            <NativeSelect
              name="side"
              label="You"
              data={[
                { value: 'sell', label: `sell ${pair.base}` },
                { value: 'buy', label: `buy ${pair.base}` },
              ]}
            />
            <TextInput name="price" label={`At, ${pair.quote}`} required error={problemOf('price')} />
          </Group>
          <Group grow align="start">
            <TextInput name="amount" label="In all" required error={problemOf('amount')} />
            <TextInput name="min" label="At once, at least" required error={problemOf('min')} />
          </Group>
          <Group grow align="start">
            <TextInput name="method" label="Paid by" defaultValue="UPI" required error={problemOf('paymentMethods')} />
            <TextInput
              name="details"
              label="Where to, where you sell"
              placeholder="you@bank"
              error={problemOf('paymentDetails')}
            />
          </Group>
          <Failure error={make.error} onRetry={make.again} />
          <Group gap="xs">
            <Button type="submit" size="xs" loading={make.isPending}>
              Offer it
            </Button>
            <Button variant="default" size="xs" onClick={onDone}>
              Not now
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
