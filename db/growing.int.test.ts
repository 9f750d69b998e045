import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { QUERIES, verbatim } from './invariants.ts';
import { createPool, type Pool, sql, type Transaction } from './pool.ts';

/** Invariants read all there is, and where there is four times as much they take four times as much. */

const SMALL = 1_000;
const TIMES = 4;
/** Indexes become higher, and a plan may change for another. */
const TOLERANCE = 1.6;
/** Of both, what is no matter. */
const LEAST = 100;

const FILL = [
  // A room that everybody speaks in: nobody has read what was said before they spoke.
  `INSERT INTO rooms (id, many, told_apart) VALUES (growing_id(0), 4000, true) ON CONFLICT DO NOTHING`,
  `INSERT INTO members (conversation_id, user_id, read_position, wrote) SELECT growing_id(0), growing_id(n), 0, 1 FROM made`,
  `INSERT INTO messages (conversation_id, position, id, sender_id, message, message_type, content, created_at)
    SELECT growing_id(0), n, growing_id(n), growing_id(n), 'x', 'user_input', 'text', now() FROM made`,
  // A process that goes on and on, each step with a message.
  `INSERT INTO steps (process_id, n, command, by_role, from_state, to_state, data, at, entry, said_before, said)
    SELECT growing_id(0), n, 'x', 'x', 'x', 'x', '{}', now(), 1, n - 1, n FROM made`,
  `INSERT INTO outbox (user_id, first_seq, last_seq, events, process_id, step_n)
    SELECT growing_id(side), n, n, '[{}]', growing_id(0), n FROM made, (VALUES (1), (2)) AS hearer (side)`,
  // A video for every ten, watched, shared and talked about by all.
  `INSERT INTO videos (id, creator_id, title, description, duration_ms, media_url, category, tags, ads, created_at)
    SELECT growing_id(n), growing_id(1), 'x', 'x', 1, 'x', 'x', '{}', '[]', now() FROM made WHERE n % 10 = 0`,
  `INSERT INTO watches (id, video_id, user_id, started_at, credited_at, counted_at, replaced_at)
    SELECT growing_id(n), growing_id(n - n % 10 + 10), growing_id(n), now(), now(), now(), now() FROM made`,
  `INSERT INTO video_shares (id, video_id, user_id, at)
    SELECT growing_id(n), growing_id(n - n % 10 + 10), growing_id(n), now() FROM made`,
  `INSERT INTO video_likes (video_id, user_id, at) SELECT growing_id(n - n % 10 + 10), growing_id(n), now() FROM made`,
  `INSERT INTO video_comments (id, video_id, user_id, parent_id, text, replies, at)
    SELECT growing_id(n), growing_id(n - n % 10 + 10), growing_id(n), CASE WHEN n % 2 = 1 THEN growing_id(n - 1) END, 'x',
      CASE WHEN n % 2 = 0 THEN 1 ELSE 0 END, now() FROM made`,
  `INSERT INTO video_counts (video_id, shard, views, likes, shares, comments)
    SELECT growing_id(n), 1, 10, 10, 10, 10 FROM made WHERE n % 10 = 0`,
  `INSERT INTO video_days (video_id, day, shard, views, likes, shares, comments)
    SELECT growing_id(n), 'today', 1, 10, 10, 10, 10 FROM made WHERE n % 10 = 0`,
  // Who follows and blocks.
  'INSERT INTO follows SELECT growing_id(n), growing_id(n + 100000), now() FROM made',
  'INSERT INTO follow_requests (requester_id, asked_id, created_at) SELECT growing_id(n), growing_id(n + 100000), now() FROM made',
  'INSERT INTO blocks SELECT growing_id(n), growing_id(n + 200000), now() FROM made',
  // Who left, with what they had said taken back.
  `INSERT INTO users (id, handle, roles, deleted_at)
    SELECT growing_id(n + 300000), 'deleted-' || replace(growing_id(n + 300000)::text, '-', ''), '{}', now() FROM made`,
  // What was earned.
  'INSERT INTO reward_people (user_id) SELECT growing_id(n) FROM made',
  `INSERT INTO rewards (id, user_id, action, version, actor_id, creator_id, target, points, posting, at, day, judged_at)
    SELECT n, growing_id(n), 'x', 1, growing_id(n), growing_id(1), 'x', 10, 'p' || n, now(), 'today', now() FROM made`,
  `INSERT INTO ledger_transfers (key, input_hash, reason, occurred_at) SELECT 'p' || n, '', 'reward', now() FROM made`,
  // What was paid and given back.
  `INSERT INTO promises (id, process_id, step_n, kind, amount, asset, legs, capture_id, made_at, moved_at, done_at)
    SELECT growing_id(n), growing_id(n), 1, 'refund', 1, 'INR', '[]', growing_id(n), now(), now(), now() FROM made`,
  `INSERT INTO captures (id, provider, payment_id, process_id, inbox_id, amount, currency, disposition, booked_at)
    SELECT growing_id(n), 'sandbox', 'pay' || n, growing_id(n), n, 1, 'INR', 'escrow', now() FROM made`,
  `INSERT INTO refunds (id, promise_id, capture_id, amount, currency, status, created_at)
    SELECT growing_id(n), growing_id(n), growing_id(n), 1, 'INR', 'processed', now() FROM made`,
  `INSERT INTO ledger_accounts (code, kind, asset, overdraft) VALUES ('external/sandbox/0', 'external', 'INR', true)
    ON CONFLICT DO NOTHING`,
  `INSERT INTO ledger_transfers (key, input_hash, reason, occurred_at)
    SELECT 'refund_settled_' || growing_id(n), '', 'refund', now() FROM made`,
  `INSERT INTO ledger_entries (account_id, account_version, transfer_id, amount, balance_after, recorded_at, hash)
    SELECT ledger_accounts.id, n, ledger_transfers.id, 1, n, now(), ''
    FROM made JOIN ledger_transfers ON key = 'refund_settled_' || growing_id(n), ledger_accounts WHERE code = 'external/sandbox/0'`,
];

let pool: Pool;
type Work = { pages: number; rows: number };
const small = new Map<string, Work>();
const large = new Map<string, Work>();

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 2, deadline: 300_000 });
  await fill(1, SMALL);
  await measure(small);
  await fill(SMALL + 1, SMALL * TIMES);
  await measure(large);
}, 300_000);
afterAll(() => pool?.end());

const run = (executor: Pool | Transaction, text: string) => executor.query(sql.typeAlias('void')(verbatim(text)));

async function fill(from: number, to: number): Promise<void> {
  await pool.transaction(async (transaction) => {
    await run(transaction, 'SET LOCAL session_replication_role = replica');
    await run(
      transaction,
      `CREATE OR REPLACE FUNCTION growing_id(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
        RETURN ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid`,
    );
    await run(transaction, `CREATE TEMP TABLE made ON COMMIT DROP AS SELECT generate_series(${from}, ${to}) AS n`);
    for (const text of FILL) await run(transaction, text);
  });
  await run(pool, 'VACUUM ANALYZE');
}

type Node = {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
};
const explained = z.object({ 'QUERY PLAN': z.custom<[{ Plan: Node }]>() });

async function measure(into: Map<string, Work>): Promise<void> {
  for (const { name, query } of QUERIES) into.set(name, await workOf(query));
}

/** With all that it finds, and not only what is shown of it. */
async function workOf(query: string): Promise<Work> {
  const { 'QUERY PLAN': plans } = await pool.one(
    sql.type(explained)(verbatim(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${query}`)),
  );
  const [{ Plan: plan }] = plans;
  return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], rows: rowsOf(plan) };
}

/** What went through all parts of a plan, to be dropped or not: what lies in memory is no page. */
function rowsOf(node: Node): number {
  const dropped = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0);
  const own = (node['Actual Rows'] + dropped) * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, part) => sum + rowsOf(part), own);
}

test('no invariant takes more than that much more where there is so much more', () => {
  const most = (before: number) => LEAST + TOLERANCE * TIMES * before;
  const grown = QUERIES.flatMap(({ name }) => {
    const [one, other] = [small.get(name), large.get(name)];
    if (!one || !other) return [`${name} was not asked`];
    if (other.pages <= most(one.pages) && other.rows <= most(one.rows)) return [];
    return [`${name}: ${one.pages} and ${other.pages} pages, ${one.rows} and ${other.rows} rows`];
  });
  expect(grown).toEqual([]);
});

test('there is enough for that to be seen', () => {
  for (const name of ['own_words_are_counted', 'videos_are_counted', 'steps_that_are_told_are_kept'])
    expect(large.get(name)?.rows, name).toBeGreaterThan(3 * (small.get(name)?.rows ?? Number.POSITIVE_INFINITY));
});
