import type { Client } from 'pg';
import { quantile } from '../clicks/numbers.ts';

/** How payments that were told of in a stretch of time were booked: how soon, and in which order. */
export type Booked = {
  payments: number;
  /** Of these, how many were not booked when the stretch was over, and how many never were. */
  waited: number;
  unbooked: number;
  /** From its receipt to its booking, in ms. */
  p50: number;
  p95: number;
  p99: number;
  most: number;
  /** The same middle of the first and of the last quarter: where bookings do not keep up, the second is far larger. */
  early: number;
  late: number;
  /** Booked later than one that came so much later than they did. */
  overtaken: number;
};

/** Of two payments that are told of within this, either may be booked first: they are told to workflows side by side. */
export const TOGETHER_MS = 100;

type Row = { received: number; booked: number | null };

/** By the inbox, which has both instants: of the API that stored it, and of whoever booked it. `from` and `to` in ms. */
export async function listBooked(client: Client, from: number, to: number): Promise<Booked> {
  const { rows } = await client.query<Row>(
    `SELECT extract(epoch FROM received_at)::float8 * 1000 AS received,
       extract(epoch FROM booked_at)::float8 * 1000 AS booked
     FROM inbox WHERE fact ->> 'kind' = 'captured' AND received_at >= to_timestamp($1 / 1000.0)
       AND received_at < to_timestamp($2 / 1000.0)
     ORDER BY received_at, id`,
    [from, to],
  );
  return bookedOf(rows, to);
}

function bookedOf(rows: readonly Row[], to: number): Booked {
  const waits = rows.flatMap(({ received, booked }) => (booked === null ? [] : [booked - received]));
  const sorted = (some: readonly number[]) => Float64Array.from(some).sort();
  const all = sorted(waits);
  const quarter = Math.ceil(waits.length / 4);
  return {
    payments: rows.length,
    waited: rows.filter(({ booked }) => booked === null || booked > to).length,
    unbooked: rows.length - waits.length,
    ...{ p50: quantile(all, 0.5), p95: quantile(all, 0.95), p99: quantile(all, 0.99), most: all.at(-1) ?? Number.NaN },
    early: quantile(sorted(waits.slice(0, quarter)), 0.5),
    late: quantile(sorted(waits.slice(-quarter)), 0.5),
    overtaken: countOvertaken(rows),
  };
}

/** From the last one back: when the first was booked of those that came clearly later. */
function countOvertaken(rows: readonly Row[]): number {
  let [overtaken, next, soonest] = [0, rows.length - 1, Number.POSITIVE_INFINITY];
  for (const { received, booked } of rows.toReversed()) {
    for (let later = rows[next]; later && later.received > received + TOGETHER_MS; later = rows[--next]) {
      soonest = Math.min(soonest, later.booked ?? Number.POSITIVE_INFINITY);
    }
    if ((booked ?? Number.POSITIVE_INFINITY) > soonest) overtaken += 1;
  }
  return overtaken;
}
