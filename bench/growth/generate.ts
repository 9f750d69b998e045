import { Client } from 'pg';
import { newDeal } from '#workflows/deal/machine.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { fillInboxes } from './inboxes.ts';
import { fillLive, giveGifts } from './live.ts';
import { fillPaid, payMonths } from './paid.ts';
import { AGENCY, inPieces, type Size } from './size.ts';
import { fillOrders, holdForOrders } from './trading.ts';
import { fillVideos } from './videos.ts';
import { fillWallets } from './wallets.ts';

/** Deals to a person, as a brand owner and as many as an influencer. */
const DEALS_EACH = 10;
/** Transfers in one transaction: the rows of accounts are updated in it. */
const TRANSFERS_AT_ONCE = 2_000;
const DEALS_AT_ONCE = 5_000;

export function peopleOf({ open }: Size): number {
  // Enough of them that nobody deals with themselves.
  return Math.max(100, Math.ceil((2 * open) / DEALS_EACH));
}

/**
 * Fills a migrated database as years would have: people, deals of which half are over, what was said in them, what is
 * to be told, what was answered, streams, videos, months, events, battles, orders, inboxes, and books that were made by
 * the ledger's own function. Everything is spread over 400 days and numbered by generate_series, so that the same size is
 * the same data. Rows lie as they were written: by time.
 */
export async function generate(databaseUrl: string, size: Size, say: (line: string) => void): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Triggers and foreign keys say of every row what the generator makes so.
    await client.query("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB'");
    await client.query(FUNCTIONS);
    const people = peopleOf(size);
    const all = 2 * size.open;
    const terms = { proposed: '500000', policy: DEFAULT_POLICY };
    const deal = newDeal('', 'bid', terms, '2026-01-01T00:00:00.000Z');
    await client.query(PEOPLE, [people]);
    await inPieces(all, DEALS_AT_ONCE, async (from, to) => {
      const of = [from, to, people];
      await client.query(DEALS, [...of, JSON.stringify(deal.terms), JSON.stringify(terms)]);
      await client.query(CONVERSATIONS, [...of, size.messages]);
      await client.query(MESSAGES, [...of, size.messages]);
      await client.query(ESCROWS, [from, to]);
      await client.query(TASKS, of);
    });
    say(`${all} deals with ${all * size.messages} messages`);
    await client.query('ANALYZE');
    await client.query(OUTBOX, [all - 1, people]);
    await client.query(ANSWERS, [0, all - 1, people]);
    say(await fillLive(client, size, people));
    say(await fillVideos(client, size, people));
    say(await fillPaid(client, size, people));
    say(await fillOrders(client, size, people));
    say(await fillInboxes(client, size, people));
    await client.query('ANALYZE');
    await client.query('SET session_replication_role = origin');
    await giveMoney(client, size, people);
    say(`${all * size.entries} entries`);
    say(await fillWallets(client, people));
    await giveGifts(client, size, people);
    await payMonths(client, size, people);
    await holdForOrders(client, size);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

async function giveMoney(client: Client, { open, entries }: Size, people: number): Promise<void> {
  await inPieces(people, TRANSFERS_AT_ONCE, (from, to) => client.query(FUNDS, [from, to]));
  await inPieces(open * entries, TRANSFERS_AT_ONCE, (from, to) => client.query(TRANSFERS, [from, to, people]));
}

/** An id as version 7 has it: when, and then which. A person's is of the first day. */
const FUNCTIONS = `
  CREATE OR REPLACE FUNCTION growth_id(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n & 4095), 3, '0') ||
      '8' || lpad(to_hex(n), 15, '0'))::uuid
  $$;
  CREATE OR REPLACE FUNCTION growth_person(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT growth_id('2024-01-01Z', n)
  $$;
  -- By the golden ratio: evenly over the time, in no order.
  CREATE OR REPLACE FUNCTION growth_at(n bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT date_trunc('day', now()) - interval '400 days' + mod(n * 0.6180339887498949, 1)::float8 * interval '399 days'
  $$`;

const PEOPLE = `
  INSERT INTO users (id, handle, roles, password_hash)
  SELECT growth_person(n), 'g' || n, '{brand_owner,influencer}', 'none that fits' FROM generate_series(0, $1::int - 1) AS n`;

/** The deals from one number to another, with who is in them. */
const OF = `(
  SELECT n, growth_id(growth_at(n), n) AS id, growth_at(n) AS at, n % 2 = 0 AS is_open,
    growth_person(CASE WHEN n % ${AGENCY} = 0 THEN 0 ELSE n % $3::int END) AS brand,
    growth_person(1 + (n % $3::int + n / $3::int) % ($3::int - 1)) AS influencer
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS deal`;

const DEALS = `
  WITH deal AS MATERIALIZED (SELECT * FROM ${OF}), due AS (
    SELECT *, CASE WHEN is_open THEN now() + (mod(n * 0.7548776662, 1)::float8 - 0.001) * interval '14 days' END AS deadline FROM deal
  ), made AS (
    INSERT INTO processes (id, kind, variant, state, terms, entered_at, stepped_at, deadline, held, asset, opened, opened_at)
    SELECT id, 'deal', 'bid', CASE WHEN is_open THEN 'influencer_responding' ELSE 'chat_closed' END, $4::json, at, at,
      deadline, 0, 'INR', $5::json, at FROM due
  ), seated AS (
    INSERT INTO seats (process_id, role, user_id)
    SELECT id, 'brand_owner', brand FROM deal UNION ALL SELECT id, 'influencer', influencer FROM deal
  )
  INSERT INTO relays (process_id, kind, version, told, behind, deadline, look_at)
  SELECT id, 'deal', 0, CASE WHEN n % 1000 = 2 THEN -1 ELSE 0 END, n % 1000 = 2, deadline, deadline FROM due`;

/** An operator was asked of every hundredth, and still is of a few that are open. */
const TASKS = `
  INSERT INTO tasks (id, key, kind, process_id, details, opened_at, closed_at, decision)
  SELECT id, 'held_up_' || id, 'held_up', id, '{}', at, CASE WHEN is_over THEN at + interval '1 day' END,
    CASE WHEN is_over THEN '{"decision":"retry"}'::jsonb END
  FROM ${OF}, LATERAL (SELECT n % 5000 <> 0 AS is_over) AS how WHERE n % 100 = 0`;

const CONVERSATIONS = `
  WITH deal AS MATERIALIZED (SELECT * FROM ${OF}), made AS (
    INSERT INTO conversations (id, kind, bid_id, brand_owner_id, influencer_id, request_id, chat, said, created_at, updated_at)
    SELECT id, 'bid', id, brand, influencer, NULL, (CASE WHEN is_open THEN 'automated' ELSE 'closed' END)::chat_status, $4::int,
      at, at + $4::int * interval '1 minute' FROM deal
  )
  INSERT INTO members (conversation_id, user_id, read_position, joined_at)
  SELECT id, brand, greatest($4::int - n % 4, 0), at FROM deal
  UNION ALL SELECT id, influencer, greatest($4::int - n % 3, 0), at FROM deal`;

const MESSAGES = `
  INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type, content, created_at)
  SELECT id, place, growth_id(at + place * interval '1 minute', n * 1000 + place), CASE place % 2 WHEN 0 THEN brand ELSE influencer END,
    CASE place % 2 WHEN 0 THEN influencer ELSE brand END, 'What is said in deal ' || n || ' as number ' || place,
    'user_input', 'text', at + place * interval '1 minute'
  FROM ${OF}, generate_series(1, $4::int) AS place ORDER BY at + place * interval '1 minute'`;

const ANSWERS = `
  INSERT INTO answers (account_id, path, key, body_hash, status, answer, created_at)
  SELECT brand, '/api/messages/conversations/' || id || '/button-click', 'k' || n, '\\x00', 200, '{"success":true}', at
  FROM ${OF} ORDER BY at`;

/** Whatever was paid lay in one, and is empty now. */
const ESCROWS = `
  INSERT INTO ledger_accounts (code, kind, asset, overdraft)
  SELECT 'escrow/' || growth_id(growth_at(n), n), 'escrow', 'INR', false
  FROM generate_series($1::bigint, $2::bigint) AS n WHERE n % 2 = 1`;

/** Four events a deal to each side, numbered as they happened. */
const OUTBOX = `
  WITH heard AS (
    SELECT growth_person(CASE WHEN n % ${AGENCY} = 0 THEN 0 ELSE n % $2::int END) AS user_id, growth_at(n) AS at
    FROM generate_series(0, $1::bigint) AS n
    UNION ALL
    SELECT growth_person(1 + (n % $2::int + n / $2::int) % ($2::int - 1)), growth_at(n) FROM generate_series(0, $1::bigint) AS n
  ), numbered AS (
    SELECT user_id, at, row_number() OVER (PARTITION BY user_id ORDER BY at) AS place FROM heard
  ), written AS (
    INSERT INTO outbox (user_id, first_seq, last_seq, events, created_at)
    SELECT user_id, place * 4 - 3, place * 4, '[' || rtrim(repeat('{"name":"message_seen","data":{"messageId":"m"}},', 4), ',') || ']', at
    FROM numbered ORDER BY at
  )
  INSERT INTO user_sequences (user_id, last_seq) SELECT user_id, max(place) * 4 FROM numbered GROUP BY user_id`;

const FUNDS = `
  SELECT count(ledger_transfer('growth_funds_' || n, 'test_money', NULL, now(),
    ARRAY['issuance/TOKEN', 'wallet/' || growth_person(n)], '{issuance,wallet}', '{TOKEN,TOKEN}',
    ARRAY[NULL, growth_person(n)]::uuid[], '{-1000000,1000000}'))
  FROM generate_series($1::bigint, $2::bigint) AS n`;

const TRANSFERS = `
  SELECT count(ledger_transfer('growth_' || n, 'transfer', NULL, now(),
    ARRAY['wallet/' || least(a, b), 'wallet/' || greatest(a, b)], '{wallet,wallet}', '{TOKEN,TOKEN}',
    ARRAY[least(a, b), greatest(a, b)], CASE WHEN n % 2 = 0 THEN '{-1,1}'::bigint[] ELSE '{1,-1}'::bigint[] END))
  FROM (
    SELECT n, growth_person(CASE WHEN n % ${AGENCY} = 0 THEN 0 ELSE n % $3::int END) AS a,
      growth_person(1 + (n % $3::int + n / $3::int) % ($3::int - 1)) AS b
    FROM generate_series($1::bigint, $2::bigint) AS n
  ) AS pair
  WHERE a <> b`;
