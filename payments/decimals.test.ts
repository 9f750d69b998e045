import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_MINOR } from '#workflows/money.ts';
import { decimalsOf, majorText } from './decimals.ts';
import { WebhookRejected } from './provider.ts';
import { decimalTextAt, majorAt, majorRoundedDownAt, readExact } from './webhookBody.ts';

const currency = fc.constantFrom('INR', 'USD', 'JPY', 'BTC', 'USDT', 'TOKEN', 'XTS');
const units = fc.bigInt(0n, MAX_MINOR);

test('an amount written as major units and read again is the same amount, to the unit', () => {
  fc.assert(
    fc.property(units, currency, (amount, asset) => {
      const text = majorText(amount, asset);
      expect(majorAt({ amount: text }, 'amount', decimalsOf(asset))).toBe(amount.toString());
      // As a number in JSON too: its digits are read, not its value.
      const written = readExact(`{"amount":${text}}`);
      expect(majorAt(written, 'amount', decimalsOf(asset))).toBe(amount.toString());
    }),
  );
});

test('digits beyond the smallest unit are refused where they were paid, and cut off where they were worked out', () => {
  fc.assert(
    fc.property(units, fc.integer({ min: 1, max: 999_999 }), (amount, more) => {
      const text = `${majorText(amount, 'INR')}${String(more).padStart(6, '0')}`;
      expect(() => majorAt({ amount: text }, 'amount', 2)).toThrow(WebhookRejected);
      expect(majorRoundedDownAt({ amount: text }, 'amount', 2)).toBe(amount.toString());
      expect(decimalTextAt({ amount: text }, 'amount')).toBe(text);
    }),
  );
});

test.each(['', '-1', '1e3', '.5', '1.', '1,000.00', 'NaN', '1.00 ', '10000000000000.01', '99999999999999999'])(
  '%j is no amount',
  (text) => {
    expect(() => majorAt({ amount: text }, 'amount', 2)).toThrow(WebhookRejected);
  },
);
