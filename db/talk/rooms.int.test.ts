import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { createPool, type Pool } from '../pool.ts';
import { addMember, lockRoom, removeMember } from './rooms.ts';
import { NOW, newPeople, newRoom } from './testing/crowd.ts';

let pool: Pool;
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 8 });
});
afterAll(() => pool?.end());

/** Whether they were let in now, or the refusal. */
function enter(room: string, userId: string): Promise<boolean | object> {
  return pool
    .transaction(async (transaction) => {
      const locked = await lockRoom(transaction, room);
      if (!locked) throw new Error('it is gone');
      return addMember(transaction, locked, userId, NOW);
    })
    .catch((error: unknown) => {
      if (error instanceof Failure) return { code: error.code, details: error.details };
      throw error;
    });
}

test('a room has 5,000 members at most: whoever comes next is refused with how many, whoever is in it is in it', {
  timeout: 120_000,
}, async () => {
  expect(TALK_LIMITS.members).toBe(5_000);
  const full = { code: 'LIMIT_REACHED', details: { limit: 'room_members', allowed: 5_000 } };
  const [member = '', ...others] = await newPeople(pool, 5_010);
  const [late, people] = [others.slice(0, 10), [member, ...others.slice(10)]];
  await expect(newRoom(pool, [...people, late[0] as string])).rejects.toMatchObject(full);
  const room = await newRoom(pool, people);
  expect(await enter(room, late[0] as string)).toEqual(full);
  expect(await enter(room, member)).toBe(false);
  await pool.transaction(async (transaction) => {
    const locked = await lockRoom(transaction, room);
    if (locked) await removeMember(transaction, locked, people.at(-1) as string);
  });
  // Of ten who want the one place at once, one has it.
  const came = await Promise.all(late.map((id) => enter(room, id)));
  expect(came.filter((each) => each === true)).toHaveLength(1);
  expect(came.filter((each) => each !== true)).toEqual(Array(9).fill(full));
});
