import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { createPool, type Pool, sql } from '../pool.ts';
import { newPeople } from '../talk/testing/crowd.ts';
import { checkInvariants } from '../testing/invariants.ts';
import { standingOf } from '../xp/standing.ts';
import { noteMinute } from './minutes.ts';
import type { StreamRow } from './streams.ts';
import { archivedStream, liveStream } from './testing/live.ts';

// Minutes of streams that somebody watches, on a real database.

let pool: Pool;
const DAY = '2026-11-25T';
const START = Date.parse(`${DAY}09:00:00.000Z`);
/** Some seconds after a minute turned, as processes see it. */
const turn = (minute: number, ms = 400) => new Date(START + minute * 60_000 + ms).toISOString();
beforeAll(async () => {
  pool = createPool(await createTestDatabase(), { size: 24 });
});
afterAll(async () => {
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
  await pool?.end();
});

const newPerson = async () => (await newPeople(pool, 1))[0] as string;
const note = (at: string, ...present: [StreamRow, ...string[]][]) =>
  noteMinute(
    pool,
    present.map(([{ id }, ...userIds]) => ({ streamId: id, userIds })),
    at,
  );
const xpOf = async (userId: string) => (await standingOf(pool, userId)).xp;
const watchedBy = async (userId: string) =>
  pool.any(sql.type(z.object({ stream_id: z.string(), minutes: z.int() }))`
    SELECT stream_id, minutes FROM stream_watchers WHERE user_id = ${userId} ORDER BY stream_id
  `);

test('whoever is there at two turns that follow each other has watched the minute between, and its creator was seen', async () => {
  const stream = await liveStream(pool, turn(-1));
  const [stays, leaves, comes] = [await newPerson(), await newPerson(), await newPerson()];
  await note(turn(0), [stream, stays, leaves]);
  expect([await xpOf(stays), await xpOf(stream.creator_id)]).toEqual([0, 0]);
  await note(turn(1), [stream, stays, comes]);
  expect(await Promise.all([stays, leaves, comes, stream.creator_id].map(xpOf))).toEqual([2, 0, 0, 5]);
  // They were away in between.
  await note(turn(2), [stream, stays, leaves]);
  expect(await Promise.all([stays, leaves, comes, stream.creator_id].map(xpOf))).toEqual([4, 0, 0, 10]);
  expect(await watchedBy(stays)).toEqual([{ stream_id: stream.id, minutes: 2 }]);
});

test('a minute is worth something once, in two tabs, two streams, or seen by several processes at once', async () => {
  const [one, other] = [await liveStream(pool, turn(-1)), await liveStream(pool, turn(-1))];
  const viewer = await newPerson();
  for (const minute of [0, 1, 2]) {
    await Promise.all(
      [0, 100, 900].flatMap((ms) => [
        note(turn(minute, ms), [one, viewer, viewer], [other, viewer]),
        note(turn(minute, ms), [other, viewer]),
      ]),
    );
  }
  // Said again by one that was slow, after the minute had turned for the others.
  await note(turn(1, 59_000), [one, viewer]);
  expect(await Promise.all([viewer, one.creator_id, other.creator_id].map(xpOf))).toEqual([4, 10, 10]);
  expect((await watchedBy(viewer)).map(({ minutes }) => minutes)).toEqual([2, 2]);
});

test('nobody gains by their own stream, by one without pictures, or by one that is over', async () => {
  const [own, silent, over] = await Promise.all([0, 1, 2].map(() => liveStream(pool, turn(-1))));
  if (!own || !silent || !over) throw new Error('no streams');
  const viewer = await newPerson();
  await pool.query(sql.typeAlias('void')`
    UPDATE streams SET silent_since = ${turn(-1)}::timestamptz WHERE process_id = ${silent.id}
  `);
  await archivedStream(pool, over, turn(-1, 500));
  for (const minute of [0, 1, 2]) await note(turn(minute), [own, own.creator_id], [silent, viewer], [over, viewer]);
  expect(await Promise.all([viewer, own.creator_id, silent.creator_id, over.creator_id].map(xpOf))).toEqual([
    0, 0, 0, 0,
  ]);
  await pool.query(sql.typeAlias('void')`UPDATE streams SET silent_since = NULL WHERE process_id = ${silent.id}`);
});

test('a day’s watching is worth so much at most, and the next day begins anew', async () => {
  const stream = await liveStream(pool, turn(-1));
  const viewer = await newPerson();
  // From nine in the evening over midnight: 180 minutes of this day, 10 of the next.
  const evening = 12 * 60;
  for (let minute = evening; minute <= evening + 190; minute += 1) await note(turn(minute), [stream, viewer]);
  const granted = await pool.any(sql.type(z.object({ day: z.string(), points: z.bigint().transform(Number) }))`
    SELECT (at AT TIME ZONE 'UTC')::date::text AS day, sum(points)::bigint AS points FROM xp_grants
    WHERE user_id = ${viewer} GROUP BY 1 ORDER BY 1
  `);
  // What ends at midnight was watched before, and is granted then.
  expect(granted).toEqual([
    { day: '2026-11-25', points: 240 },
    { day: '2026-11-26', points: 22 },
  ]);
  expect(await watchedBy(viewer)).toEqual([{ stream_id: stream.id, minutes: 190 }]);
}, 60_000);

test('a crowd gains each their own, seen half by one process and half by another', async () => {
  const stream = await liveStream(pool, turn(-1));
  const crowd = await newPeople(pool, 230);
  const [these, those] = [crowd.slice(0, 120), crowd.slice(110)];
  for (const minute of [0, 1]) {
    await Promise.all([note(turn(minute), [stream, ...these]), note(turn(minute), [stream, ...those])]);
  }
  expect(new Set(await Promise.all(crowd.map(xpOf)))).toEqual(new Set([2]));
  expect(await xpOf(stream.creator_id)).toBe(5);
}, 60_000);

test('however people come and go, they have gained by the minutes that they were there from turn to turn', async () => {
  const plays = fc.array(fc.array(fc.record({ who: fc.nat(2), where: fc.nat(1) }), { maxLength: 6 }), {
    minLength: 2,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(plays, async (turns) => {
      const streams = [await liveStream(pool, turn(-1)), await liveStream(pool, turn(-1))];
      const people = await newPeople(pool, 3);
      for (const [minute, present] of turns.entries()) {
        const at = streams.map((stream, where): [StreamRow, ...string[]] => [
          stream,
          ...present.filter((each) => each.where === where).map(({ who }) => people[who] as string),
        ]);
        await note(turn(minute), ...at);
      }
      const wasThere = (minute: number, who: number, where: number) =>
        (turns[minute] ?? []).some((each) => each.who === who && each.where === where);
      const minutes = people.map(
        (_, who) =>
          turns.filter((_turn, minute) =>
            [0, 1].some((where) => wasThere(minute, who, where) && wasThere(minute - 1, who, where)),
          ).length,
      );
      expect(await Promise.all(people.map(xpOf))).toEqual(minutes.map((many) => 2 * many));
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 60_000);
