import { Badge, Group, Loader, NativeSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Book, Depth } from './Book.tsx';
import { Candles } from './Candles.tsx';
import { trimmed } from './depth.ts';
import { Offers } from './Offers.tsx';
import { Orders, Trades } from './Orders.tsx';
import { Place } from './Place.tsx';
import { type Pair, pairsQuery } from './queries.ts';
import classes from './Trading.module.css';
import { useFollowed } from './useFollowed.ts';

/** A pair: its prices, its depth and its book, what one orders in it, and what others offer to be paid for outside. */
export default function Trading() {
  const { pair: named } = useParams();
  const { session } = useSignedIn();
  const { data: pairs, error, refetch } = useQuery(pairsQuery(session));
  const pair = pairs?.find(({ id }) => id === named) ?? pairs?.[0];
  useTitle(pair ? `${pair.base} for ${pair.quote}` : 'Trading');
  if (!pairs || !pair) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the pairs" />
    );
  }
  return (
    <Stack gap="md">
      <Ticker pair={pair} pairs={pairs} />
      <Board key={pair.id} pair={pair} />
    </Stack>
  );
}

function Ticker({ pair, pairs }: { pair: Pair; pairs: readonly Pair[] }) {
  return (
    <Group gap="md" align="end">
      <NativeSelect
        label="Pair"
        value={pair.id}
        onChange={({ currentTarget }) => navigate(`/app/discover/trading/${currentTarget.value}`)}
        data={pairs.map(({ id }) => id)}
      />
      <div>
        <Text size="xs" c="dimmed">
          Last
        </Text>
        <Text fw={650} fz="lg" data-last={pair.last ?? ''}>
          {pair.last ?? '—'}
        </Text>
      </div>
      <Small name="In a day" value={pair.change_24h === null ? '—' : `${pair.change_24h} %`} />
      <Small name="From, to" value={pair.low_24h === null ? '—' : `${pair.low_24h}, ${pair.high_24h}`} />
      <Small name={`Traded, ${pair.base}`} value={trimmed(pair.volume_24h)} />
      {pair.status !== 'trading' && <Badge color="orange">{words(pair.status)}</Badge>}
    </Group>
  );
}

function Small({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm">{value}</Text>
    </div>
  );
}

function Board({ pair }: { pair: Pair }) {
  useFollowed(pair.id);
  const [price, setPrice] = useState('');
  return (
    <div className={classes.board}>
      <div className={classes.pictures}>
        <Candles pair={pair} />
        <Depth pair={pair} />
        <Orders pair={pair} />
        <Offers pair={pair} />
      </div>
      <div className={classes.pictures}>
        <Book pair={pair} onPrice={setPrice} />
        <Place pair={pair} price={price} onPrice={setPrice} />
        <Trades pair={pair} />
      </div>
    </div>
  );
}
