import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../trade/policy.ts';
import { STATES } from '../trade/states.ts';
import { TRADE_TABLE } from '../trade/table.ts';
import { changedOffer, costOf, type Offer, priceOf, refusalOfTake, standingOfPart, statusOf } from './offer.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const LATER = '2026-11-28T12:00:00.001Z';

const offerOf = (more: Partial<Offer> = {}): Offer => ({
  ...{ id: 'offer', userId: 'maker', side: 'sell', asset: 'USDT', currency: 'INR' },
  ...{ amount: 100_000_000n, least: 10_000_000n, most: 60_000_000n, price: '85.50', marginBps: null, feed: null },
  ...{ paymentMethods: ['UPI', 'Bank'], policy: DEFAULT_POLICY, state: 'open', expiresAt: null },
  ...{ madeAt: NOW, updatedAt: NOW, taken: 0n, gone: 0n },
  ...more,
});

const take = (offer: Offer, more: Partial<Parameters<typeof refusalOfTake>[1]> = {}) =>
  refusalOfTake(offer, {
    ...{ userId: 'taker', amount: 20_000_000n, paymentMethod: 'UPI', price: null, now: NOW },
    ...more,
  });

describe('what of a part is on the book again, by how its trade stands:', () => {
  test.each(STATES)('%s', (state) => {
    const { taken, gone } = standingOfPart({ amount: 1_001n, state, releasePercent: 33 });
    const facts = TRADE_TABLE.states[state];
    // While somebody is waited for, or money is on its way, it is off the book and comes back or not.
    if (!facts?.ends) expect([taken, gone]).toEqual([1_001n, 0n]);
    else if (state === 'released') expect([taken, gone]).toEqual([1_001n, 1_001n]);
    // What does not divide went to the seller, and is on the book with his share.
    else if (state === 'split') expect([taken, gone]).toEqual([330n, 330n]);
    else expect([taken, gone]).toEqual([0n, 0n]);
  });

  test('nothing of a part is on the book and off it, or gone and yet to come back, however it is split', () => {
    const parts = fc.record({
      amount: fc.bigInt({ min: 1n, max: 10n ** 16n }),
      state: fc.constantFrom(...STATES),
      releasePercent: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(parts, (part) => {
        const { taken, gone } = standingOfPart(part);
        expect(0n <= gone && gone <= taken && taken <= part.amount).toBe(true);
        const isOver = TRADE_TABLE.states[part.state]?.ends === true;
        if (isOver) expect(gone).toBe(taken);
      }),
    );
  });
});

describe('a part may be taken', () => {
  test('of what is open, within its range, by one of its ways to pay, at the price that was seen', () => {
    expect(take(offerOf(), { price: '85.5' })).toBeNull();
    expect(take(offerOf({ taken: 80_000_000n }))).toBeNull();
  });

  test.each([
    ['by its maker', offerOf(), { userId: 'maker' }, 'FORBIDDEN'],
    ['while it is paused', offerOf({ state: 'paused' }), {}, 'FLOW_STATE_INVALID'],
    ['when it was cancelled', offerOf({ state: 'cancelled' }), {}, 'FLOW_STATE_INVALID'],
    ['when its time is up', offerOf({ expiresAt: NOW }), {}, 'FLOW_STATE_INVALID'],
    ['when all of it is released', offerOf({ taken: 100_000_000n, gone: 100_000_000n }), {}, 'FLOW_STATE_INVALID'],
    ['below the range', offerOf(), { amount: 9_999_999n }, 'VALIDATION_FAILED'],
    ['above the range', offerOf(), { amount: 60_000_001n }, 'VALIDATION_FAILED'],
    ['by another way to pay', offerOf(), { paymentMethod: 'upi' }, 'VALIDATION_FAILED'],
    ['beyond what is left', offerOf({ taken: 80_000_001n }), {}, 'LIMIT_REACHED'],
    ['at a price that is another by now', offerOf(), { price: '85.49' }, 'OFFER_STALE'],
  ])('but not %s', (_, offer, more, code) => {
    expect(take(offer, more)).toMatchObject({ code });
  });

  test('until its last instant', () => {
    expect(take(offerOf({ expiresAt: LATER }))).toBeNull();
    expect(statusOf(offerOf({ expiresAt: LATER }), LATER)).toBe('expired');
  });
});

describe('what a part costs', () => {
  test('is the offer’s price, or that of the feed by a margin, and nothing that nobody knows', () => {
    expect(priceOf(offerOf())).toBe('85.50');
    const following = offerOf({ price: null, marginBps: 150, feed: '85.123456' });
    expect(priceOf(following)).toBe('86.39');
    expect(priceOf({ ...following, marginBps: -150 })).toBe('83.84');
    expect(priceOf({ ...following, feed: null })).toBeNull();
    expect(priceOf({ ...following, feed: '0.001' })).toBeNull();
  });

  test('is rounded up to the cent: taken in parts it is never cheaper than at once', () => {
    expect(costOf(1n, 'USDT', '85.50')).toBe('0.01');
    expect(costOf(60_000_000n, 'USDT', '85.5')).toBe('5130.00');
    const cents = (text: string) => BigInt(text.replace('.', ''));
    const amount = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 1, max: 10 ** 8 }), (one, other, price) => {
        const at = (price / 100).toFixed(2);
        const parts = cents(costOf(one, 'USDT', at)) + cents(costOf(other, 'USDT', at));
        expect(parts).toBeGreaterThanOrEqual(cents(costOf(one + other, 'USDT', at)));
        expect(cents(costOf(one, 'USDT', at)) * 10n ** 6n).toBeGreaterThanOrEqual(one * BigInt(price));
      }),
    );
  });
});

describe('an offer is changed', () => {
  const change = (offer: Offer, more: Partial<Parameters<typeof changedOffer>[1]>) =>
    changedOffer(offer, { amount: null, price: null, state: null, ...more }, LATER);

  test('in its price, its amount or its state, and stays as it is otherwise', () => {
    expect(change(offerOf(), { price: '86' })).toEqual(offerOf({ price: '86', updatedAt: LATER }));
    expect(change(offerOf(), { amount: 50_000_000n })).toEqual(offerOf({ amount: 50_000_000n, updatedAt: LATER }));
    expect(change(offerOf({ state: 'paused' }), { state: 'open' })).toEqual(offerOf({ updatedAt: LATER }));
  });

  test('so that all of it may be taken at once, where all of it might', () => {
    const whole = offerOf({ most: 100_000_000n });
    expect(change(whole, { amount: 250_000_000n })).toMatchObject({ amount: 250_000_000n, most: 250_000_000n });
  });

  test.each([
    ['below what is taken of it', offerOf({ taken: 50_000_000n }), { amount: 49_999_999n }, 'CONFLICT'],
    ['below what is taken at once', offerOf(), { amount: 9_999_999n }, 'VALIDATION_FAILED'],
    ['in a price that it follows', offerOf({ price: null, marginBps: 0 }), { price: '85' }, 'VALIDATION_FAILED'],
    ['when it was cancelled', offerOf({ state: 'cancelled' }), { state: 'open' as const }, 'FLOW_STATE_INVALID'],
    ['when all of it is released', offerOf({ gone: 100_000_000n }), { amount: 200_000_000n }, 'FLOW_STATE_INVALID'],
    ['when its time is up', offerOf({ expiresAt: LATER }), { price: '86' }, 'FLOW_STATE_INVALID'],
  ])('but not %s', (_, offer, more, code) => {
    expect(change(offer, more)).toMatchObject({ code });
  });
});
