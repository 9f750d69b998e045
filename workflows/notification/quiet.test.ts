import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTimeZone, quietUntil, wallTime } from './quiet.ts';

const night = (time_zone: string, from = '22:00', to = '07:00') => ({ from, to, time_zone });

test.each([
  ['an evening', 'Europe/Berlin', '2026-06-10T20:30:00.000Z', '2026-06-11T05:00:00.000Z'],
  ['its first minute', 'Europe/Berlin', '2026-06-10T20:00:00.000Z', '2026-06-11T05:00:00.000Z'],
  ['past midnight', 'Asia/Kolkata', '2026-06-10T20:30:00.000Z', '2026-06-11T01:30:00.000Z'],
  // An hour of the night is left out there.
  ['the night clocks go ahead', 'Europe/Berlin', '2026-03-28T22:00:00.000Z', '2026-03-29T05:00:00.000Z'],
  ['the night clocks go back', 'Europe/Berlin', '2026-10-24T21:00:00.000Z', '2026-10-25T06:00:00.000Z'],
  ['the night clocks go ahead in New York', 'America/New_York', '2026-03-08T04:00:00.000Z', '2026-03-08T11:00:00.000Z'],
  ['a night of half an hour more', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', '2026-04-04T20:30:00.000Z'],
])('quiet hours over %s end when the wall says so', (_, zone, now, until) => {
  expect(quietUntil(night(zone), now)).toBe(until);
});

test.each([
  ['before they begin', '2026-06-10T19:59:59.999Z'],
  ['in the minute they end', '2026-06-10T05:00:00.000Z'],
  ['at noon', '2026-06-10T10:00:00.000Z'],
])('it is not quiet %s', (_, now) => {
  expect(quietUntil(night('Europe/Berlin'), now)).toBeNull();
});

test('an end that the wall never shows that night is the first minute after', () => {
  // 02:30 is left out on that day: after 01:59 comes 03:00.
  expect(quietUntil(night('Europe/Berlin', '22:00', '02:30'), '2026-03-29T00:59:00.000Z')).toBe(
    '2026-03-29T01:00:00.000Z',
  );
});

test('an end that the wall shows twice is each time an end, and what lies between is what the wall says', () => {
  const hours = night('Europe/Berlin', '22:00', '02:30');
  expect(quietUntil(hours, '2026-10-25T00:10:00.000Z')).toBe('2026-10-25T00:30:00.000Z');
  // 02:10 again, an hour later.
  expect(quietUntil(hours, '2026-10-25T01:10:00.000Z')).toBe('2026-10-25T01:30:00.000Z');
});

test('nobody who set none, or from a time to the same, has quiet hours', () => {
  expect(quietUntil(null, '2026-06-10T23:00:00.000Z')).toBeNull();
  expect(quietUntil(night('UTC', '08:00', '08:00'), '2026-06-10T08:00:00.000Z')).toBeNull();
});

test('zones are those that are', () => {
  expect(['Asia/Kolkata', 'UTC', 'America/Argentina/Ushuaia'].every(isTimeZone)).toBe(true);
  expect(['Mars/Olympus', '', 'IST; DROP'].some(isTimeZone)).toBe(false);
});

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'UTC',
  'Africa/Casablanca',
];
/** The days on which these zones change, and the ones around them. */
const CHANGES = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01', '2026-02-15'];

test('whatever the hours, the zone and the day: the end is not quiet, and every minute before it is', () => {
  const isQuiet = (at: number, { from, to, time_zone }: ReturnType<typeof night>) => {
    const wall = wallTime(at, time_zone);
    return from < to ? wall >= from && wall < to : wall >= from || wall < to;
  };
  fc.assert(
    fc.property(
      time,
      time,
      fc.constantFrom(...ZONES),
      fc.constantFrom(...CHANGES),
      fc.integer({ min: -24 * 60, max: 48 * 60 }),
      (from, to, zone, day, minutes) => {
        fc.pre(from !== to);
        const hours = night(zone, from, to);
        const now = Date.parse(`${day}T00:00:00.000Z`) + minutes * 60_000;
        const until = quietUntil(hours, new Date(now).toISOString());
        if (until === null) {
          expect(isQuiet(now, hours)).toBe(false);
          return;
        }
        expect(isQuiet(Date.parse(until), hours)).toBe(false);
        for (let at = now; at < Date.parse(until); at += 60_000) {
          if (!isQuiet(at, hours)) throw new Error(`${new Date(at).toISOString()} is not quiet`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
