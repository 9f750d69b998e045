import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policyRequest } from './contract.ts';
import {
  DEFAULT_POLICY,
  DURATION_KEYS,
  durationMs,
  after as later,
  later as laterOf,
  MAX_DURATION_MS,
} from './policy.ts';

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

describe('a policy', () => {
  test('has the documented defaults', () => {
    expect(DEFAULT_POLICY).toEqual({
      answer_within: 'P7D',
      pay_within: 'PT24H',
      start_within: 'P7D',
      deliver_within: 'P14D',
      grace: 'P3D',
      approve_within: 'P14D',
      dispute_within: 'P30D',
      default_release_percent: 50,
      max_revisions: 3,
      max_rounds: 5,
    });
    expect(policyRequest.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
  });

  test.each(DURATION_KEYS)('takes %s from a second to a year and a day', (key) => {
    for (const text of ['PT1S', 'P366D', 'PT24H']) expect(policyRequest.safeParse({ [key]: text }).success).toBe(true);
    for (const text of ['PT0S', 'P367D', `PT${MAX_DURATION_MS / 1_000 + 1}S`, 'P1M', 'soon', 7, null]) {
      expect(policyRequest.safeParse({ [key]: text }).success, String(text)).toBe(false);
    }
  });

  test.each([
    ['default_release_percent', 100],
    ['max_revisions', 1_000],
    ['max_rounds', 1_000],
  ])('takes %s from 0 to %i, whole', (key, max) => {
    for (const value of [0, max]) expect(policyRequest.safeParse({ [key]: value }).success).toBe(true);
    for (const value of [-1, max + 1, 0.5, '3', null]) {
      expect(policyRequest.safeParse({ [key]: value }).success, String(value)).toBe(false);
    }
  });

  test('names a key that it does not know', () => {
    const { error } = policyRequest.safeParse({ anwser_within: 'P7D' });
    expect(error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['anwser_within'] });
  });
});
