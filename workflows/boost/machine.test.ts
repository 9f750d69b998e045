import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, evolve } from '../process/machine.ts';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { boostMachine } from './machine.ts';
import { lastsMs, leftOf, MAX_AMOUNT, MAX_LASTS_MS, MIN_LASTS_MS, pointsOf } from './score.ts';
import { expiresAt } from './terms.ts';
import { BOOSTS, boostIn, OPENED } from './testing/boosts.ts';

describeMachine({
  ...BOOSTS,
  twin: [
    { from: ['active'], by: ['booster', 'admin'], on: 'cancel', to: 'cancelled' },
    { from: ['active'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['expired'], by: ['system'], on: 'credits_used', to: 'same' },
    { from: ['cancelled'], by: ['system'], on: 'credits_settled', to: 'same' },
  ],
  processIn: (state) => boostIn(state),
  never: () => [],
  late: '2027-01-01T00:00:00.000Z',
  keys: ['amount', 'refunded'],
  accountsOf: ({ terms }) => [terms.target_id],
});

const amounts = fc.bigInt({ min: 1n, max: BigInt(MAX_AMOUNT) });
const lengths = fc.integer({ min: MIN_LASTS_MS, max: MAX_LASTS_MS });
const at = (ms: number) => new Date(Date.parse(OPENED) + ms).toISOString();

function cancelled(held: bigint, lasts: number, ms: number) {
  const boost = boostIn('active', { held: held.toString(), lasts });
  const command = { on: 'cancel', by: 'booster', actor: null, data: {} };
  const decision = decide(boostMachine, boost, command, { now: at(ms), feeBps: 0 });
  if (!('step' in decision)) throw new Error(JSON.stringify(decision));
  const [promise] = boostMachine.promisesOf(boost, decision.step);
  const sum = (place: string) =>
    (promise?.legs ?? []).reduce((all, leg) => (leg.place === place ? all + BigInt(leg.amount) : all), 0n);
  return {
    step: decision.step,
    after: evolve(boostMachine, boost, decision.step),
    used: sum('fee'),
    back: sum('wallet:booster'),
  };
}

describe('a boost', () => {
  test('that is cancelled gives back the part of its time that is left, to the credit, and loses none', () => {
    fc.assert(
      fc.property(amounts, lengths, fc.integer({ min: 0, max: MAX_LASTS_MS }), (held, lasts, ms) => {
        const { used, back, after } = cancelled(held, lasts, ms);
        expect(used + back).toBe(held);
        const left = BigInt(Math.max(0, lasts - ms));
        expect(back).toBe((held * left) / BigInt(lasts));
        expect(after).toMatchObject({ state: 'cancelled', held: '0', terms: { refunded: back.toString() } });
      }),
    );
  });

  test.each([
    [0, 0n, 100n],
    [6 * 3_600_000, 25n, 75n],
    [24 * 3_600_000 - 1, 100n, 0n],
  ])('of 100 for 24 h, cancelled after %i ms, has used %i and gives back %i', (ms, used, back) => {
    expect(cancelled(100n, 24 * 3_600_000, ms)).toMatchObject({ used, back });
  });

  test('ends by itself to the millisecond, and all of it is used', () => {
    const boost = boostIn('active', { lasts: lastsMs(1 / 3_600) });
    expect(boostMachine.deadlineOf(boost)).toBe(at(1_000));
    const expire = { on: 'expire', by: 'system', actor: null, data: {} };
    const decision = decide(boostMachine, boost, expire, { now: at(1_000), feeBps: 0 });
    if (!('step' in decision)) throw new Error('refused');
    expect(boostMachine.promisesOf(boost, decision.step)).toEqual([
      {
        kind: 'use',
        amount: '100',
        legs: [
          { place: 'hold:booster', amount: '-100' },
          { place: 'fee', amount: '100' },
        ],
      },
    ]);
  });

  test('keeps when it began, whatever state it enters', () => {
    const { after } = cancelled(100n, 24 * 3_600_000, 3_600_000);
    expect(expiresAt(after.terms)).toBe(at(24 * 3_600_000));
  });

  test('cannot be made to give back more by a step that says so', () => {
    const { step } = cancelled(100n, 24 * 3_600_000, 3_600_000);
    const boost = boostIn('active');
    expect(() => evolve(boostMachine, boost, { ...step, data: { refunded: '100' } })).toThrow(/does not fit/);
  });
});

describe('the points of a boost', () => {
  test('are the credits that it spends a day: the three of the same rate are worth the same', () => {
    for (const [amount, hours] of [
      [100n, 24],
      [200n, 48],
      [300n, 72],
    ] as const) {
      expect(pointsOf(amount, lastsMs(hours))).toBe(100n);
    }
    expect(pointsOf(1n, MAX_LASTS_MS)).toBe(1n);
  });

  test('of many fit what JSON can say exactly', () => {
    const most = pointsOf(BigInt(MAX_AMOUNT), MIN_LASTS_MS);
    expect(most * 100_000n).toBeLessThan(BigInt(Number.MAX_SAFE_INTEGER));
  });

  test('what is left of a boost never grows with time', () => {
    fc.assert(
      fc.property(amounts, lengths, fc.nat(MAX_LASTS_MS), fc.nat(MAX_LASTS_MS), (amount, lasts, one, other) => {
        const left = (ms: number) => leftOf(amount, { from: OPENED, lasts, now: at(ms) });
        const [early, late] = one < other ? [one, other] : [other, one];
        expect(left(early)).toBeGreaterThanOrEqual(left(late));
      }),
    );
  });
});
