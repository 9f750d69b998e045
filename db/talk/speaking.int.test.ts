import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { listEvents } from '../event/outbox.ts';
import { type HeardEvents, noteWithin } from '../heard.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { type Between, findBetween } from './between.ts';
import { openDirect } from './conversations.ts';
import { speakToOther } from './speaking.ts';
import { heardBy, lastPreviewOf, NOW, newPeople, textsHeardBy } from './testing/crowd.ts';
import { countUnread } from './unread.ts';

let pool: Pool;
const told: HeardEvents[] = [];
beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  pool.onHeard((_, each) => told.push(...each));
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool.end();
});

async function two(): Promise<{ asha: string; ben: string; conversationId: string }> {
  const [asha = '', ben = ''] = await newPeople(pool, 2);
  const { conversation } = await pool.transaction((transaction) => openDirect(transaction, asha, ben, NOW));
  return { asha, ben, conversationId: conversation.id };
}

async function speak(conversationId: string, senderId: string, text: string, now = NOW) {
  const between = (await findBetween(pool, conversationId, senderId)) as Between;
  const saying = { conversationId, senderId, text, content: 'text' as const, mediaUrl: null, now };
  return speakToOther(pool, saying, between);
}

test('what is said is told as it was said, whatever it looks like, and known with the commit as it is kept', async () => {
  const { asha, ben, conversationId } = await two();
  const texts = [
    'Hello',
    '{"unreadCount":-1,"created_at":"","timestamp":""}',
    '"unreadCount":-1',
    '\\"created_at":"" \\\\"timestamp\\":""',
    'नमस्ते 👩🏽‍🚀 \n\t\u2028',
  ];
  told.length = 0;
  for (const text of texts) expect((await speak(conversationId, asha, text))?.message.message).toBe(text);
  expect(await textsHeardBy(pool, asha)).toEqual(texts);
  expect(await textsHeardBy(pool, ben)).toEqual(texts);
  for (const userId of [asha, ben]) {
    const known = told.filter((each) => each.userId === userId).flatMap(({ events }) => events);
    expect(known).toEqual(await heardBy(pool, userId));
  }
  const previews = (await heardBy(pool, ben)).filter(({ name }) => name === 'message_preview');
  expect(previews.map(({ data }) => (data as { data: { unreadCount: number } }).data.unreadCount)).toEqual([
    ...[1, 2, 3, 4, 5],
  ]);
});

test('nothing is before what was said before it, and both sides hear when it was', async () => {
  const { asha, ben, conversationId } = await two();
  const [later, earlier] = ['2026-03-01T09:00:02.120Z', '2026-03-01T08:00:00.000Z'];
  for (const now of [later, earlier])
    expect((await speak(conversationId, asha, now, now))?.said.created_at).toBe(later);
  const times = (await heardBy(pool, ben)).flatMap(({ name, data }) => {
    const { message, data: preview } = data as { message?: { created_at: string }; data?: { timestamp: string } };
    return name === 'new_message' ? [message?.created_at] : name === 'message_preview' ? [preview?.timestamp] : [];
  });
  expect(times).toEqual([later, later, later, later]);
});

test('where nobody may talk freely nothing is written, and nobody told', async () => {
  const { asha, ben, conversationId } = await two();
  await pool.query(sql.typeAlias('void')`UPDATE conversations SET chat = 'closed' WHERE id = ${conversationId}`);
  told.length = 0;
  expect(await speak(conversationId, asha, 'Hello?')).toBeNull();
  expect(told).toEqual([]);
  for (const userId of [asha, ben]) expect(await listEvents(pool, userId, 0, 10)).toEqual([]);
});

test('a transaction says with its commit what there is, and nothing of what was undone, be it a part of it', async () => {
  const { asha, ben, conversationId } = await two();
  const between = (await findBetween(pool, conversationId, asha)) as Between;
  const saying = (text: string) => ({
    conversationId,
    senderId: asha,
    text,
    content: 'text' as const,
    mediaUrl: null,
    now: NOW,
  });
  told.length = 0;
  await pool.transaction(async (transaction) => {
    await transaction
      .transaction(async (savepoint) => {
        noteWithin(transaction, savepoint);
        await speakToOther(savepoint, saying('Undone'), between);
        throw new Error('no');
      })
      .catch(() => {});
    await speakToOther(transaction, saying('Hello'), between);
    expect(told).toEqual([]);
  });
  // Of somebody of whom a part told as well nothing is said but that there is something.
  expect(told).toEqual([]);
  expect(await textsHeardBy(pool, ben)).toEqual(['Hello']);
  await pool.transaction(async (transaction) => {
    await speakToOther(transaction, saying('One'), between);
    await speakToOther(transaction, saying('Two'), between);
  });
  const known = told.filter(({ userId }) => userId === ben).flatMap(({ events }) => events);
  expect(known).toEqual((await heardBy(pool, ben)).slice(-known.length));
  expect(known).toHaveLength(6);
  told.length = 0;
  const undone = pool.transaction(async (transaction) => {
    await speakToOther(transaction, saying('Undone as well'), between);
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow();
  expect(told).toEqual([]);
});

test('of what both say at the same instants each hears all, in the one order that it has, and the counts are right', async () => {
  const { asha, ben, conversationId } = await two();
  const said = await Promise.all(
    Array.from({ length: 60 }, (_, n) => speak(conversationId, n % 3 === 0 ? ben : asha, `${n}`)),
  );
  const inOrder = said
    .map((spoken) => spoken?.said)
    .sort((one, other) => (one?.position ?? 0) - (other?.position ?? 0))
    .map((each) => each?.message);
  for (const userId of [asha, ben]) expect(await textsHeardBy(pool, userId)).toEqual(inOrder);
  expect(await countUnread(pool, ben)).toBe(40);
  expect(await countUnread(pool, asha)).toBe(20);
  expect(await lastPreviewOf(pool, ben, conversationId)).toBe(40);
  expect(await lastPreviewOf(pool, asha, conversationId)).toBe(20);
});
