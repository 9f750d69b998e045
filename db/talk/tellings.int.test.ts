import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { addMember, lockRoom, removeMember } from './rooms.ts';
import { listUntold, type ToldChunk, tellNext } from './tellings.ts';
import { heardBy, lastPreviewOf, NOW, newPeople, newRoom, say, textsHeardBy } from './testing/crowd.ts';
import { countUnread } from './unread.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());
afterEach(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

class Crash extends Error {}

/** Tells one chunk; with `crash` the process dies before that is committed. */
async function tellOne(room: string, { crash = false, chunk = 10, wait = true } = {}): Promise<ToldChunk | null> {
  let told: ToldChunk | null = null;
  try {
    await pool.transaction(async (transaction) => {
      told = await tellNext(transaction, room, { wait, chunk });
      if (crash) throw new Crash();
    });
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { users: [], more: true };
  }
  return told;
}

async function tellAll(room: string, chunk = 10): Promise<void> {
  while ((await tellOne(room, { chunk }))?.more);
}

test('nothing that is said is before what was said before it, though the clock of one who writes went back', async () => {
  const people = await newPeople(pool, 3);
  const room = await newRoom(pool, people);
  const at = ['2026-03-01T09:00:02.000Z', '2026-03-01T08:00:00.000Z', '2026-03-01T09:00:03.000Z'];
  const said = [];
  for (const [place, now] of at.entries()) {
    said.push((await say(pool, room, people[place] as string, 'word', now)).message.created_at);
  }
  expect(said).toEqual([at[0], at[0], at[2]]);
});

describe('a room of more than are told at once', () => {
  test('writes one row a message, answers its sender, and tells nobody in their transaction', async () => {
    const people = await newPeople(pool, TALK_LIMITS.toldAtOnce + 1);
    const room = await newRoom(pool, people);
    const spoken = await say(pool, room, people[3] as string, 'Hi');
    expect(spoken).toMatchObject({ apart: true });
    const rows = await pool.any(sql.typeAlias('id')`SELECT id FROM messages WHERE conversation_id = ${room}`);
    expect(rows.length).toBe(1);
    expect(await heardBy(pool, people[0] as string)).toEqual([]);
    expect(await listUntold(pool, 100)).toContain(room);
    await tellAll(room);
    expect(await listUntold(pool, 100)).not.toContain(room);
    for (const id of people) expect(await textsHeardBy(pool, id)).toEqual(['Hi']);
    expect(await lastPreviewOf(pool, people[0] as string, room)).toBe(1);
    expect(await lastPreviewOf(pool, people[3] as string, room)).toBeNull();
  });

  test('wherever its teller dies, nobody hears twice, nobody is missed, and each hears in order', async () => {
    const people = await newPeople(pool, 45);
    const room = await newRoom(pool, people);
    const said: string[] = [];
    // Five chunks a walk: it dies in each of them, and between them more is said.
    for (let at = 0; at < 24; at++) {
      if (at % 3 === 0) {
        said.push(`${said.length}`);
        await say(pool, room, people[(at * 7) % people.length] as string, said.at(-1) as string);
      }
      await tellOne(room, { crash: at % 2 === 0 });
    }
    await tellAll(room);
    for (const id of people) expect(await textsHeardBy(pool, id)).toEqual(said);
  });

  test('is told by one at a time, however many try', async () => {
    const people = await newPeople(pool, 60);
    const room = await newRoom(pool, people);
    const said = Array.from({ length: 12 }, (_, at) => `${at}`);
    const telling = Array.from({ length: 4 }, async (_, teller) => {
      for (let round = 0; round < 30; round++) await tellOne(room, { wait: teller % 2 === 0, chunk: 7 });
    });
    for (const text of said) await say(pool, room, people[0] as string, text);
    await Promise.all(telling);
    await tellAll(room);
    for (const id of people) expect(await textsHeardBy(pool, id)).toEqual(said);
  });

  test('who joins while it is told hears what comes after, and who left hears no more', async () => {
    const [newcomer = '', ...people] = await newPeople(pool, 41);
    const leaver = people.at(-1) as string;
    const room = await newRoom(pool, people);
    await say(pool, room, people[0] as string, 'one');
    await tellOne(room);
    await pool.transaction(async (transaction) => {
      const locked = await lockRoom(transaction, room);
      if (!locked) throw new Error('it is gone');
      await addMember(transaction, locked, newcomer, NOW);
      await removeMember(transaction, locked, leaver);
    });
    await say(pool, room, people[0] as string, 'two');
    await tellAll(room);
    expect(await textsHeardBy(pool, newcomer)).toEqual(['two']);
    expect(await textsHeardBy(pool, leaver)).toEqual([]);
    expect(await textsHeardBy(pool, people[1] as string)).toEqual(['one', 'two']);
    expect(await lastPreviewOf(pool, newcomer, room)).toBe(await countUnread(pool, newcomer));
  });

  test('a room that grows past it goes on in order', async () => {
    const people = await newPeople(pool, 40);
    const room = await newRoom(pool, people.slice(0, 30));
    await say(pool, room, people[0] as string, 'small');
    for (const id of people.slice(30)) {
      await pool.transaction(async (transaction) => {
        const locked = await lockRoom(transaction, room);
        if (locked) await addMember(transaction, locked, id, NOW);
      });
    }
    await say(pool, room, people[0] as string, 'large');
    await tellAll(room);
    expect(await textsHeardBy(pool, people[1] as string)).toEqual(['small', 'large']);
    expect(await textsHeardBy(pool, people.at(-1) as string)).toEqual(['large']);
  });
});

test('a sender in a room of 5,000 is answered before the last member is told', { timeout: 120_000 }, async () => {
  const people = await newPeople(pool, TALK_LIMITS.members);
  const room = await newRoom(pool, people);
  const began = performance.now();
  await say(pool, room, people[2_500] as string, 'Hello everybody');
  const answered = performance.now() - began;
  expect(await heardBy(pool, people.at(-1) as string)).toEqual([]);
  let chunks = 0;
  while ((await tellOne(room, { chunk: TALK_LIMITS.chunk }))?.more) chunks++;
  const told = performance.now() - began;
  process.stderr.write(`a room of 5,000: answered in ${answered.toFixed(1)} ms, all told in ${told.toFixed(0)} ms\n`);
  expect(answered).toBeLessThan(told);
  expect(chunks).toBeGreaterThanOrEqual(TALK_LIMITS.members / TALK_LIMITS.chunk);
  for (const at of [0, 1, 2_499, 4_998, 4_999]) expect(await textsHeardBy(pool, people[at] as string)).toHaveLength(1);
});
