import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { Failure } from '#workflows/failures.ts';
import { COMBO_MS, VELOCITY } from '#workflows/gift/giving.ts';
import { boardOf } from '#workflows/leaderboard/board.ts';
import { beginsAt, levelOf } from '#workflows/xp/level.ts';
import { listEvents } from '../event/outbox.ts';
import { listPlaces } from '../leaderboard/ranking.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { findAnswer } from '../process/answers.ts';
import { liveStream, withTokens } from '../stream/testing/live.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { standingOf } from '../xp/standing.ts';
import { seedGifts } from './catalogue.ts';
import { createGiver } from './gathering.ts';
import type { Gave } from './giving.ts';

// Gifts as they are gathered, against what a plain program comes to that gives one after the other.

const START = Date.parse('2026-11-25T09:00:00.000Z');
const HAD = 150_000n;
const BPS = 7_000;
const COSTS: Record<string, bigint> = { HEART: 1n, ROSE: 5n, CLAP: 10n, CONFETTI: 25n, GALAXY: 1_000n };
const CAP = 20_000;

let url: string;
let pool: Pool;
beforeAll(async () => {
  url = await createTestDatabase();
  pool = createPool(url, { size: 10 });
  await seedGifts(pool, new Date(START).toISOString());
});
afterAll(() => pool?.end());

const asked = fc.record({
  who: fc.nat(4),
  /** Two streams, and the house. */
  to: fc.nat(2),
  code: fc.constantFrom(...Object.keys(COSTS), 'YACHT'),
  quantity: fc.constantFrom(1, 2, 7, 60, 100),
  /** Under which it may be asked for again; null: no key. */
  key: fc.option(fc.constantFrom('one', 'two'), { nil: null }),
});
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;
const groups = fc.array(
  fc.record({
    laterMs: fc.constantFrom(0, 3_000, 6_000, 61_000),
    all: fc.array(asked, { minLength: 1, maxLength: 14 }),
  }),
  { minLength: 1, maxLength: 7 },
);

type Person = {
  has: bigint;
  xp: number;
  keys: Set<string>;
  given: { at: number; tokens: bigint; to: number; code: string; count: number }[];
};

/** One after the other: what each comes to. Creators gain what they are given. */
class Model {
  readonly people: Person[] = Array.from({ length: 5 }, () => ({ has: HAD, xp: 0, keys: new Set(), given: [] }));
  readonly earned = [0n, 0n];
  readonly received = [0n, 0n];
  readonly boards = [0, 1].map(() => new Map<number, bigint>());

  give({ who, to, code, quantity, key }: Asked, at: number): string {
    const person = this.people[who] as Person;
    if (key !== null && person.keys.has(key)) return 'kept';
    const cost = COSTS[code];
    if (cost === undefined) return 'NOT_FOUND';
    const tokens = cost * BigInt(quantity);
    const lately = person.given.filter((gift) => gift.at > at - 60_000);
    const spent = lately.reduce((sum, gift) => sum + gift.tokens, 0n);
    if (lately.length >= VELOCITY.gifts || spent + tokens > VELOCITY.tokens) return 'RATE_LIMITED';
    if (person.has < tokens) return key === null ? 'INSUFFICIENT_FUNDS' : 'kept';
    const before = to < 2 ? person.given.findLast((gift) => gift.to === to) : undefined;
    const follows = before && before.code === code && at - before.at <= COMBO_MS;
    const count = (follows ? before.count : 0) + quantity;
    person.has -= tokens;
    person.given.push({ at, tokens, to, code, count });
    person.xp += Math.max(0, Math.min(2 * Number(tokens), CAP - person.xp));
    if (key !== null) person.keys.add(key);
    if (to < 2) {
      this.earned[to] = (this.earned[to] as bigint) + (tokens * BigInt(BPS)) / 10_000n;
      this.received[to] = (this.received[to] as bigint) + tokens;
      const board = this.boards[to] as Map<number, bigint>;
      board.set(who, (board.get(who) ?? 0n) + tokens);
    }
    return `${tokens} ${person.has} ${count}`;
  }
}

test('gifts given together come to what they come to one by one, whatever is refused, asked twice or comes at once', async () => {
  let now = START;
  const clock = () => new Date(now).toISOString();
  // With so many lanes, and of all runs: each keeps connections of the pool for a while.
  const givers = [1, 2, 3].map((lanes) => createGiver(pool, clock, lanes));
  await fc.assert(
    fc.asyncProperty(groups, fc.constantFrom(...givers), async (rounds, giver) => {
      const model = new Model();
      now = START;
      const streams = [await liveStream(pool, clock()), await liveStream(pool, clock())];
      const people = await Promise.all(model.people.map(() => withTokens(pool, HAD, clock())));
      for (const { laterMs, all } of rounds) {
        now += laterMs;
        const outcomes = await Promise.all(
          all.map(async ({ who, to, code, quantity, key }) => {
            const from = people[who] as { id: string };
            const stream = streams[to] ?? null;
            const gift = { from, stream, code, quantity, message: null, shareBps: BPS, chance: 0.5 };
            const once = { accountId: from.id, path: 'test', key: key ?? '', bodyHash: 'ab'.repeat(32) };
            try {
              if (key === null) return said(await giver.give(gift));
              const gave = await giver.giveOnce(gift, { key: once, body: (view) => ({ view }) });
              if (gave === null) return 'kept';
              expect((await findAnswer(pool, once))?.body).toEqual({
                view: { gift: gave.gift, balance: gave.balance.toString() },
              });
              return said(gave);
            } catch (error) {
              if (error instanceof Failure) return error.code;
              throw error;
            }
          }),
        );
        expect(outcomes).toEqual(all.map((one) => model.give(one, now)));
      }
      const tokensOf = async (id: string) => (await balanceOf(pool, id, 'TOKEN', clock())).available;
      for (const [who, { id }] of people.entries()) {
        const { has, xp, given } = model.people[who] as Person;
        expect(await tokensOf(id)).toBe(has);
        expect((await standingOf(pool, id)).xp).toBe(xp);
        const events = await listEvents(pool, id, 0, 1_000);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
        const levels = events.flatMap(({ name, data }) =>
          name === 'level_up' ? [(data as { level: number }).level] : [],
        );
        expect(levels).toEqual([...levels].sort((one, other) => one - other));
        if (xp >= 100) expect(levels.at(-1)).toBe(levelOf(xp));
        expect(events.filter(({ name }) => name === 'transaction_complete')).toHaveLength(given.length);
      }
      for (const [to, stream] of streams.entries()) {
        expect(await tokensOf(stream.creator_id)).toBe(model.earned[to]);
        expect((await standingOf(pool, stream.creator_id)).xp).toBe(Number(model.received[to]));
        const places = await listPlaces(
          pool,
          boardOf('stream', 'senders', { now: clock(), streamId: stream.id }),
          0,
          9,
        );
        const scores = new Map(places.map(({ user_id, score }) => [user_id, BigInt(score)]));
        const due = [...(model.boards[to] as Map<number, bigint>)].map(
          ([who, tokens]) => [people[who]?.id, tokens] as const,
        );
        expect(scores).toEqual(new Map(due));
      }
      for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 240_000);

const said = ({ gift, balance }: Gave) => `${gift.tokens} ${balance} ${gift.combo.count}`;

test('two processes that give at once for the same people give each what there is once', async () => {
  const other = createPool(url, { size: 4 });
  const now = () => new Date(START).toISOString();
  const givers = [createGiver(pool, now), createGiver(other, now)];
  const stream = await liveStream(pool, now());
  const people = await Promise.all(Array.from({ length: 16 }, () => withTokens(pool, 3n, now())));
  // Sixty-four at once, four of each of them, who has enough for three.
  const all = await Promise.allSettled(
    Array.from({ length: 64 }, (_, n) =>
      givers[n % 2]?.give({
        ...{ from: people[(n >> 1) % 16] as { id: string }, stream, code: 'HEART', quantity: 1, message: null },
        ...{ shareBps: 10_000, chance: 0.5 },
      }),
    ),
  );
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(48);
  const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(codes).toEqual(Array.from({ length: 16 }, () => 'INSUFFICIENT_FUNDS'));
  expect((await balanceOf(pool, stream.creator_id, 'TOKEN', now())).available).toBe(48n);
  // Of one person each follows the other, whichever process gave it: their combo has no gap.
  const counts = await pool.any(sql.type(z.object({ counts: z.string() }))`
    SELECT string_agg(combo_count::text, ',' ORDER BY combo_count) AS counts FROM gift_events
    WHERE stream_id = ${stream.id} GROUP BY from_user_id
  `);
  expect(counts.map((row) => row.counts)).toEqual(Array.from({ length: 16 }, () => '1,2,3'));
  for (const { name, rows } of await checkInvariants(pool)) expect(rows, name).toEqual([]);
  await other.end();
});

test('Postgres has the levels that the rules have, at every edge', async () => {
  const edges = Array.from({ length: 400 }, (_, n) => beginsAt(n + 1)).flatMap((xp) => [xp - 1, xp, xp + 1]);
  const far = [1e9, 1e12, 1e15].flatMap((xp) => [beginsAt(levelOf(xp)) - 1, beginsAt(levelOf(xp)), xp]);
  const all = [...edges, ...far].filter((xp) => xp >= 0);
  const rows = await pool.any(sql.type(z.object({ level: z.bigint().transform(Number) }))`
    SELECT xp_level(xp) AS level FROM unnest(${sql.array(all, 'int8')}) WITH ORDINALITY AS asked (xp, place) ORDER BY place
  `);
  expect(rows.map(({ level }) => level)).toEqual(all.map(levelOf));
});
