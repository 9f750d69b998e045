import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { verbatim } from '../invariants.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { rowsReadBy } from '../testing/rowsRead.ts';
import { RETENTION } from './retention.ts';

// Each lifetime, as it is documented, on rows on both sides of it.

const HOUR_MS = 3_600_000;
/** More than a day: some of it is counted in days. */
const MARGIN_MS = 48 * HOUR_MS;
const NOW = '2026-03-01T09:00:00.000Z';
const ago = (ms: number) => new Date(Date.parse(NOW) - ms).toISOString();

/** How many rows there are of a kind, from `at` on, a second between one and the next; `n` numbers them. */
const ROWS: Record<string, { of: string; rows: string[] }> = {
  answers: {
    of: 'answers',
    rows: [`INSERT INTO answers SELECT uuidv7(), '/', n::text, '', 200, '{}', at FROM made`],
  },
  sessions: {
    of: 'sessions',
    rows: [
      `INSERT INTO sessions (id, user_id, created_at, expires_at, ended_at) SELECT uuid, uuid, at, at + interval '9 days', at FROM made`,
    ],
  },
  'left subjects': {
    of: 'left_subjects',
    rows: [`INSERT INTO left_subjects SELECT sha256(convert_to(uuid::text, 'UTF8')), at FROM made`],
  },
  'pages of recommendations': {
    of: 'recommendation_pages',
    rows: [`INSERT INTO recommendation_pages SELECT uuid, 1, uuid, 'videos', at, '[]', false FROM made`],
  },
  outbox: {
    of: 'outbox WHERE last_seq = 1',
    rows: [
      `INSERT INTO outbox (user_id, first_seq, last_seq, events, created_at) SELECT uuid, 1, 1, '[{}]', at FROM made`,
      `INSERT INTO outbox (user_id, first_seq, last_seq, events, created_at)
        SELECT uuid, 2, 2, '[{}]', '${NOW}' FROM made`,
      'INSERT INTO user_sequences SELECT uuid, 2 FROM made',
    ],
  },
  'refused rewards': {
    of: 'rewards WHERE refused IS NOT NULL',
    rows: [
      `INSERT INTO rewards (id, user_id, action, version, actor_id, creator_id, target, points, refused, at, day, judged_at)
        SELECT nextval('numbers'), uuid, 'ad_view', 1, uuid, uuid, 'x', 0, 'cap', at, at::date, at FROM made`,
    ],
  },
  'granted rewards': {
    of: 'rewards WHERE refused IS NULL',
    rows: [
      `INSERT INTO rewards (id, user_id, action, version, actor_id, creator_id, target, points, posting, once_day, at, day,
          judged_at)
        SELECT nextval('numbers'), uuid, 'ad_view', 1, uuid, uuid, 'x', 10, 'p' || n || uuid, at::date, at, at::date, at
        FROM made`,
    ],
  },
  'pairs of rewards': {
    of: 'reward_pairs',
    rows: [`INSERT INTO reward_pairs SELECT uuid, at::date, 'like_received', uuid, 10 FROM made`],
  },
  publications: {
    of: 'publications',
    rows: [
      `INSERT INTO publications (exchange, routing_key, key, event, occurred_at, published_at, about, delivered_at)
        SELECT 'x', 'x', uuid, '{}', at, at, 'x', at FROM made`,
    ],
  },
  'webhook deliveries': {
    of: 'webhook_deliveries',
    rows: [
      `INSERT INTO webhook_deliveries (id, endpoint_id, message_id, type, body, status, try_after, made_at, ended_at)
        SELECT uuid, uuid, 'x', 'x', 'x', 'arrived', at, at, at FROM made`,
    ],
  },
  pushes: {
    of: 'pushes JOIN deliveries ON push_id = pushes.id',
    rows: [
      `INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due, outcome, why, done_at)
        SELECT uuid, uuid, uuid, 'x', 'new', at, at, 'sent', 'x', at FROM made`,
      `INSERT INTO deliveries SELECT uuid, uuid, uuid, 'web', 'sent', 'x', at FROM made`,
    ],
  },
  'notifications that are in no list': {
    of: 'notifications JOIN notification_triggers ON notification_id = notifications.id',
    rows: [
      `INSERT INTO notifications (id, user_id, kind, object, title, body, data, position, listed, created_at, updated_at,
          archived_at)
        SELECT uuid, uuid, 'x', 'x', 'x', 'x', '{}', 1, true, at - interval '9 days', at - interval '9 days', at FROM made`,
      `INSERT INTO notification_triggers SELECT uuid, 'x', uuid, NULL, at FROM made`,
    ],
  },
  'views of profiles, gigs and clans': {
    of: 'target_views',
    rows: [`INSERT INTO target_views SELECT 'gig', uuid, at, uuid, at FROM made`],
  },
  'webhook bodies': {
    of: 'webhooks WHERE body IS NOT NULL',
    rows: [
      `INSERT INTO webhooks (provider, event_id, type, body, received_at) SELECT 'x', uuid, 'x', 'x', at FROM made`,
    ],
  },
  'ended relays': {
    of: 'relays',
    rows: [
      `INSERT INTO processes SELECT (jsonb_populate_record(NULL::processes, jsonb_build_object('id', uuid, 'kind', 'deal',
          'state', 'chat_closed', 'version', 1, 'entry', 1, 'variant', 'bid', 'asset', 'INR', 'entered_at', at, 'stepped_at', at, 'opened_at', at,
          'terms', '{}'::json, 'opened', '{}'::json, 'held', 0))).* FROM made`,
      `INSERT INTO relays (process_id, kind, version, told, behind) SELECT uuid, 'deal', 1, 1, false FROM made`,
    ],
  },
  'sandbox deliveries': {
    of: 'sandbox_deliveries',
    rows: [
      `INSERT INTO sandbox_deliveries (id, type, body, deliver_at, give_up_at, ended_at, created_at)
        SELECT uuid, 'x', 'x', at, at, at, at FROM made`,
    ],
  },
  'sandbox orders': {
    of: 'sandbox_orders',
    rows: [
      `INSERT INTO sandbox_orders (id, reference, amount, currency, description, created_at)
        SELECT uuid, uuid, 1, 'INR', 'x', at FROM made`,
    ],
  },
};

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 2, deadline: 60_000 });
  await run('CREATE SEQUENCE numbers');
});
afterAll(() => pool?.end());

const run = (text: string) => pool.query(sql.typeAlias('void')(verbatim(text)));

/** What refers to something else refers to nothing here. */
async function make(what: string, many: number, at: string): Promise<void> {
  await pool.transaction(async (transaction) => {
    const ask = (text: string) => transaction.query(sql.typeAlias('void')(verbatim(text)));
    await ask('SET LOCAL session_replication_role = replica');
    await ask(`CREATE TEMP TABLE made ON COMMIT DROP AS
      SELECT n, uuidv7() AS uuid, '${at}'::timestamptz + n * interval '1 second' AS at FROM generate_series(1, ${many}) AS n`);
    for (const text of ROWS[what]?.rows ?? []) await ask(text);
  });
}
const count = (what: string) =>
  pool.oneFirst(
    sql.type(z.object({ n: z.bigint().transform(Number) }))(verbatim(`SELECT count(*) AS n FROM ${ROWS[what]?.of}`)),
  );

test.each(RETENTION.map(({ what }) => what))('%s: for as long as it is said, and no longer', async (what) => {
  const { keptMs, forget } = RETENTION.find((each) => each.what === what) as (typeof RETENTION)[number];
  await make(what, 1, ago(keptMs + MARGIN_MS));
  await make(what, 2, ago(keptMs - MARGIN_MS));
  expect(await count(what)).toBe(3);
  const asked = { before: ago(keptMs), limit: 100, after: null };
  expect(await forget(pool, asked, { hasBroker: true })).toEqual({ rows: 1, last: null });
  expect(await count(what)).toBe(2);
});

/** Enough that a plan which reads all of it is no good. */
const MANY = 20_000;
const AT_ONCE = 20;

test.each(RETENTION.map(({ what }) => what))('%s: a round reads what it forgets, wherever it begins', async (what) => {
  const { keptMs, forget, tables } = RETENTION.find((each) => each.what === what) as (typeof RETENTION)[number];
  await make(what, MANY, ago(keptMs + 10 * MARGIN_MS + MANY * 1_000));
  for (const table of tables) await run(`ANALYZE ${table}`);
  const before = ago(keptMs);
  let after: string | null = null;
  for (let round = 0; round < 3; round += 1) {
    const read = await rowsReadBy(pool, async (transaction) => {
      const done = await forget(transaction, { before, limit: AT_ONCE, after }, { hasBroker: true });
      expect(done.rows).toBeGreaterThan(0);
      expect(done.last).not.toBeNull();
      after = done.last;
    });
    for (const table of tables) expect(read[table] ?? 0, `${table} in round ${round}`).toBeLessThanOrEqual(5 * AT_ONCE);
  }
  expect(await count(what)).toBeGreaterThanOrEqual(MANY - 3 * AT_ONCE);
});

test('what a broker has not taken is kept until it does; where there is none it goes with the rest', async () => {
  const { keptMs, forget } = RETENTION.find(({ what }) => what === 'publications') as (typeof RETENTION)[number];
  await run('DELETE FROM publications');
  await make('publications', 2, ago(keptMs + MARGIN_MS));
  await run('UPDATE publications SET published_at = NULL');
  const asked = { before: ago(keptMs), limit: 100, after: null };
  expect(await forget(pool, asked, { hasBroker: true })).toMatchObject({ rows: 0 });
  // One was tried: there was a broker.
  await run('UPDATE publications SET tries = 1 WHERE id = (SELECT min(id) FROM publications)');
  expect(await forget(pool, asked, { hasBroker: false })).toMatchObject({ rows: 1 });
  // Nor what customers have not been sent yet.
  await run('UPDATE publications SET published_at = now(), delivered_at = NULL');
  expect(await forget(pool, asked, { hasBroker: true })).toMatchObject({ rows: 0 });
});

test('events leave in their order, also where a clock went back between them', async () => {
  const { forget } = RETENTION.find(({ what }) => what === 'outbox') as (typeof RETENTION)[number];
  await run('TRUNCATE outbox, user_sequences');
  await make('outbox', 1, ago(0));
  await run(`INSERT INTO outbox (user_id, first_seq, last_seq, events, created_at)
    SELECT user_id, 3, 3, '[{}]', '${ago(0)}' FROM user_sequences`);
  await run('UPDATE user_sequences SET last_seq = 3');
  await run(`UPDATE outbox SET created_at = '${ago(2_000)}' WHERE last_seq = 1`);
  await run(`UPDATE outbox SET created_at = '${ago(3_000)}' WHERE last_seq = 2`);
  const left = () =>
    pool.anyFirst(sql.type(z.object({ n: z.bigint().transform(Number) }))`SELECT last_seq AS n FROM outbox ORDER BY n`);
  async function forgetAll() {
    for (let after: string | null = null; ; ) {
      const done = await forget(pool, { before: ago(-1_000), limit: 1, after }, { hasBroker: true });
      const seqs = await left();
      expect(seqs).toEqual([1, 2, 3].slice(-seqs.length));
      after = done.last;
      if (after === null) return;
    }
  }
  await forgetAll();
  expect(await left()).toEqual([2, 3]);
  await forgetAll();
  expect(await left()).toEqual([3]);
});

test('a notification that may still be pushed is kept', async () => {
  const what = 'notifications that are in no list';
  const { keptMs, forget } = RETENTION.find((each) => each.what === what) as (typeof RETENTION)[number];
  await run('TRUNCATE notifications, notification_triggers, pushes, deliveries');
  await make(what, 1, ago(keptMs + MARGIN_MS));
  await run(`INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due)
    SELECT uuidv7(), id, user_id, 'x', 'new', now(), now() FROM notifications`);
  expect(await forget(pool, { before: ago(keptMs), limit: 100, after: null }, { hasBroker: true })).toMatchObject({
    rows: 0,
  });
});
