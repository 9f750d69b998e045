import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMBO_MS, COMMAND_ACTIONS, comboOf, payloadOf, shareOf } from './giving.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const later = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();

test('a creator’s share and the platform’s are all of the tokens, and neither is below nothing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 1_000_000_000n }), fc.integer({ min: 0, max: 10_000 }), (tokens, bps) => {
      const share = shareOf(tokens, bps);
      expect(share >= 0n && share <= tokens).toBe(true);
      expect(share * 10_000n <= tokens * BigInt(bps)).toBe(true);
      expect((share + 1n) * 10_000n > tokens * BigInt(bps)).toBe(true);
    }),
  );
  expect(shareOf(1n, 7_000)).toBe(0n);
  expect(shareOf(10n, 7_000)).toBe(7n);
});

describe('equal gifts', () => {
  const before = { code: 'HEART', combo_id: 'first', combo_count: 3, created_at: NOW };
  test('within five seconds of each other are one combo that counts on', () => {
    const gift = { id: 'next', code: 'HEART', quantity: 2, now: later(COMBO_MS) };
    expect(comboOf(gift, before)).toEqual({ id: 'first', count: 5 });
  });
  test('that come later, or are others, begin anew', () => {
    expect(comboOf({ id: 'n', code: 'HEART', quantity: 1, now: later(COMBO_MS + 1) }, before)).toEqual({
      id: 'n',
      count: 1,
    });
    expect(comboOf({ id: 'n', code: 'ROSE', quantity: 1, now: later(1) }, before)).toEqual({ id: 'n', count: 1 });
    expect(comboOf({ id: 'n', code: 'ROSE', quantity: 4, now: NOW }, null)).toEqual({ id: 'n', count: 4 });
  });
});

test('an overlay shows our own words and numbers within bounds, whatever was given', () => {
  fc.assert(
    fc.property(
      ...([fc.constantFrom(...COMMAND_ACTIONS), fc.integer({ min: 1, max: 1_000 })] as const),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      (action, quantity, chance) => {
        for (const value of Object.values(payloadOf(action, quantity, chance))) {
          if (typeof value === 'number') expect(value >= 1 && value <= 500).toBe(true);
          else expect(value).toMatch(/^[#a-z0-9_]+$/);
        }
      },
    ),
  );
});
