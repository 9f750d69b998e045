import type { Client } from 'pg';

/** What was taken on and is not done yet: how much of it, and how long the oldest has waited, in ms. */
export type Waiting = Record<Name, { many: number; ms: number }>;

type Name = keyof typeof WAITING;

/**
 * Of each what waits, with since when. Rewards are gathered for ten seconds and payouts may
 * be taken back for one, which is no delay. */
const WAITING = {
  'workflows to be told': `SELECT stepped_at AS since FROM relays JOIN processes ON id = process_id WHERE behind`,
  'money to be moved': 'SELECT made_at AS since FROM promises WHERE moved_at IS NULL',
  'payouts to be paid': `SELECT created_at + '1 s'::interval AS since FROM payouts
    WHERE status IN ('reserved', 'due', 'asked', 'pending')`,
  'webhooks to be booked': 'SELECT received_at AS since FROM inbox WHERE booked_at IS NULL',
  'orders to be worked': 'SELECT given_at AS since FROM trading_commands WHERE n IS NULL',
  'rewards to be posted': `SELECT at AS since FROM reward_acts`,
  'news for other services': 'SELECT occurred_at AS since FROM publications WHERE published_at IS NULL',
} as const;
const NAMES = Object.keys(WAITING) as Name[];

const GATHERED_MS = 10_000;

const QUERY = NAMES.map(
  (name) =>
    `SELECT '${name}' AS name, count(*)::int AS many,
      coalesce(extract(epoch FROM clock_timestamp() - min(since)) * 1000, 0)::float8 AS ms FROM (${WAITING[name]}) AS waiting`,
).join(' UNION ALL ');

export async function lookAtBacklog(client: Client): Promise<Waiting> {
  const { rows } = await client.query<{ name: Name; many: number; ms: number }>(QUERY);
  return Object.fromEntries(
    rows.map(({ name, many, ms }) => {
      const late = name === 'rewards to be posted' ? ms - GATHERED_MS : ms;
      return [name, { many, ms: Math.max(0, late) }];
    }),
  ) as Waiting;
}

/** `publishes`: there is somebody who takes news for other services. */
const counted = (publishes: boolean) => NAMES.filter((name) => publishes || name !== 'news for other services');

/** What waits longest. */
export function longestOf(waiting: Waiting, publishes: boolean): { name: Name; many: number; ms: number } {
  return counted(publishes)
    .map((name) => ({ name, ...waiting[name] }))
    .reduce((one, other) => (other.ms > one.ms ? other : one));
}

export const isDone = (waiting: Waiting, publishes: boolean): boolean =>
  counted(publishes).every((name) => waiting[name].many === 0);
