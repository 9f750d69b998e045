import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { trimmed } from './depth.ts';
import { Make } from './Make.tsx';
import { type Offer, offersQuery, type Pair, tradingKey } from './queries.ts';

/** What is offered to be paid for outside; taking a part of it opens a trade, with the seller's asset in escrow. */
export function Offers({ pair }: { pair: Pair }) {
  const { session } = useSignedIn();
  const [making, setMaking] = useState(false);
  const { data, error, refetch } = useQuery(offersQuery(session, pair.id));
  return (
    <section aria-label="Offers">
      <Group justify="space-between" mb="xs">
        <Title order={3} fz="md">
          Paid for outside, held in escrow
        </Title>
        {!making && (
          <Button size="xs" variant="default" onClick={() => setMaking(true)}>
            Make an offer
          </Button>
        )}
      </Group>
      {making && <Make pair={pair} onDone={() => setMaking(false)} />}
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody offers anything to be paid for outside.
        </Text>
      )}
      <Stack gap="xs">
        {data?.map((offer) => (
          <OfferCard key={offer.id} pair={pair} offer={offer} />
        ))}
      </Stack>
    </section>
  );
}

function OfferCard({ pair, offer }: { pair: Pair; offer: Offer }) {
  const { session } = useSignedIn();
  const { id, side, price, remaining, min, max, paymentMethods, makerId, marginBps } = offer;
  const own = makerId === session.user.id;
  const what = `${side === 'sell' ? 'Sells' : 'Buys'} ${trimmed(remaining)} ${pair.base}`;
  return (
    <Card withBorder padding="sm" component="article" aria-label={what} data-offer={id}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {what} at {price ?? 'a price that nobody knows now'} {price && pair.quote}
          {marginBps !== null && ` (${marginBps / 100} % from the feeds)`}
        </Text>
        {own && (
          <Text size="xs" c="dimmed">
            Yours
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {trimmed(min)} to {trimmed(max)} at once, by {paymentMethods.join(' or ')}
      </Text>
      {!own && price !== null && <Take pair={pair} offer={offer} />}
    </Card>
  );
}

type Taken = { amount: string; payment_method: string; price?: string; payment_details?: string; key: string };

function Take({ pair, offer }: { pair: Pair; offer: Offer }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const take = useOneAtATime({
    mutationFn: ({ key, ...asked }: Taken) => session.tandem.offers.take(offer.id, asked, { idempotencyKey: key }),
    // Where it costs something else by now, that is what is shown next.
    onError: () => void queries.invalidateQueries({ queryKey: tradingKey(session.user.id) }),
    onSuccess: ({ transaction }) => {
      void queries.invalidateQueries({ queryKey: tradingKey(session.user.id) });
      openCase(transaction.id);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const details = String(given.get('details') ?? '');
    take.mutate({
      amount: String(given.get('amount')),
      payment_method: offer.paymentMethods[0] as string,
      ...(offer.price !== null && { price: offer.price }),
      ...(details !== '' && { payment_details: details }),
      key: newIdempotencyKey(),
    });
  };
  return (
    <form onSubmit={submit} aria-label="Take a part of it">
      <Group gap="xs" mt="xs" align="end">
        <TextInput
          name="amount"
          size="xs"
          label={`How much, ${pair.base}`}
          defaultValue={trimmed(offer.min)}
          inputMode="decimal"
          required
          w={160}
        />
        {offer.side === 'buy' && (
          <TextInput name="details" size="xs" label="Where you are paid" placeholder="you@bank" w={160} />
        )}
        <Button type="submit" size="xs" loading={take.isPending}>
          {offer.side === 'sell' ? 'Buy it' : 'Sell it'}, in escrow
        </Button>
      </Group>
      <Failure error={take.error} onRetry={take.again} />
    </form>
  );
}
