import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ReadFailure } from '../client/Failure.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { levelsOf, stairsOf, trimmed } from './depth.ts';
import { type Book as BookRead, bookQuery, type Pair } from './queries.ts';
import classes from './Trading.module.css';

const SHOWN = 10;

/** What is offered in a pair: asks above, bids below, each with all that lies before it as its bar. */
export function Book({ pair, onPrice }: { pair: Pair; onPrice: (price: string) => void }) {
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(bookQuery(session, pair.id));
  if (!data) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const most = Math.max(
    levelsOf(data.asks).at(SHOWN - 1)?.sum ?? 0,
    levelsOf(data.bids).at(SHOWN - 1)?.sum ?? 0,
    ...ends(data),
  );
  return (
    <figure className={classes.picture}>
      <table className={classes.book} aria-label="The book">
        <thead>
          <tr>
            <th scope="col">Price, {pair.quote}</th>
            <th scope="col">Amount, {pair.base}</th>
          </tr>
        </thead>
        <Side side={data.asks} name="asks" most={most} onPrice={onPrice} />
        <tbody className={classes.middle}>
          <tr>
            <td colSpan={2}>{pair.last ?? 'Nothing traded yet'}</td>
          </tr>
        </tbody>
        <Side side={data.bids} name="bids" most={most} onPrice={onPrice} />
      </table>
      {data.asks.length + data.bids.length === 0 && (
        <Text size="sm" c="dimmed" ta="center">
          Nobody offers anything. Place the first order.
        </Text>
      )}
    </figure>
  );
}

function ends({ asks, bids }: BookRead): number[] {
  return [asks, bids].map((side) => levelsOf(side.slice(0, SHOWN)).at(-1)?.sum ?? 0);
}

type SideProps = { side: BookRead['bids']; name: 'asks' | 'bids'; most: number; onPrice: (price: string) => void };

function Side({ side, name, most, onPrice }: SideProps) {
  const levels = levelsOf(side.slice(0, SHOWN));
  const rows = side.slice(0, SHOWN).map(([price, amount], at) => (
    <tr
      key={price}
      style={{ backgroundSize: `${(100 * (levels[at]?.sum ?? 0)) / (most || 1)}% 100%` }}
      data-level={price}
    >
      <td>
        <button type="button" className={classes.price} onClick={() => onPrice(price ?? '')}>
          {price}
        </button>
      </td>
      <td>{trimmed(amount ?? '')}</td>
    </tr>
  ));
  return <tbody className={classes[name]}>{name === 'asks' ? rows.toReversed() : rows}</tbody>;
}

/** What one would get down to each price, both ways from the middle. */
export function Depth({ pair }: { pair: Pair }) {
  const { session } = useSignedIn();
  const { data } = useQuery(bookQuery(session, pair.id));
  if (!data || data.bids.length + data.asks.length === 0) return null;
  const [bids, asks] = [levelsOf(data.bids), levelsOf(data.asks)];
  const stairs = stairsOf(bids, asks);
  const said = `${bids.at(-1)?.sum ?? 0} ${pair.base} is asked for down to ${data.bids.at(-1)?.[0] ?? 'nothing'}, ${asks.at(-1)?.sum ?? 0} offered up to ${data.asks.at(-1)?.[0] ?? 'nothing'}`;
  return (
    <figure className={classes.picture}>
      <figcaption className={classes.caption}>Depth</figcaption>
      <svg viewBox="0 0 100 100" height={130} preserveAspectRatio="none" role="img" aria-label={`Depth: ${said}`}>
        <path d={stairs.bids} className={classes.bid} vectorEffect="non-scaling-stroke" />
        <path d={stairs.asks} className={classes.ask} vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  );
}
