import { randomUUID } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import type { Failure } from '#workflows/failures.ts';
import { DEFAULT_POLICY } from '#workflows/trade/policy.ts';
import { newUser, startDealing } from '../deal/testing/dealing.ts';
import { seedGifts } from '../gift/catalogue.ts';
import { giveGift } from '../gift/giving.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { openPoll } from '../poll/polls.ts';
import { fallDue } from '../poll/testing/livePolls.ts';
import { vote } from '../poll/voting.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { ask } from '../question/questions.ts';
import { writeChat } from '../stream/chat.ts';
import { noteMinute } from '../stream/minutes.ts';
import { addSegment } from '../stream/segments.ts';
import { changeStream, getStream, listStreams } from '../stream/streams.ts';
import { archivedStream, liveStream, withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { insertOffer, takeOffer } from '../trading/offers.ts';
import { exportOf } from './export.ts';
import { leave } from './leaving.ts';

let pool: Pool;
const NOW = '2026-11-25T09:00:00.000Z';
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 5 });
  await seedGifts(pool, NOW);
});
afterAll(() => pool?.end());

/** Who streamed and polled, and who wrote, asked, voted and gave there: every word of theirs has `mark` in it. */
async function streamed(mark: string) {
  const stream = await liveStream(pool, NOW);
  const creatorId = stream.creator_id;
  const viewer = await withTokens(pool, 100n, NOW);
  const file = `https://media.example/${mark}.png`;
  await changeStream(pool, stream.id, creatorId, {
    ...{ title: mark, tags: [mark], theme: { background: file } },
    overlays: [{ kind: 'text', text: mark, x: 0, y: 0 }],
  });
  await addSegment(pool, stream.id, {
    ...{ media_url: file, title: mark, at_seconds: null, duration_ms: 1_000, created_at: NOW },
  });
  await pool.transaction((transaction) => writeChat(transaction, stream, { userId: viewer.id, text: mark, now: NOW }));
  await pool.transaction((transaction) => ask(transaction, stream, { userId: viewer.id, text: mark, now: NOW }));
  const asked = { question: mark, options: [mark, 'Noodles'], durationSeconds: 60 };
  const pollId = await pool.transaction((transaction) =>
    openPoll(transaction, { ...asked, streamId: stream.id, creatorId, now: NOW }),
  );
  await vote(pool, { id: viewer.id, isAdmin: false }, { pollId, streamId: null, option: 1, now: NOW });
  await fallDue(pool, pollId, '2026-11-25T09:01:00.000Z');
  await pool.transaction((transaction) =>
    giveGift(transaction, {
      ...{ from: viewer, stream, code: 'HEART', quantity: 2, message: mark, shareBps: 7_000, chance: 0, now: NOW },
    }),
  );
  await noteMinute(pool, [{ streamId: stream.id, userIds: [viewer.id] }], NOW);
  await archivedStream(pool, stream, NOW);
  return { streamId: stream.id, creatorId, viewerId: viewer.id };
}

/** Tables in which some row has these letters. What others were told stays with them until that is pruned. */
async function tablesWith(mark: string): Promise<string[]> {
  const tables = await pool.anyFirst(sql.typeAlias('id')`
    SELECT relname AS id FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> 'outbox' ORDER BY relname
  `);
  const found: string[] = [];
  for (const table of tables) {
    const isThere = await pool.exists(sql.typeAlias('void')`
      SELECT FROM ${sql.identifier([table])} AS kept WHERE kept::text LIKE ${`%${mark}%`}
    `);
    if (isThere) found.push(table);
  }
  return found;
}

test('who leaves takes along what they said in streams, theirs and others’, with gifts and in chat', async () => {
  const mark = `secret${randomUUID()}`;
  const { streamId, creatorId, viewerId } = await streamed(mark);
  const kept = [
    'gift_events',
    'polls',
    'questions',
    'stream_messages',
    'stream_openings',
    'stream_segments',
    'streams',
  ];
  expect(await tablesWith(mark)).toEqual(kept);
  for (const id of [creatorId, viewerId]) await pool.transaction((transaction) => leave(transaction, id, NOW));
  expect(await tablesWith(mark)).toEqual([]);
  const reader = { id: (await withTokens(pool, 0n, NOW)).id, isAdmin: false };
  await expect(getStream(pool, streamId, reader)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const listed = { reader, status: null, category: null, creatorId, limit: 10, before: null };
  expect(await listStreams(pool, listed)).toEqual([]);
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
});

test('what is kept of one has one’s streams, words in them, gifts both ways and experience, and nobody else’s', async () => {
  const mark = `kept${randomUUID()}`;
  const { streamId, creatorId, viewerId } = await streamed(mark);
  const [creators, viewers] = [await exportOf(pool, creatorId), await exportOf(pool, viewerId)];
  expect(creators.streams?.items).toMatchObject([{ id: streamId, title: mark, tags: [mark] }]);
  expect(creators.stream_segments?.items).toMatchObject([{ stream_id: streamId, title: mark }]);
  expect(viewers.stream_messages?.items).toMatchObject([{ stream_id: streamId, text: mark }]);
  expect(creators.polls?.items).toMatchObject([{ stream_id: streamId, question: mark, options: [mark, 'Noodles'] }]);
  expect(viewers.poll_votes?.items).toMatchObject([{ option: 1 }]);
  expect(viewers.questions?.items).toMatchObject([{ stream_id: streamId, text: mark }]);
  expect(viewers.gifts_given?.items).toMatchObject([{ code: 'HEART', tokens: '2', message: mark }]);
  expect(creators.gifts_received?.items).toMatchObject([{ code: 'HEART', share: '1', from_user_id: viewerId }]);
  expect(viewers.streams_watched?.items).toMatchObject([{ stream_id: streamId, minutes: 0 }]);
  expect(viewers.experience?.items).toMatchObject([{ action: 'gift_sent', points: '4' }]);
  expect(viewers.badges?.items).toMatchObject([{ code: 'first_gift' }]);
  for (const mine of ['streams', 'stream_segments', 'polls', 'gifts_received'])
    expect(viewers[mine]?.items).toEqual([]);
  for (const mine of ['stream_messages', 'poll_votes', 'questions', 'gifts_given', 'streams_watched'])
    expect(creators[mine]?.items).toEqual([]);
});

function gate() {
  const { promise: passed, resolve } = Promise.withResolvers<void>();
  return { passed, open: () => resolve() };
}

test('who opens a deal with somebody, or takes of their offer, as they leave is refused', async () => {
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const parties = await dealing.newPair();
  const offer = {
    ...{ id: uuid(), userId: parties.brand_owner, side: 'buy' as const, asset: 'USDT' as const, currency: 'INR' },
    ...{ amount: 100n, least: 1n, most: 100n, price: '85.50', marginBps: null, expiresAt: null },
    ...{ paymentMethods: ['UPI'], paymentDetails: null, policy: DEFAULT_POLICY },
  };
  await pool.transaction((transaction) => insertOffer(transaction, offer, NOW));
  const taking = {
    userId: parties.influencer,
    amount: 10n,
    paymentMethod: 'UPI',
    price: null,
    paymentDetails: 'him@bank',
  };
  const [left, asked] = [gate(), gate()];
  const leaving = pool.transaction(async (transaction) => {
    await leave(transaction, parties.brand_owner, NOW);
    left.open();
    await asked.passed;
  });
  await left.passed;
  // They wait for what is not committed yet, or find it done.
  const answers = [
    dealing.open('bid', parties),
    pool.transaction((transaction) => takeOffer(transaction, { ...taking, id: offer.id, now: NOW })),
  ].map((opening) => opening.then(() => 'done').catch((error: Failure) => error.code));
  asked.open();
  await leaving;
  expect(await Promise.all(answers)).toEqual(['NOT_FOUND', 'FLOW_STATE_INVALID']);
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
});

test('who takes of an offer first keeps its maker from leaving, and neither waits for the other in a circle', async () => {
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const { brand_owner: maker, influencer: taker } = await dealing.newPair();
  const offer = {
    ...{ id: uuid(), userId: maker, side: 'buy' as const, asset: 'USDT' as const, currency: 'INR' },
    ...{ amount: 100n, least: 1n, most: 100n, price: '85.50', marginBps: null, expiresAt: null },
    ...{ paymentMethods: ['UPI'], paymentDetails: null, policy: DEFAULT_POLICY },
  };
  await pool.transaction((transaction) => insertOffer(transaction, offer, NOW));
  await transfer(pool, {
    ...{ key: `given_${taker}`, reason: 'test_money', conversationId: null, occurredAt: NOW },
    legs: [
      { account: accounts.issuance('USDT'), amount: -100n },
      { account: accounts.wallet(taker, 'USDT'), amount: 100n },
    ],
  });
  const taking = { userId: taker, amount: 10n, paymentMethod: 'UPI', price: null, paymentDetails: 'him@bank' };
  const [taken, leaves] = [gate(), gate()];
  const trade = pool.transaction(async (transaction) => {
    const id = await takeOffer(transaction, { ...taking, id: offer.id, now: NOW });
    taken.open();
    await leaves.passed;
    return id;
  });
  await taken.passed;
  const leaving = pool
    .transaction((transaction) => leave(transaction, maker, NOW))
    .then(() => 'left')
    .catch((error: Failure) => error.code);
  leaves.open();
  expect(await leaving).toBe('CONFLICT');
  expect(await trade).toMatch(/-/);
});
