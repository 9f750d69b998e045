import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beatOn, isView, neededFor, reach, seeAd, stepsOf, type Watched } from './watch.ts';

const BEGAN = '2026-03-01T00:00:00.000Z';
const START: Watched = { creditedAt: BEGAN, positionMs: 0, watchedMs: 0 };
const at = (seconds: number) => new Date(Date.parse(BEGAN) + seconds * 1_000).toISOString();
const MINUTE = 60_000;

test('a beat gives what passed by our clock, whatever the player says', () => {
  expect(beatOn(START, 4_999, at(4.999), MINUTE)).toBeNull();
  expect(beatOn(START, 5_000, at(5), MINUTE)).toEqual({ creditedAt: at(5), positionMs: 5_000, watchedMs: 5_000 });
  expect(beatOn(START, 55_000, at(5), MINUTE)?.watchedMs).toBe(5_000);
  expect(beatOn(START, 2_000, at(5), MINUTE)?.watchedMs).toBe(2_000);
  // Silent for a minute: 15 s of it are given.
  expect(beatOn(START, MINUTE, at(60), MINUTE)?.watchedMs).toBe(15_000);
  // Back to the beginning: nothing was played forward.
  expect(beatOn({ creditedAt: BEGAN, positionMs: 30_000, watchedMs: 9_000 }, 0, at(5), MINUTE)?.watchedMs).toBe(9_000);
});

test('a clock that runs backwards gives nothing', () => {
  expect(beatOn(START, 5_000, at(-60), MINUTE)).toBeNull();
  expect(reach(START, 25, at(-60), MINUTE)).toBeNull();
  const far = { ...START, watchedMs: 15_000 };
  expect(reach(far, 25, at(-60), MINUTE)).toEqual(far);
});

test('a milestone is reached when so much was watched, and not before', () => {
  expect(neededFor(25, MINUTE)).toBe(15_000);
  expect(reach(START, 25, at(14), MINUTE)).toBeNull();
  expect(reach(START, 25, at(15), MINUTE)).toEqual({ creditedAt: at(15), positionMs: 15_000, watchedMs: 15_000 });
  expect(reach(START, 50, at(3_600), MINUTE)).toBeNull();
});

test('an ad takes its time from the same clock as the video', () => {
  const ad = { ad_id: 'monsoon', at_seconds: 0, duration_seconds: 10 };
  expect(seeAd(START, ad, at(9))).toBeNull();
  const seen = seeAd(START, ad, at(10)) as Watched;
  expect(seen.creditedAt).toBe(at(10));
  expect(seeAd(seen, { ...ad, ad_id: 'second' }, at(10))).toBeNull();
  expect(reach(seen, 25, at(10), MINUTE)).toBeNull();
  expect(seeAd(START, { ...ad, at_seconds: 30 }, at(10))).toBeNull();
});

test('a view is 5 s or 30 % of the video, whichever is shorter', () => {
  expect(isView(4_000, MINUTE)).toBe(false);
  expect(isView(5_000, MINUTE)).toBe(true);
  expect(isView(3_000, 10_000)).toBe(true);
  expect(isView(2_000, 10_000)).toBe(false);
  expect([0, 2_999, 3_000, MINUTE].map((watched) => stepsOf(watched, MINUTE))).toEqual([0, 0, 1, 20]);
});

test('however a player lies, nobody has watched longer than passed, or than there is', () => {
  const sign = fc.record({ after: fc.integer({ min: -5, max: 40 }), position: fc.integer({ min: 0, max: 90_000 }) });
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 30 }), (signs) => {
      let [watched, now] = [START, 0];
      for (const { after, position } of signs) {
        now += after;
        watched = beatOn(watched, position, at(now), MINUTE) ?? watched;
        watched = reach(watched, 25, at(now), MINUTE) ?? watched;
      }
      expect(watched.watchedMs).toBeLessThanOrEqual(MINUTE);
      expect(watched.watchedMs).toBeLessThanOrEqual(Date.parse(watched.creditedAt) - Date.parse(BEGAN));
    }),
  );
});
