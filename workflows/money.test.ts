import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ASSETS,
  type Asset,
  formatDecimal,
  formatRupees,
  formatUnits,
  isAsset,
  MAX_MINOR,
  minor,
  parseDecimal,
  readAmount,
  shareRoundedDown,
} from './money.ts';

const asset = fc.constantFrom(...(Object.keys(ASSETS) as Asset[]));
const units = fc.bigInt(-MAX_MINOR, MAX_MINOR);

test('an amount written as a decimal is read as the same amount, in every asset', () => {
  fc.assert(
    fc.property(asset, units, (name, amount) => {
      const text = formatDecimal(amount, name);
      expect(parseDecimal(text, name)).toBe(amount);
      expect(text.split('.')[1]?.length ?? 0).toBe(ASSETS[name]);
    }),
    { numRuns: 1_000 },
  );
});

test.each<[Asset, bigint, string]>([
  ['INR', 500_050n, '5000.50'],
  ['INR', 5n, '0.05'],
  ['INR', -5n, '-0.05'],
  ['INR', 0n, '0.00'],
  ['TOKEN', 100n, '100'],
  ['LYK', 10n, '0.10'],
  ['BTC', 1n, '0.00000001'],
  ['USDT', 1_000_000n, '1.000000'],
  ['INR', 2n ** 53n + 1n, '90071992547409.93'],
])('%s: %s units are %s', (name, amount, text) => {
  expect(formatDecimal(amount, name)).toBe(text);
});

test.each<[string, Asset]>([
  ['', 'INR'],
  ['5000.505', 'INR'],
  ['1.5', 'TOKEN'],
  ['5.', 'INR'],
  ['.5', 'INR'],
  ['1e3', 'INR'],
  ['0x10', 'INR'],
  ['+5', 'INR'],
  ['--5', 'INR'],
  ['5,000', 'INR'],
  [' 5', 'INR'],
  ['5\n', 'INR'],
  ['٥', 'INR'],
  ['99999999999999999', 'INR'],
  ['9999999999999999', 'INR'],
])('%j is no amount of %s', (text, name) => {
  expect(parseDecimal(text, name)).toBeNull();
});

describe('rupees in sentences', () => {
  test.each<[bigint, string]>([
    [0n, '₹0'],
    [99n, '₹0.99'],
    [100n, '₹1'],
    [99_900n, '₹999'],
    [100_000n, '₹1,000'],
    [500_050n, '₹5,000.50'],
    [9_999_900n, '₹99,999'],
    [10_000_000n, '₹1,00,000'],
    [123_456_789n, '₹12,34,567.89'],
    [1_000_000_000n, '₹1,00,00,000'],
    [100_000_000_000n, '₹1,00,00,00,000'],
  ])('%s paise are %s', (paise, text) => {
    expect(formatRupees(paise)).toBe(text);
  });
});

test('a share and the rest are the whole, and the share is the largest that is not too much', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, MAX_MINOR), fc.integer({ min: 0, max: 10_000 }), (amount, bps) => {
      const share = shareRoundedDown(amount, bps);
      expect(share * 10_000n).toBeLessThanOrEqual(amount * BigInt(bps));
      expect((share + 1n) * 10_000n).toBeGreaterThan(amount * BigInt(bps));
      expect(share).toBeGreaterThanOrEqual(0n);
      expect(share).toBeLessThanOrEqual(amount);
    }),
  );
});

test('an amount beyond what a transfer may carry is none', () => {
  expect(minor(MAX_MINOR)).toBe(MAX_MINOR);
  expect(minor('-1000000000000000')).toBe(-MAX_MINOR);
  for (const amount of [MAX_MINOR + 1n, -MAX_MINOR - 1n, '99999999999999999999'])
    expect(() => minor(amount)).toThrow(RangeError);
});

test('an asset is one of those with decimals, and no property that every object has', () => {
  expect(isAsset('INR')).toBe(true);
  for (const name of ['inr', 'JPY', 'toString', '__proto__', '']) expect(isAsset(name)).toBe(false);
});

describe('an amount of a client', () => {
  test.each<[string | number, Asset, bigint]>([
    ['250.50', 'INR', 25_050n],
    ['0.01', 'INR', 1n],
    [250.5, 'USD', 25_050n],
    [0.1, 'LYK', 10n],
    ['007', 'TOKEN', 7n],
    ['0.00000001', 'BTC', 1n],
    ['10000000000000.00', 'INR', MAX_MINOR],
  ])('%s %s is read exactly', (value, asset, units) => {
    expect(readAmount(value, asset)).toBe(units);
  });

  test.each<[string | number, Asset, RegExp]>([
    ['-1', 'INR', /^is negative/],
    [-0.5, 'INR', /^is negative/],
    ['0.00', 'INR', /^is zero/],
    ['1.001', 'INR', /^has more decimals than INR has, which is 2$/],
    [1.5, 'TOKEN', /which is none$/],
    ['10000000000000.01', 'INR', /^is more than 10000000000000.00 INR/],
    ['9'.repeat(40), 'INR', /^is more than/],
    [1e21, 'INR', /^is more than/],
    [1e-7, 'INR', /^is not a decimal/],
    ['1e3', 'INR', /^is not a decimal/],
    ['', 'INR', /^is not a decimal/],
    [' 1', 'INR', /^is not a decimal/],
    ['1,000', 'INR', /^is not a decimal/],
    ['+1', 'INR', /^is not a decimal/],
    ['0x10', 'INR', /^is not a decimal/],
    ['١', 'INR', /^is not a decimal/],
    [Number.NaN, 'INR', /^is not a decimal/],
  ])('%s %s is refused with one reason', (value, asset, reason) => {
    expect(readAmount(value, asset)).toMatch(reason);
  });
});

test('an amount on an operator’s page has its unit, and of a currency that is none of ours its minor ones', () => {
  expect(formatUnits('500050', 'INR')).toBe('₹5,000.50');
  expect(formatUnits('5000000', 'BTC')).toBe('0.05000000 BTC');
  expect(formatUnits('700', 'CHF')).toBe('700 CHF (minor units)');
});
