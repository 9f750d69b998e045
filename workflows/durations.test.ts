import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationMs, isDuration, after as later, later as laterOf } from './durations.ts';

describe('a duration', () => {
  test.each<[string, number]>([
    ['PT1S', 1_000],
    ['PT30M', 1_800_000],
    ['PT24H', 86_400_000],
    ['P1D', 86_400_000],
    ['P7D', 604_800_000],
    ['P2W', 1_209_600_000],
    ['P1DT12H', 129_600_000],
    ['P1W1DT1H1M1S', 694_861_000],
    ['PT90M', 5_400_000],
    ['PT0S', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    '7D',
    'P7',
    'T1H',
    'P1M',
    'P1Y',
    'P1Y2M',
    'PT1.5H',
    'PT1,5H',
    'P-1D',
    '-P1D',
    '+P1D',
    'p7d',
    ' P7D',
    'P7D ',
    'P7D\n',
    'P1H',
    'PT1D',
    'P1DT1S1M',
    'P٧D',
    'P99999D',
    'PT1e3S',
    'P7D P7D',
    'PT1H30',
  ])('%j is none', (text) => {
    expect(durationMs(text)).toBeNull();
  });

  test('is agreed on from a second to a year', () => {
    for (const text of ['PT1S', 'P366D', 'PT8784H']) expect(isDuration(text), text).toBe(true);
    for (const text of ['PT0S', 'P366DT1S', 'P367D', 'P1M', '']) expect(isDuration(text), text).toBe(false);
  });

  test('of any parts is their sum', () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(part, part, part, part, part, (w, d, h, m, s) => {
        expect(durationMs(`P${w}W${d}DT${h}H${m}M${s}S`)).toBe(((((w * 7 + d) * 24 + h) * 60 + m) * 60 + s) * 1_000);
      }),
    );
  });
});

describe('an instant after another', () => {
  test('is as long after it as the durations together, to the millisecond', () => {
    expect(later('2026-02-28T23:59:59.999Z', 'P1D')).toBe('2026-03-01T23:59:59.999Z');
    expect(later('2028-02-28T00:00:00.000Z', 'P1D')).toBe('2028-02-29T00:00:00.000Z');
    expect(later('2026-03-01T00:00:00.000Z', 'P14D', 'P3D', 'P3D')).toBe('2026-03-21T00:00:00.000Z');
    // A day is 24 hours, whatever the clocks of some country do that night.
    expect(later('2026-03-28T12:00:00.000Z', 'P1D')).toBe('2026-03-29T12:00:00.000Z');
  });

  test('is later as text, too: that is how instants are compared', () => {
    const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2900-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 366 * 86_400 }), (date, seconds) => {
        const iso = date.toISOString();
        const next = later(iso, `PT${seconds}S`);
        expect(next > iso).toBe(true);
        expect(Date.parse(next) - Date.parse(iso)).toBe(seconds * 1_000);
        expect(laterOf(iso, next)).toBe(next);
        expect(laterOf(next, iso)).toBe(next);
      }),
    );
  });
});
