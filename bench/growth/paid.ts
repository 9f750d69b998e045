import type { Client } from 'pg';
import { listBattles } from '#db/battle/battles.ts';
import { noteBattles } from '#db/battle/noting.ts';
import { battleOpening } from '#db/battle/opening.ts';
import { listSubscriptions, takeSubscribersChanged } from '#db/subscription/subscriptions.ts';
import { listTicketEvents } from '#db/ticketEvent/events.ts';
import { findTicketOf, listTickets, takeHoldersRefunded } from '#db/ticketEvent/tickets.ts';
import { type Hot, undone } from './asking.ts';
import { iso, opened, other, paid } from './rows.ts';
import { AGENCY, inPieces, type Size } from './size.ts';

/** Months of creators, events with their tickets, and battles: the data, and what is asked of it. */

/** Of ten people one is subscribed to. */
const CREATORS_OF = 10;
const PRICE = 5;
const SHARE = 4;
/** Of each event, and of each battle. */
const TICKETS = 10;
const VOTES = 10;

const subscriptionsOf = ({ open }: Size) => Math.ceil(open / 2);

export async function fillPaid(client: Client, size: Size, people: number): Promise<string> {
  await client.query(TIERS, [people]);
  const [subscriptions, events] = [subscriptionsOf(size), Math.ceil(size.open / 10)];
  await inPieces(subscriptions, 5_000, (from, to) => client.query(SUBSCRIPTIONS, [from, to, people]));
  await inPieces(events, 2_000, async (from, to) => {
    await client.query(EVENTS, [from, to, people]);
    await client.query(SOLD, [from, to, people]);
  });
  // Each has challenged somebody once.
  await inPieces(people, 2_000, async (from, to) => {
    await client.query(BATTLES, [from, to, people]);
    await client.query(VOTED, [from, to, people]);
  });
  return `${subscriptions} subscriptions, ${events} events and ${people} battles`;
}

/** By the ledger's own function, once people have tokens. */
export async function payMonths(client: Client, size: Size, people: number): Promise<void> {
  await inPieces(subscriptionsOf(size), 1_000, (from, to) => client.query(MONTHS, [from, to, people]));
}

const TIERS = `
  INSERT INTO subscription_tiers (creator_id, code, name, price, perks, place, created_at, changed_at)
  SELECT growth_person(n), 'gold', 'Gold', ${PRICE}, '{emotes}', 0, now(), now()
  FROM generate_series(0, $1::int - 1, ${CREATORS_OF}) AS n`;

/** Of a month; of two one is over. Of a hundred one is the agency's. Each is somebody else's at the same creator. */
const SUBSCRIPTION = `(
  SELECT n, growth_id(growth_at(n), 8000000000 + n) AS id, growth_at(n) AS at, growth_person(creator) AS creator,
    growth_person(CASE WHEN n % ${AGENCY} = 3 THEN 1 + (50 + n / ${AGENCY}) % ($3::int - 1)
      ELSE (creator + 1 + n / creators) % $3::int END) AS subscriber, n % 2 = 0 AS is_active
  FROM generate_series($1::bigint, $2::bigint) AS n, LATERAL (SELECT $3::int / ${CREATORS_OF} AS creators) AS all_of_them,
    LATERAL (SELECT CASE WHEN n % ${AGENCY} = 3 THEN 0 ELSE n % creators * ${CREATORS_OF} END AS creator) AS whose
) AS subscription`;

const SUBSCRIBED = `json_build_object('tier', 'gold', 'price', '${PRICE}', 'share_bps', 8000, 'order_price', NULL, 'gift', false,
  'began_at', ${iso('at')}, 'months', 1, 'paid_until', ${iso('paid_until')}, 'ahead_ms', 0, 'next_price', NULL, 'failed_at', NULL)`;

const SUBSCRIPTIONS = `
  WITH due AS MATERIALIZED (
    SELECT *, date_trunc('milliseconds', paid) AS paid_until, CASE WHEN is_active THEN date_trunc('milliseconds', paid) END AS deadline,
      CASE WHEN is_active THEN 'active' ELSE 'ended' END AS state
    FROM ${SUBSCRIPTION}, LATERAL (
      SELECT CASE WHEN is_active THEN now() + (1 + mod(n * 0.7548776662, 1)::float8 * 27) * interval '1 day' ELSE at + interval '30 days' END AS paid
    ) AS until
  ), ${opened('subscription', 'state', SUBSCRIBED, { creator: 'creator', subscriber: 'subscriber' })}
  INSERT INTO subscriptions (process_id, creator_id, subscriber_id, tier, status, opens, opens_told, months, paid_until, created_at)
  SELECT id, creator, subscriber, 'gold', state, is_active, is_active, 1, paid_until, at FROM due`;

const MONTHS = `
  WITH month AS MATERIALIZED (SELECT * FROM ${SUBSCRIPTION}), moved AS MATERIALIZED (
    SELECT count(${paid("'subscription_' || id || '_1'", 'subscription', 'subscriber', 'creator', [PRICE, SHARE])}) AS many
    FROM month
  )
  INSERT INTO subscription_charges (subscription_id, month, price, share, payer_id, at)
  SELECT id, 1, ${PRICE}, ${SHARE}, subscriber, at FROM month, moved`;

const EVENT = `(
  SELECT n, growth_id(growth_at(n), 9000000000 + n) AS id, growth_at(n) AS at, n % 20 = 1 AS is_on_sale,
    growth_person(CASE WHEN n % ${AGENCY} = 5 THEN 0 ELSE n % $3::int END) AS creator
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS event`;

const ANNOUNCED = `json_build_object('title', 'Event ' || n, 'starts_at', ${iso('starts_at')}, 'capacity', ${2 * TICKETS},
  'price', '0', 'share_bps', 8000, 'sold', ${TICKETS})`;

const EVENTS = `
  WITH due AS MATERIALIZED (
    SELECT *, CASE WHEN is_on_sale THEN starts_at END AS deadline, CASE WHEN is_on_sale THEN 'on_sale' ELSE 'settled' END AS state
    FROM ${EVENT}, LATERAL (
      SELECT date_trunc('milliseconds', CASE WHEN is_on_sale THEN now() + (1 + n % 60) * interval '1 day' ELSE at + interval '7 days' END)
        AS starts_at
    ) AS beginning
  ), ${opened('ticketEvent', 'state', ANNOUNCED, { creator: 'creator' })}
  INSERT INTO ticket_events (process_id, creator_id, title, starts_at, capacity, price, asset, status, sold, created_at)
  SELECT id, creator, 'Event ' || n, starts_at, ${2 * TICKETS}, 0, 'TOKEN', state, ${TICKETS}, at FROM due`;

const SOLD = `
  INSERT INTO tickets (id, event_id, holder_id, issued_at)
  SELECT growth_id(at + place * interval '1 minute', 9000000000 + n * 100 + place), id, ${other('place')}, at + place * interval '1 minute'
  FROM ${EVENT}, generate_series(1, ${TICKETS}) AS place ORDER BY at`;

/** Of some thousand one is fought now, by people who are in no other. */
const BATTLE = `(
  SELECT n, growth_id(growth_at(n), 10000000000 + n) AS id, growth_at(n) AS at, n % 499 = 1 AND n % ${AGENCY} <> 4 AND 2 * n < $3::int AS is_running,
    growth_person(CASE WHEN n % ${AGENCY} = 4 THEN 0 ELSE n END) AS challenger, ${other('1')} AS opponent
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS battle`;

const CHALLENGED = `json_build_object('stream_id', NULL, 'lasts', 3600000, 'answer_within', 3600000, 'stake', '0', 'result', NULL)`;

const BATTLES = `
  WITH due AS MATERIALIZED (
    SELECT *, CASE WHEN is_running THEN date_trunc('milliseconds', now()) + interval '1 hour' END AS deadline,
      CASE WHEN is_running THEN 'running' ELSE 'ended' END AS state
    FROM ${BATTLE}
  ), ${opened('battle', 'state', CHALLENGED, { challenger: 'challenger', opponent: 'opponent' })}, sides AS (
    INSERT INTO battle_sides (user_id, battle_id)
    SELECT challenger, id FROM due WHERE is_running UNION ALL SELECT opponent, id FROM due WHERE is_running
  )
  INSERT INTO battles (process_id, challenger_id, opponent_id, stake, status, told, noted, started_at, ends_at, closed_at, ended_at, created_at)
  SELECT id, challenger, opponent, 0, state, state, state, at, coalesce(deadline, at + interval '1 hour'),
    CASE WHEN NOT is_running THEN at + interval '1 hour' END, CASE WHEN NOT is_running THEN at + interval '1 hour' END, at
  FROM due`;

const VOTED = `
  INSERT INTO battle_votes (battle_id, voter_id, participant_id, at)
  SELECT id, ${other('(place + 5)')}, challenger, at + place * interval '1 second'
  FROM ${BATTLE}, generate_series(1, ${VOTES}) AS place ORDER BY at`;

const months = { status: null, limit: 21, before: null };
const events = (userId: string) => ({
  reader: { id: userId, isAdmin: false },
  creatorId: null,
  limit: 21,
  before: null,
});

export const PAID: readonly Hot[] = [
  {
    name: 'subscriptions of a person',
    used: 'every page',
    ask: (pool, { somebody }) => listSubscriptions(pool, { ...months, userId: somebody, side: 'subscriber' }),
  },
  {
    name: 'subscribers of an agency',
    used: 'every page',
    ask: (pool, { agency }) => listSubscriptions(pool, { ...months, userId: agency, side: 'creator' }),
  },
  {
    name: 'subscribers of an agency, of a rare kind',
    used: 'every page',
    ask: (pool, { agency }) =>
      listSubscriptions(pool, { ...months, userId: agency, side: 'creator', status: 'past_due' }),
  },
  {
    name: 'subscribers and holders to be told',
    used: 'every second',
    ask: (pool) =>
      undone(pool, async (transaction) => {
        await takeSubscribersChanged(transaction, 200);
        await takeHoldersRefunded(transaction, 200);
      }),
  },
  {
    name: 'events on sale',
    used: 'every page',
    ask: (pool, { somebody }) => listTicketEvents(pool, { ...events(somebody), status: 'on_sale' }),
  },
  {
    name: 'events of an agency',
    used: 'every page',
    ask: (pool, { somebody, agency }) =>
      listTicketEvents(pool, { ...events(somebody), creatorId: agency, status: null }),
  },
  {
    name: 'tickets of an event',
    used: 'every page',
    ask: async (pool, { event, somebody }) => {
      await listTickets(pool, event, { limit: 21, before: null });
      await findTicketOf(pool, event, somebody);
    },
  },
  {
    name: 'battles of an agency',
    used: 'every page',
    ask: (pool, { agency }) => listBattles(pool, agency, { status: null, limit: 21, before: null }),
  },
  {
    name: 'battles of a person that run',
    used: 'every page',
    ask: (pool, { somebody }) => listBattles(pool, somebody, { status: 'running', limit: 21, before: null }),
  },
  {
    name: 'battles to be told',
    used: 'every second',
    ask: (pool, { now }) =>
      undone(pool, async (transaction) => {
        await noteBattles(transaction, now, 200);
        await battleOpening.takeStandings(transaction, now, 200);
      }),
  },
];
