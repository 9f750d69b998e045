import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newDeal } from '#workflows/collaboration/flow.ts';
import { DEFAULT_POLICY } from '#workflows/collaboration/policy.ts';
import { minor } from '#workflows/money.ts';
import { checkInvariants } from './invariants.ts';
import { listMessages } from './messages.ts';
import { migrate } from './migrate.ts';
import { listEvents } from './outbox.ts';
import { createPool, type Pool } from './pool.ts';

// A database of before is brought forward with what is in it.

const BRAND = '0190f3a2-0000-7000-8000-00000000000b';
const INFLUENCER = '0190f3a2-0000-7000-8000-00000000000c';
const CAMPAIGN = '0190f3a2-0000-7000-8000-00000000000d';
const DEAL = '0190f3a2-0000-7000-8000-00000000000e';
const [WORDS, QUESTION] = ['0190f3a2-0000-7000-8000-000000000001', '0190f3a2-0000-7000-8000-000000000002'];
const AT = '2026-03-01T09:00:00.000Z';

let client: Client;
let pool: Pool;

beforeAll(async () => {
  const server = inject('tandem').postgresUrl;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await admin.query('CREATE DATABASE of_before TEMPLATE template0');
  await admin.end();
  const url = Object.assign(new URL(server), { pathname: '/of_before' }).href;
  client = new Client({ connectionString: url });
  await client.connect();
  await migrate(url, 8);
  await fill();
  await migrate(url);
  pool = createPool(url);
});
afterAll(async () => {
  await pool?.end();
  await client?.end();
});

/** A deal that waits for its brand owner, as it was written before messages were numbered and events lay together. */
async function fill(): Promise<void> {
  const { terms } = newDeal(DEAL, 'campaign', minor(600_000n), DEFAULT_POLICY, AT);
  const run = (text: string, values: unknown[] = []) => client.query(text, values);
  await run(
    `INSERT INTO users (id, handle, roles) VALUES ($1, 'brand', '{brand_owner}'), ($2, 'star', '{influencer}')`,
    [BRAND, INFLUENCER],
  );
  await run(
    `INSERT INTO campaigns (id, brand_owner_id, title, description, budget, policy, created_at)
     VALUES ($1, $2, 'Monsoon', 'Three reels', 2000000, $3, $4)`,
    [CAMPAIGN, BRAND, DEFAULT_POLICY, AT],
  );
  await run(
    `INSERT INTO conversations (id, kind, campaign_id, brand_owner_id, influencer_id, chat_status, flow_state,
       awaiting_role, automation_enabled, flow_data, entered_at, stepped_at, deadline, asked_message_id, created_at,
       updated_at)
     VALUES ($1, 'campaign', $2, $3, $4, 'automated', 'initial', 'brand_owner', true, $5, $6, $6,
       $6::timestamptz + interval '7 days', $7, $6, $6)`,
    [DEAL, CAMPAIGN, BRAND, INFLUENCER, terms, AT, QUESTION],
  );
  await run(`INSERT INTO relays (conversation_id, deadline) SELECT id, deadline FROM conversations`);
  await run(
    `INSERT INTO messages (id, conversation_id, sender_id, receiver_id, message, message_type, action_required,
       action_data, is_automated, created_at)
     VALUES ($1, $3, $5, $4, 'I would love to', 'user_input', false, null, false, $6),
       ($2, $3, $5, $4, 'An influencer applied', 'automated', true, '{"flow_state": "initial"}', true, $6)`,
    [WORDS, QUESTION, DEAL, BRAND, INFLUENCER, AT],
  );
  await run(`INSERT INTO user_sequences (user_id, last_seq) VALUES ($1, 2)`, [BRAND]);
  await run(
    `INSERT INTO events (user_id, seq, name, data) VALUES ($1, 1, 'new_message', '{"a": 1}'), ($1, 2, 'notification', '{}')`,
    [BRAND],
  );
}

test('everything that is true at every instant is true after it', async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('messages keep their order, and the open question is open', async () => {
  const messages = await listMessages(pool, DEAL, { id: BRAND, admin: false }, { limit: 10, offset: 0, before: null });
  expect(
    messages.map(({ id, position, action_required, action_completed, is_automated }) => ({
      id,
      position,
      action_required,
      action_completed,
      is_automated,
    })),
  ).toEqual([
    { id: QUESTION, position: 2, action_required: true, action_completed: false, is_automated: true },
    { id: WORDS, position: 1, action_required: false, action_completed: false, is_automated: false },
  ]);
});

test('events keep their numbers', async () => {
  const events = await listEvents(pool, BRAND, 0, 10);
  expect(events.map(({ seq, name, data }) => ({ seq, name, data }))).toEqual([
    { seq: 1, name: 'new_message', data: { a: 1 } },
    { seq: 2, name: 'notification', data: {} },
  ]);
  expect(await listEvents(pool, BRAND, 1, 10)).toHaveLength(1);
});
