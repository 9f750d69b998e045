import { SegmentedControl, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { trimmed } from './depth.ts';
import { type Candle, candlesQuery, type Interval, type Pair } from './queries.ts';
import classes from './Trading.module.css';

const INTERVALS: Interval[] = ['1m', '15m', '1h', '1d'];
const WIDTH = 12;
const HEIGHT = 180;

/** Prices by stretches of time: where each began and ended, and how far it went. */
export function Candles({ pair }: { pair: Pair }) {
  const { session } = useSignedIn();
  const [interval, setInterval] = useState<Interval>('1m');
  const { data, error, refetch } = useQuery(candlesQuery(session, pair.id, interval));
  return (
    <figure className={classes.picture}>
      <figcaption className={classes.caption}>
        <span>Prices</span>
        <SegmentedControl
          size="xs"
          aria-label="How long a stretch is"
          value={interval}
          onChange={(next) => setInterval(next as Interval)}
          data={INTERVALS}
        />
      </figcaption>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {data?.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" py="xl">
          Nothing was traded yet.
        </Text>
      )}
      {data && data.length > 0 && <Picture candles={data} quote={pair.quote} />}
    </figure>
  );
}

function Picture({ candles, quote }: { candles: readonly Candle[]; quote: string }) {
  const low = Math.min(...candles.map((each) => Number(each.low)));
  const high = Math.max(...candles.map((each) => Number(each.high)));
  const y = (price: string) =>
    high === low ? HEIGHT / 2 : 6 + ((HEIGHT - 12) * (high - Number(price))) / (high - low);
  // At the right, where the newest is, however few there are.
  const places = Math.max(candles.length, 40);
  const last = candles.at(-1);
  const said = `${candles.length} stretches from ${low} to ${high} ${quote}, the last at ${last?.close}`;
  return (
    <>
      <Text
        size="xs"
        c="dimmed"
        aria-hidden="true"
      >{`From ${trimmed(String(low))} to ${trimmed(String(high))} ${quote}, the last at ${trimmed(last?.close ?? '')}`}</Text>
      <svg
        viewBox={`0 0 ${places * WIDTH} ${HEIGHT}`}
        height={HEIGHT}
        preserveAspectRatio="none"
        role="img"
        aria-label={said}
      >
        {candles.map((candle, at) => {
          const x = (places - candles.length + at) * WIDTH;
          const top = Math.min(y(candle.open), y(candle.close));
          const tall = Math.max(3, Math.abs(y(candle.open) - y(candle.close)));
          return (
            <g key={candle.at} className={Number(candle.close) >= Number(candle.open) ? classes.up : classes.down}>
              <title>{`${new Date(candle.at).toLocaleString()}: ${candle.open} to ${candle.close}, ${candle.volume} traded`}</title>
              <line x1={x + WIDTH / 2} x2={x + WIDTH / 2} y1={y(candle.high)} y2={y(candle.low)} />
              <rect x={x + 2} y={top} width={WIDTH - 4} height={tall} />
            </g>
          );
        })}
      </svg>
    </>
  );
}
