import { Button, Card, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type Data, newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { balancesQuery, keys } from '../talk/queries.ts';
import { trimmed } from './depth.ts';
import { type Pair, tradingKey } from './queries.ts';

type Side = 'buy' | 'sell';
type Filled = { side: Side; type: 'limit' | 'market'; price: string; amount: string; key: string };

/** Places an order: which way, at what price or at the market's, and how much. */
export function Place({ pair, price, onPrice }: { pair: Pair; price: string; onPrice: (price: string) => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const [side, setSide] = useState<Side>('buy');
  const [type, setType] = useState<Filled['type']>('limit');
  const balances = useQuery(balancesQuery(session)).data;
  const pays = side === 'buy' ? pair.quote : pair.base;
  const place = useOneAtATime({
    mutationFn: ({ key, price: at, ...order }: Filled) =>
      session.tandem.orders.place(
        { pairId: pair.id, kind: 'spot', ...order, ...(at ? { price: at } : {}) },
        { idempotencyKey: key },
      ),
    onSuccess: () => {
      for (const queryKey of [tradingKey(session.user.id), keys.balances(session.user.id)])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const amount = String(new FormData(event.currentTarget).get('amount'));
    place.mutate({ side, type, price, amount, key: newIdempotencyKey() });
  };
  const problemOf = (field: string) => (place.error ? refusalOf(place.error).problemOf(field) : null);
  return (
    <Card withBorder padding="sm" component="section" aria-label="Place an order">
      <form onSubmit={submit} aria-label="An order">
        <Stack gap="xs">
          <Ways side={side} onSide={setSide} type={type} onType={setType} />
          <TextInput
            label={type === 'limit' ? `Price, ${pair.quote}` : `Worst price, ${pair.quote}`}
            description={`A multiple of ${trimmed(pair.tick)}`}
            inputMode="decimal"
            required
            value={price}
            onChange={({ currentTarget }) => onPrice(currentTarget.value)}
            error={problemOf('price')}
          />
          <TextInput
            name="amount"
            label={`Amount, ${pair.base}`}
            description={`A multiple of ${trimmed(pair.lot)}`}
            inputMode="decimal"
            required
            error={problemOf('amount')}
          />
          <Text size="xs" c="dimmed">
            You have {formatAmount(balances?.find(({ asset }) => asset === pays)?.available ?? '0', pays)}. What the
            order may need is set aside until it is over.
          </Text>
          <Failure error={place.error} onRetry={place.again} />
          <Button type="submit" color={side === 'buy' ? 'teal' : 'red'} loading={place.isPending}>
            {side === 'buy' ? `Buy ${pair.base}` : `Sell ${pair.base}`}
          </Button>
          {place.data && <Placed answer={place.data} />}
        </Stack>
      </form>
    </Card>
  );
}

function Placed({ answer: { order, fills } }: { answer: Data<'orders.place'> }) {
  const many = fills.length;
  const filled = order.kind === 'spot' ? order.filled : '0';
  return (
    <Text size="sm" role="status">
      {many === 0
        ? 'It lies in the book.'
        : `${trimmed(filled)} traded at once, in ${many} ${many === 1 ? 'part' : 'parts'}.`}
    </Text>
  );
}

type WaysProps = {
  side: Side;
  onSide: (side: Side) => void;
  type: Filled['type'];
  onType: (type: Filled['type']) => void;
};

/** Which way, and at whose price. */
function Ways({ side, onSide, type, onType }: WaysProps) {
  return (
    <Group grow>
      <SegmentedControl
        size="xs"
        aria-label="Which way"
        value={side}
        onChange={(next) => onSide(next as Side)}
        data={[
          { value: 'buy', label: 'Buy' },
          { value: 'sell', label: 'Sell' },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="At which price"
        value={type}
        onChange={(next) => onType(next as Filled['type'])}
        data={[
          { value: 'limit', label: 'Limit' },
          { value: 'market', label: 'Market' },
        ]}
      />
    </Group>
  );
}
