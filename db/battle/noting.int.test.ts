import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { ANSWER_MS } from '#workflows/battle/machine.ts';
import { SYSTEM } from '../deal/testing/dealing.ts';
import { listEvents } from '../event/outbox.ts';
import { registerDevice } from '../notification/devices.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import { withTokens } from '../stream/testing/live.ts';
import { voteInBattle } from './counting.ts';
import { noteBattles } from './noting.ts';
import { doAs, type Fighting, newBattle } from './testing/fighting.ts';

// What the two of a battle find in their inboxes, on a real database.

let pool: Pool;
const START = Date.parse('2026-11-25T09:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const LASTS = 60_000;

beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 10 });
});
afterAll(() => pool?.end());

class Died extends Error {}

/** What workers do: three at once, of whom one dies before its commit, until nothing is left. */
async function note(ms: number): Promise<void> {
  const turn = (dies: boolean) =>
    pool
      .transaction(async (transaction) => {
        await noteBattles(transaction, at(ms), 32);
        if (dies) throw new Died();
      })
      .catch((error) => {
        if (!(error instanceof Died)) throw error;
      });
  await Promise.all([turn(true), turn(false), turn(false)]);
  while (await pool.transaction((transaction) => noteBattles(transaction, at(ms), 1)));
}

const kept = z.object({ kind: z.string(), title: z.string(), body: z.string() });

const notesOf = async ({ id: battleId }: Fighting, { id: userId }: { id: string }) =>
  (
    await pool.any(sql.type(kept)`
      SELECT kind, title, body FROM notifications WHERE user_id = ${userId} AND data ->> 'battleId' = ${battleId}
      ORDER BY position
    `)
  ).map(({ kind, title, body }) => [kind, title.replace(/@?u-[0-9a-f]+/, '…'), body]);

async function expire({ id }: Fighting, ms: number): Promise<void> {
  const stored = await findProcess(pool, id);
  const origin = { now: at(ms), systemUserId: SYSTEM, correlationId: null };
  if (!stored || !(await expireIfDue(pool, stored, origin))) throw new Error('it was not due');
}

async function accepted(stake: bigint): Promise<Fighting> {
  const battle = await newBattle(pool, { stake, lasts: LASTS, now: at(0) });
  await doAs(pool, battle.id, battle.opponent.id, 'accept', at(1_000));
  return battle;
}

describe('of a battle', () => {
  test('whoever is asked is told with the invitation, and a device of theirs is rung while they may still answer', async () => {
    const challenger = await withTokens(pool, 100n, at(0));
    const opponent = await withTokens(pool, 100n, at(0));
    await registerDevice(pool, {
      ...{ id: randomUUID(), user_id: opponent.id, platform: 'fcm', token: 'a device', keys: null, locale: null },
      ...{ time_zone: null, session_id: null, created_at: at(0) },
    });
    const battle = await newBattle(pool, { stake: 30n, now: at(0), challenger, opponentId: opponent.id });
    expect(await notesOf(battle, opponent)).toEqual([
      [
        'battle_challenged',
        '… challenged you to a battle',
        'Each of you puts up 30 TOKEN. You have a minute to accept',
      ],
    ]);
    expect(await notesOf(battle, challenger)).toEqual([]);
    const names = (await listEvents(pool, opponent.id, 0, 20)).map(({ name }) => name);
    expect(names).toEqual(['battle_invite', 'notification', 'new_notification']);
    const pushes = await pool.any(sql.type(z.object({ kind: z.string(), due: z.string() }))`
      SELECT kind, due FROM pushes WHERE user_id = ${opponent.id} AND outcome IS NULL
    `);
    expect(pushes.map(({ kind }) => kind)).toEqual(['battle_challenged']);
    expect(Date.parse(pushes[0]?.due ?? '')).toBeLessThan(START + ANSWER_MS / 2);
  });

  test('the challenger is told that it begins, and both how it ended, each once, whichever workers die over it', async () => {
    const battle = await accepted(30n);
    const { challenger, opponent } = battle;
    await note(2_000);
    await note(3_000);
    expect(await notesOf(battle, challenger)).toEqual([['battle_accepted', '… accepted your battle', '']]);
    const fan = await withTokens(pool, 0n, at(0));
    const vote = { battleId: battle.id, voterId: fan.id, participantId: opponent.id, now: at(4_000) };
    await voteInBattle(pool, vote);
    await expire(battle, 1_000 + LASTS);
    await note(2_000 + LASTS);
    await note(3_000 + LASTS);
    expect((await notesOf(battle, challenger)).slice(1)).toEqual([['battle_ended', '… won your battle', '']]);
    expect((await notesOf(battle, opponent)).slice(1)).toEqual([
      ['battle_ended', 'You won your battle with …', '60 TOKEN are yours'],
    ]);
  });

  test('that ends while others are being told of, the two are told who won, and never that nobody had', async () => {
    const battles = await Promise.all(Array.from({ length: 12 }, () => accepted(0n)));
    for (const { id: battleId, opponent } of battles) {
      const fan = await withTokens(pool, 0n, at(0));
      await voteInBattle(pool, { battleId, voterId: fan.id, participantId: opponent.id, now: at(2_000) });
    }
    const ended = new AbortController();
    const tellers = [1, 2, 3].map(async (limit) => {
      while (!ended.signal.aborted) {
        await pool.transaction((transaction) => noteBattles(transaction, at(1_000 + LASTS), limit));
      }
    });
    await Promise.all(battles.map((battle) => expire(battle, 1_000 + LASTS))).finally(() => ended.abort());
    await Promise.all(tellers);
    await note(2_000 + LASTS);
    for (const battle of battles) {
      expect((await notesOf(battle, battle.challenger)).at(-1)).toEqual(['battle_ended', '… won your battle', '']);
      expect((await notesOf(battle, battle.opponent)).at(-1)).toEqual([
        'battle_ended',
        'You won your battle with …',
        '',
      ]);
    }
  });

  test('that nobody won, both are told that they have theirs again', async () => {
    const battle = await accepted(30n);
    await expire(battle, 1_000 + LASTS);
    await note(2_000 + LASTS);
    for (const side of [battle.challenger, battle.opponent]) {
      expect((await notesOf(battle, side)).at(-1)).toEqual([
        ...['battle_ended', 'You and … came out even', 'Your 30 TOKEN are yours again'],
      ]);
    }
    // It was over before anybody could be told that it began: that is of no use any more.
    expect((await notesOf(battle, battle.challenger)).map(([kind]) => kind)).toEqual(['battle_ended']);
  });

  test('that is not fought, whoever waited for the other is told, and nobody else', async () => {
    const declined = await newBattle(pool, { stake: 5n, lasts: LASTS, now: at(0) });
    await doAs(pool, declined.id, declined.opponent.id, 'decline', at(1_000));
    const unanswered = await newBattle(pool, { lasts: LASTS, now: at(0) });
    await expire(unanswered, ANSWER_MS);
    const withdrawn = await newBattle(pool, { lasts: LASTS, now: at(0) });
    await doAs(pool, withdrawn.id, withdrawn.challenger.id, 'cancel', at(1_000));
    await note(ANSWER_MS);
    const last = async (battle: Fighting, side: 'challenger' | 'opponent') =>
      (await notesOf(battle, battle[side])).filter(([kind]) => kind === 'battle_ended');
    expect(await last(declined, 'challenger')).toEqual([
      ['battle_ended', '… declined your battle', 'Your 5 TOKEN are yours again'],
    ]);
    expect(await last(unanswered, 'challenger')).toEqual([['battle_ended', '… did not answer your battle', '']]);
    expect(await last(withdrawn, 'opponent')).toEqual([['battle_ended', 'The battle with … is off', '']]);
    for (const [battle, side] of [
      [declined, 'opponent'],
      [unanswered, 'opponent'],
      [withdrawn, 'challenger'],
    ] as const) {
      expect(await last(battle, side)).toEqual([]);
    }
  });
});
