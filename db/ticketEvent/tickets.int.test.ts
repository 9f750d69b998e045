import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { asTicketEvent } from '#workflows/ticketEvent/terms.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess, listOpenPromises } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import { appendOwnStep, expireIfDue } from '../process/step.ts';
import type { StoredProcess } from '../process/stored.ts';
import { openStream } from '../stream/streams.ts';
import { liveStream, withTokens } from '../stream/testing/live.ts';
import { mayWatch } from '../stream/watching.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { openedTicketEvent } from './testing/ticketEvents.ts';
import { findTicketOf, sellTicket, takeBackTicket, takeHoldersRefunded } from './tickets.ts';

let pool: Pool;
const NOW = '2026-03-01T09:00:00.000Z';
const later = (hours: number) => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
const at = (now: string) => ({ now, systemUserId: SYSTEM, correlationId: null });
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 10 });
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

const tokensOf = async (userId: string) => (await balanceOf(pool, userId, 'TOKEN', NOW)).available;
const buyer = async (tokens = 30n) => ({ id: (await withTokens(pool, tokens, NOW)).id, isAdmin: false });
const buy = (eventId: string, who: { id: string; isAdmin: boolean }, now = NOW) =>
  pool.transaction((transaction) => sellTicket(transaction, { eventId, buyer: who }, at(now)));
const heardBy = async (userId: string) =>
  (await listEvents(pool, userId, 0, 1_000))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('ticket:') || name.startsWith('event:'));

async function storedOf(id: string): Promise<StoredProcess> {
  const stored = await findProcess(pool, id);
  if (!stored) throw new Error('it is not there');
  return stored;
}

async function cancel(id: string): Promise<void> {
  const stored = await storedOf(id);
  await pool.transaction((transaction) =>
    appendOwnStep(transaction, stored, { on: 'cancel', by: 'system', data: {} }, at(NOW)),
  );
}

/** Time passes until an instant: deadlines are applied, promises carried out. How many steps that took. */
async function pass(id: string, now: string): Promise<number> {
  let steps = 0;
  while (await expireIfDue(pool, await storedOf(id), at(now))) steps += 1;
  for (const { id: promise } of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise, at(now));
  return steps;
}

describe('tickets', () => {
  test('are never oversold: of twelve who want the last two, two have them, and ten are told so and lose nothing', async () => {
    const { id, creatorId } = await openedTicketEvent(pool, { now: NOW, capacity: 2 });
    const buyers = await Promise.all(Array.from({ length: 12 }, () => buyer()));
    const results = await Promise.allSettled(buyers.map((each) => buy(id, each)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'LIMIT_REACHED' });
    }
    const left = await Promise.all(buyers.map(({ id: each }) => tokensOf(each)));
    expect(left.filter((tokens) => tokens === 0n)).toHaveLength(2);
    expect(left.filter((tokens) => tokens === 30n)).toHaveLength(10);
    expect(await heardBy(creatorId)).toEqual(['ticket:sold', 'ticket:sold']);
  });

  test('are one for one: who asks twice in the same instant has one, and paid for one', async () => {
    const { id } = await openedTicketEvent(pool, { now: NOW });
    const fan = await buyer(90n);
    const bought = await Promise.all(Array.from({ length: 4 }, () => buy(id, fan)));
    expect(new Set(bought.map(({ ticket }) => ticket.id)).size).toBe(1);
    expect(bought.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await tokensOf(fan.id)).toBe(60n);
    expect(await heardBy(fan.id)).toEqual(['ticket:issued']);
  });

  test('cost what they cost, or nothing happens; and none are sold once it has begun elsewhere', async () => {
    const { id } = await openedTicketEvent(pool, { now: NOW });
    const poor = await buyer(29n);
    await expect(buy(id, poor)).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    expect(await findTicketOf(pool, id, poor.id)).toBeNull();
    await expect(buy(id, await buyer(), later(2))).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    expect(asTicketEvent((await storedOf(id)).process).terms.sold).toBe(0);
  });

  test('are held until a day after the beginning, and then the share is the creator’s', async () => {
    const { id, creatorId } = await openedTicketEvent(pool, { now: NOW });
    for (let each = 0; each < 3; each += 1) await buy(id, await buyer());
    await pass(id, later(25.9));
    expect([await tokensOf(creatorId), (await storedOf(id)).process.held]).toEqual([0n, '90']);
    await pass(id, later(26));
    expect([await tokensOf(creatorId), (await storedOf(id)).process.state]).toEqual([63n, 'settled']);
  });

  test('are given back until a day before it begins, by their holder alone; and what came back is sold again', async () => {
    const { id, creatorId } = await openedTicketEvent(pool, { now: NOW, capacity: 1 });
    const [fan, other] = [await buyer(), await buyer()];
    const { ticket } = await buy(id, fan);
    const takeBack = (by: { id: string; isAdmin: boolean }, now = NOW) =>
      pool.transaction((transaction) => takeBackTicket(transaction, { eventId: id, ticketId: ticket.id, by }, at(now)));
    await expect(takeBack(other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // It begins in two hours: too late for who has it, and the creator may all the same.
    await expect(takeBack(fan)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    const creator = { id: creatorId, isAdmin: false };
    const twice = await Promise.all([takeBack(creator), takeBack(creator)]);
    expect(twice.map(({ status }) => status)).toEqual(['refunded', 'refunded']);
    expect(await tokensOf(fan.id)).toBe(30n);
    expect(await heardBy(fan.id)).toEqual(['ticket:issued', 'ticket:refunded']);
    expect(await takeHoldersRefunded(pool, 10)).toContain(fan.id);
    expect((await buy(id, other)).isNew).toBe(true);
  });

  test('of an event that is cancelled are refunded to all 130 who have one, a hundred at a time, each once', async () => {
    const { id, creatorId } = await openedTicketEvent(pool, { now: NOW, capacity: 130 });
    const buyers: string[] = [];
    for (let ten = 0; ten < 13; ten += 1) {
      const fans = await Promise.all(Array.from({ length: 10 }, () => buyer()));
      await Promise.all(fans.map((fan) => buy(id, fan)));
      buyers.push(...fans.map((fan) => fan.id));
    }
    await cancel(id);
    expect((await storedOf(id)).process).toMatchObject({ state: 'refunding', held: '3900' });
    // As several workers would come to it at once.
    const stored = await storedOf(id);
    await Promise.all(Array.from({ length: 4 }, () => expireIfDue(pool, stored, at(NOW))));
    expect((await storedOf(id)).process.held).toBe('900');
    expect(await pass(id, NOW)).toBe(1);
    expect((await storedOf(id)).process).toMatchObject({ state: 'cancelled', held: '0' });
    const left = await pool.oneFirst(sql.typeAlias('id')`
      SELECT count(*) || ' of ' || sum(balance) AS id FROM ledger_accounts
      WHERE kind = 'wallet' AND asset = 'TOKEN' AND owner_id = ANY(${sql.array(buyers, 'uuid')})
    `);
    expect(left).toBe('130 of 3900');
    for (const fan of buyers.slice(-2)) {
      expect(await heardBy(fan)).toEqual(['ticket:issued', 'event:cancelled', 'ticket:refunded']);
    }
    expect((await heardBy(creatorId)).at(-1)).toBe('event:cancelled');
  });

  test('open their stream while they are valid, to nobody else, and are refunded where it never began', async () => {
    const { creator_id: creatorId } = await liveStream(pool, NOW);
    const streamId = await pool.transaction((transaction) =>
      openStream(transaction, {
        ...{ creatorId, title: 'Ragas', category: 'music', tags: [], visibility: 'public', ticketEventId: null },
        ...{ scheduledAt: later(2), watched: false, now: NOW },
      }),
    );
    const { id } = await openedTicketEvent(pool, { now: NOW, streamId, creatorId });
    const [fan, other] = [await buyer(), await buyer()];
    await buy(id, fan);
    expect([await mayWatch(pool, streamId, fan.id), await mayWatch(pool, streamId, other.id)]).toEqual([true, false]);
    await pass(id, later(26));
    expect((await storedOf(id)).process.state).toBe('cancelled');
    expect([await mayWatch(pool, streamId, fan.id), await tokensOf(fan.id)]).toEqual([false, 30n]);
  });
});
