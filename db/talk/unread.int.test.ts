import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { createPool, type Pool } from '../pool.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { listConversations, openDirect } from './conversations.ts';
import { listMessages, markSeen, markSeenInRoom } from './messages.ts';
import { addMember, lockRoom, removeMember } from './rooms.ts';
import { tellNext } from './tellings.ts';
import { lastPreviewOf, NOW, newPeople, newRoom, say } from './testing/crowd.ts';
import { countUnread } from './unread.ts';

let pool: Pool;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
});
afterAll(() => pool?.end());

/** A room as one would keep it by hand: what was said, who is in it, up to where each has read and since when. */
type Model = { said: { id: string; by: number }[]; members: Map<number, { read: number; since: number }> };

const unreadOf = ({ said, members }: Model, who: number): number => {
  const member = members.get(who);
  return member ? said.slice(member.read).filter(({ by }) => by !== who).length : 0;
};

const PLAYERS = 4;
const who = fc.integer({ min: 0, max: PLAYERS - 1 });
/** 0: a group of few, 1: one told by a job, 2: a conversation between the first two. */
const where = fc.integer({ min: 0, max: 2 });
const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('say' as const), who, where }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('read' as const), who, where, back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('leave' as const), who, where }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('join' as const), who, where }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('tell' as const), where }) },
);

test('lists, badges and previews agree with each other and with counting by hand, in whatever order things happen', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const people = await newPeople(pool, PLAYERS + TALK_LIMITS.toldAtOnce);
      const players = people.slice(0, PLAYERS);
      const rooms = [await newRoom(pool, players), await newRoom(pool, people), await direct(players)];
      const models = [modelOf(PLAYERS), modelOf(PLAYERS), modelOf(2)];
      for (const step of acts) await play(rooms, models, players, step);
      for (const room of rooms) while ((await tell(room))?.more);
      await compare(rooms, models, players);
    }),
    { numRuns: 40 },
  );
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('marks and words of the same instants leave the counts right', async () => {
  const people = await newPeople(pool, 3);
  const room = await newRoom(pool, people);
  await Promise.all(
    Array.from({ length: 60 }, (_, at) => {
      const id = people[at % 3] as string;
      return at % 2 ? say(pool, room, id, `${at}`) : read(room, id, null);
    }),
  );
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

const modelOf = (many: number): Model => ({
  said: [],
  members: new Map(Array.from({ length: many }, (_, at) => [at, { read: 0, since: 0 }])),
});

async function direct([one = '', other = '']: readonly string[]): Promise<string> {
  const { conversation } = await pool.transaction((transaction) => openDirect(transaction, one, other, NOW));
  return conversation.id;
}

const tell = (room: string) => pool.transaction((transaction) => tellNext(transaction, room, { wait: true, chunk: 9 }));

const read = (room: string, readerId: string, messageId: string | null) =>
  pool.transaction((transaction) =>
    markSeenInRoom(transaction, { conversationId: room, readerId, messageId, now: NOW }),
  );

type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;

async function play(rooms: readonly string[], models: readonly Model[], players: readonly string[], step: Act) {
  const room = rooms[step.where] as string;
  const model = models[step.where] as Model;
  if (step.does === 'tell') {
    await tell(room);
    return;
  }
  const id = players[step.who] as string;
  const member = model.members.get(step.who);
  if (step.does === 'join' || step.does === 'leave') {
    // The two of a conversation between two stay in it; a room keeps one at least.
    if (step.where === 2 || (step.does === 'leave') !== Boolean(member) || (member && model.members.size === 1)) return;
    await pool.transaction(async (transaction) => {
      const locked = await lockRoom(transaction, room);
      if (!locked) throw new Error('it is gone');
      if (step.does === 'join') await addMember(transaction, locked, id, NOW);
      else await removeMember(transaction, locked, id);
    });
    if (step.does === 'join') model.members.set(step.who, { read: model.said.length, since: model.said.length });
    else model.members.delete(step.who);
    return;
  }
  if (!member) return;
  if (step.does === 'say') {
    const { said } = await say(pool, room, id, 'words');
    model.said.push({ id: said.id, by: step.who });
    return;
  }
  const until = step.back === 0 ? model.said.length : model.said.length - step.back;
  if (until < 1) return;
  const messageId = step.back === 0 ? null : (model.said[until - 1]?.id ?? null);
  if (step.where < 2) await read(room, id, messageId);
  else {
    const otherId = players[1 - step.who] as string;
    await pool.transaction((transaction) =>
      markSeen(transaction, { conversationId: room, readerId: id, otherId, messageId, now: NOW }),
    );
  }
  member.read = Math.max(member.read, until);
}

async function compare(rooms: readonly string[], models: readonly Model[], players: readonly string[]) {
  for (const [who, id] of players.entries()) {
    const listed = await listConversations(pool, id, { kind: null, limit: 10, offset: 0, start: null });
    const counts = new Map(listed.map((row) => [row.id, row.unread_count]));
    let all = 0;
    for (const [at, room] of rooms.entries()) {
      const model = models[at] as Model;
      const expected = unreadOf(model, who);
      all += expected;
      expect(counts.get(room) ?? 0).toBe(expected);
      const member = model.members.get(who);
      if (!member) continue;
      // A preview tells what was unread when it was told. Nothing was read since where the last words are unread.
      const last = model.said.at(-1);
      const seen = await listMessages(
        pool,
        room,
        { id, admin: false, since: 0 },
        { limit: 1, offset: 0, before: null },
      );
      expect(seen[0]?.id).toBe(last?.id);
      if (last && last.by !== who && member.read < model.said.length && member.since < model.said.length) {
        const preview = await lastPreviewOf(pool, id, room);
        expect(preview).toBeGreaterThanOrEqual(expected);
        if (member.read === member.since) expect(preview).toBe(expected);
      }
    }
    expect(await countUnread(pool, id)).toBe(all);
  }
}
