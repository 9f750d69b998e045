import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { seedGifts } from '../gift/catalogue.ts';
import { giveGift } from '../gift/giving.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { closeLeftOpen } from '../openings.ts';
import { blockUser } from '../people/blocks.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess, listOpenPromises } from '../process/processes.ts';
import { carryPromise } from '../process/promises.ts';
import { expireIfDue } from '../process/step.ts';
import type { StreamRow } from '../stream/streams.ts';
import { archivedStream, liveStream, withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { getBattle, maySeeBattle } from './battles.ts';
import { voteInBattle } from './counting.ts';
import { battleOpening } from './opening.ts';
import { doAs, type Fighting, newBattle } from './testing/fighting.ts';

let pool: Pool;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const origin = (ms: number) => ({ now: at(ms), systemUserId: SYSTEM, correlationId: null });
const LASTS = 60_000;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 10 });
  await seedGifts(pool, at(0));
});
afterAll(() => pool?.end());

const tokensOf = async ({ id }: { id: string }) => (await balanceOf(pool, id, 'TOKEN', at(0))).available;
const stateOf = async (id: string) => (await findProcess(pool, id))?.process;
const vote = (battle: Fighting, voterId: string, participantId: string, ms = 1) =>
  voteInBattle(pool, { battleId: battle.id, voterId, participantId, now: at(ms) });

async function running(asked: Partial<Parameters<typeof newBattle>[1]> = {}): Promise<Fighting> {
  const battle = await newBattle(pool, { lasts: LASTS, now: at(0), ...asked });
  const { kind } = await doAs(pool, battle.id, battle.opponent.id, 'accept', at(0));
  expect(kind).toBe('taken');
  return battle;
}

/** Its time is up: it ends, and what was promised is carried out. */
async function over({ id }: Fighting, ms = LASTS): Promise<void> {
  const stored = await findProcess(pool, id);
  if (stored) await expireIfDue(pool, stored, origin(ms));
  await settled(id, ms);
}

async function settled(id: string, ms: number): Promise<void> {
  for (const promise of await listOpenPromises(pool, id)) await carryPromise(pool, id, promise.id, origin(ms));
}

const give = (from: { id: string; handle: string }, stream: StreamRow, code: string, ms: number) =>
  pool.transaction((transaction) =>
    giveGift(transaction, {
      ...{ from, stream, code, quantity: 1, message: null, shareBps: 7_000, chance: 0, now: at(ms) },
    }),
  );

const people = (many: number) => Promise.all(Array.from({ length: many }, () => withTokens(pool, 100n, at(0))));

async function inOrder(): Promise<void> {
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
}

describe('a battle', () => {
  test('for stakes pays both to whoever has more, tells the two, and their wallets', async () => {
    const battle = await running({ stake: 40n });
    expect([await tokensOf(battle.challenger), await tokensOf(battle.opponent)]).toEqual([60n, 60n]);
    const [fan] = await people(1);
    await vote(battle, fan?.id ?? '', battle.opponent.id);
    await over(battle);
    expect([await tokensOf(battle.challenger), await tokensOf(battle.opponent)]).toEqual([60n, 140n]);
    const events = await listEvents(pool, battle.opponent.id, 0, 20);
    const own = events.filter(({ name }) => name.startsWith('battle_'));
    expect(own.map(({ name }) => name)).toEqual(['battle_invite', 'battle_start', 'battle_end']);
    expect(events.map(({ name }) => name)).toContain('balance_update');
    expect(own[2]?.data).toEqual({
      ...{ battleId: battle.id, status: 'ended', winnerId: battle.opponent.id },
      tallies: { [battle.challenger.id]: 0, [battle.opponent.id]: 1 },
    });
    await inOrder();
  });

  test('that is tied gives each theirs back', async () => {
    const battle = await running({ stake: 40n });
    const [one, other] = await people(2);
    await vote(battle, one?.id ?? '', battle.opponent.id);
    await vote(battle, other?.id ?? '', battle.challenger.id);
    await over(battle);
    expect((await stateOf(battle.id))?.terms).toMatchObject({ result: { winner: null } });
    expect([await tokensOf(battle.challenger), await tokensOf(battle.opponent)]).toEqual([100n, 100n]);
  });

  test('is not opened without the tokens for it, against oneself, nobody, or one who has blocked', async () => {
    const poor = await withTokens(pool, 10n, at(0));
    await expect(newBattle(pool, { challenger: poor, stake: 11n, now: at(0) })).rejects.toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
    });
    expect(await tokensOf(poor)).toBe(10n);
    const { challenger, opponent } = await newBattle(pool, { now: at(0) });
    await pool.transaction((transaction) =>
      blockUser(transaction, { userId: opponent.id, otherId: challenger.id, now: at(0) }),
    );
    const against = (opponentId: string) => newBattle(pool, { challenger, opponentId, now: at(0) });
    await expect(against(opponent.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(against(challenger.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(against('0190f3a2-0000-7000-8000-00000000dead')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is accepted by who has the tokens just then: of what is spent on several at once, no token is spent twice', async () => {
    const battles = await Promise.all([1, 2, 3].map(() => newBattle(pool, { stake: 60n, now: at(0) })));
    const stream = await liveStream(pool, at(0));
    for (const battle of battles) {
      const spend = give({ id: battle.opponent.id, handle: 'them' }, stream, 'FIREWORK', 1);
      const [accepted, given] = await Promise.allSettled([
        doAs(pool, battle.id, battle.opponent.id, 'accept', at(1)),
        spend,
      ]);
      const isTaken = accepted.status === 'fulfilled' && accepted.value.kind === 'taken';
      expect(isTaken !== (given.status === 'fulfilled')).toBe(true);
      if (accepted.status === 'fulfilled' && accepted.value.kind === 'refused') {
        expect(accepted.value.refusal.code).toBe('INSUFFICIENT_FUNDS');
        expect(await stateOf(battle.id)).toMatchObject({ state: 'invited', held: '60' });
      }
      expect(await tokensOf(battle.opponent)).toBe(isTaken ? 40n : 50n);
      await over(battle, 2 * LASTS);
      expect(await tokensOf(battle.challenger)).toBe(100n);
    }
    await inOrder();
  });

  test('takes nobody who is in another one, and of two that are accepted at once by one person just one', async () => {
    const challenger = await withTokens(pool, 100n, at(0));
    const two = [await newBattle(pool, { challenger, now: at(0) }), await newBattle(pool, { challenger, now: at(0) })];
    const all = await Promise.all(two.map(({ id, opponent }) => doAs(pool, id, opponent.id, 'accept', at(1))));
    expect(all.map(({ kind }) => kind).sort()).toEqual(['refused', 'taken']);
    expect(all.find(({ kind }) => kind === 'refused')).toMatchObject({ refusal: { code: 'CONFLICT' } });
  });

  test('takes one vote of each who watches, of neither of the two, for one of them, and none after its end', async () => {
    const battle = await newBattle(pool, { lasts: LASTS, now: at(0) });
    const [fan, late] = await people(2);
    const voter = fan?.id ?? '';
    await expect(vote(battle, voter, battle.opponent.id)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    await doAs(pool, battle.id, battle.opponent.id, 'accept', at(0));
    await Promise.all(Array.from({ length: 8 }, () => vote(battle, voter, battle.opponent.id)));
    await expect(vote(battle, voter, battle.challenger.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(vote(battle, battle.challenger.id, battle.challenger.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(vote(battle, late?.id ?? '', voter)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    // At its end to the millisecond, whether or not anybody has ended it.
    await expect(vote(battle, late?.id ?? '', battle.challenger.id, LASTS)).rejects.toMatchObject({
      code: 'FLOW_STATE_INVALID',
    });
    await over(battle);
    expect(await getBattle(pool, battle.id, { id: voter, isAdmin: false })).toMatchObject({
      ...{ winner: 'opponent', opponent_votes: 1, challenger_votes: 0, my_vote: battle.opponent.id },
    });
  });

  test('is known to the two until it has begun, and then to whom both may be known', async () => {
    const battle = await newBattle(pool, { now: at(0) });
    const [fan, foe] = await people(2);
    expect(await maySeeBattle(pool, battle.id, fan?.id ?? '')).toBe(false);
    await doAs(pool, battle.id, battle.opponent.id, 'accept', at(0));
    await pool.transaction((transaction) =>
      blockUser(transaction, { userId: battle.challenger.id, otherId: foe?.id ?? '', now: at(0) }),
    );
    expect(await maySeeBattle(pool, battle.id, fan?.id ?? '')).toBe(true);
    expect(await maySeeBattle(pool, battle.id, foe?.id ?? '')).toBe(false);
  });

  test('in a stream counts its gifts while it runs, and is lost by who ends the stream', async () => {
    const stream = await liveStream(pool, at(0));
    const challenger = { id: stream.creator_id, handle: 'streams' };
    const [fan] = await people(1);
    const giver = fan as { id: string; handle: string };
    await give(giver, stream, 'ROSE', 0);
    const battle = await running({ challenger, streamId: stream.id });
    await expect(newBattle(pool, { challenger, streamId: stream.id, now: at(0) })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await give(giver, stream, 'CLAP', 1);
    const words = await battleOpening.takeStandings(pool, at(1), 100);
    const rooms = [`battle_${battle.id}`, `stream_${stream.id}`];
    expect(words.filter((word) => word.rooms.includes(rooms[0] as string))).toMatchObject([
      { rooms, name: 'battle_start' },
      { rooms, name: 'battle_update', data: { tallies: { [challenger.id]: 10, [battle.opponent.id]: 0 } } },
    ]);
    await give(giver, stream, 'HEART', 2);
    expect(await battleOpening.takeStandings(pool, at(400), 100)).toEqual([]);
    expect(await battleOpening.takeStandings(pool, at(501), 100)).toMatchObject([{ name: 'battle_update' }]);
    await archivedStream(pool, stream, at(600));
    await expect(vote(battle, giver.id, challenger.id, 700)).rejects.toMatchObject({ code: 'FLOW_STATE_INVALID' });
    expect(await closeLeftOpen(pool, origin(800), 10)).toEqual([battle.id]);
    expect((await stateOf(battle.id))?.terms).toMatchObject({
      result: { winner: 'opponent', forfeited_by: 'challenger', tallies: { challenger: { votes: 0, tokens: 11 } } },
    });
    await inOrder();
  });

  test('whatever is voted and given while it ends counts in its end or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 4, maxLength: 12 }), fc.nat(11), async (acts, ends) => {
        const stream = await liveStream(pool, at(0));
        const battle = await running({ challenger: { id: stream.creator_id, handle: 'streams' }, stake: 0n });
        const crowd = await people(acts.length);
        const work = acts.map((what, place) => {
          const who = crowd[place] as { id: string; handle: string };
          if (what === 2) return give(who, stream, 'HEART', LASTS - 1);
          return vote(battle, who.id, what === 0 ? battle.challenger.id : battle.opponent.id, LASTS - 1);
        });
        work.splice(ends % acts.length, 0, over(battle));
        await Promise.allSettled(work);
        await over(battle);
        await inOrder();
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 60_000);
});

test('nobody waited for each other in a circle', async () => {
  const deadlocks = await pool.oneFirst(sql.type(z.object({ deadlocks: z.bigint() }))`
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()
  `);
  expect(deadlocks).toBe(0n);
});
