import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal, formatRupees } from '../money.ts';
import { MAX_PRICE, MIN_PRICE, parsePrice } from './price.ts';

describe('a price as people write it', () => {
  test.each<[string | number, bigint]>([
    ['₹5000', 500_000n],
    ['5,000', 500_000n],
    ['5000 INR', 500_000n],
    ['5000.50', 500_050n],
    ['5000.5', 500_050n],
    [5000, 500_000n],
    [5000.5, 500_050n],
    [5000.05, 500_005n],
    [1e3, 100_000n],
    ['₹ 5,000.00', 500_000n],
    ['Rs. 5000', 500_000n],
    ['rs 5000', 500_000n],
    ['RS5000', 500_000n],
    ['INR 5000', 500_000n],
    ['inr5000', 500_000n],
    ['5000 rupees', 500_000n],
    ['1 rupee', 100n],
    ['5000/-', 500_000n],
    ['₹5,000/-', 500_000n],
    ['  5000  ', 500_000n],
    ['\u00a0₹\u00a05000', 500_000n],
    ['1,00,000', 10_000_000n],
    ['12,34,567.89', 123_456_789n],
    ['1,234,567', 123_456_700n],
    ['123,456', 12_345_600n],
    ['1,00,00,000', MAX_PRICE],
    ['10,000,000', MAX_PRICE],
    ['00005', 500n],
    ['1', MIN_PRICE],
    ['1.00', MIN_PRICE],
    ['٥٠٠٠', 500_000n],
    ['५,०००', 500_000n],
    ['₹১২৩৪.৫০', 123_450n],
    ['௫௦௦௦', 500_000n],
    ['５０００', 500_000n],
    ['𝟝𝟘𝟘𝟘', 500_000n],
  ])('%j is %s paise', (text, paise) => {
    expect(parsePrice(text)).toBe(paise);
  });

  test.each<[string, string | number]>([
    ['nothing', ''],
    ['a blank', '   '],
    ['only a sign', '₹'],
    ['a word', 'five thousand'],
    ['words around it', 'I want 5000'],
    ['two prices', '5000 6000'],
    ['a range', '4000-5000'],
    ['below zero', '-5000'],
    ['below zero, as a number', -5000],
    ['zero', '0'],
    ['zero, as a number', 0],
    ['minus zero', -0],
    ['less than a rupee', '0.99'],
    ['more than a crore', '1,00,00,000.01'],
    ['more than a crore, as a number', 10_000_001],
    ['absurd', '9'.repeat(400)],
    ['absurd, as a number', 1e21],
    ['absurdly small', 1e-7],
    ['a fraction of a paisa', '5000.505'],
    ['a fraction of a paisa, as a number', 5000.505],
    ['a sum that floats cannot hold', 0.1 + 0.2],
    ['not a number', Number.NaN],
    ['without end', Number.POSITIVE_INFINITY],
    ['an exponent', '5e3'],
    ['hexadecimal', '0x1388'],
    ['a sign before', '+5000'],
    ['a point without a fraction', '5000.'],
    ['a point without a whole', '.50'],
    ['two points', '50.00.00'],
    ['a decimal comma', '5000,50'],
    ['groups that are none', '50,00'],
    ['groups of one', '5,0,0,0'],
    ['a comma too many', '5,,000'],
    ['a comma at the start', ',500'],
    ['a comma at the end', '5000,'],
    ['Indian and western groups in one', '1,000,00,000'],
    ['a first group of three before groups of two', '123,45,678'],
    ['a group of four', '1,0000'],
    ['superscript digits', '⁵⁰⁰⁰'],
    ['another currency', '$5000'],
    ['another currency by name', '5000 USD'],
    ['a unit of thousands', '5k'],
    ['lakhs', '5 lakh'],
    ['spaces as groups', '5 000'],
    ['underscores as groups', '5_000'],
    ['a NUL', '5000\u0000'],
    ['two lines', '5000\n6000'],
    ['invisible letters', '50\u200b00'],
  ])('%s is none: %j', (_, text) => {
    expect(parsePrice(text)).toBeNull();
  });
});

const paise = fc.bigInt(MIN_PRICE, MAX_PRICE);

test('every price that we write is read as the same price', () => {
  fc.assert(
    fc.property(paise, (price) => {
      expect(parsePrice(formatRupees(price))).toBe(price);
      expect(parsePrice(formatDecimal(price, 'INR'))).toBe(price);
      expect(parsePrice(Number(formatDecimal(price, 'INR')))).toBe(price);
    }),
    { numRuns: 1_000 },
  );
});

test('a text is a price within the limits, or none; never something else', () => {
  const written = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789,. ₹-eRs/INR') }));
  fc.assert(
    fc.property(written, (text) => {
      const price = parsePrice(text);
      if (price === null) return;
      expect(price).toBeGreaterThanOrEqual(MIN_PRICE);
      expect(price).toBeLessThanOrEqual(MAX_PRICE);
      expect(text.replace(/\D/g, '').replace(/^0+/, '').length).toBeLessThanOrEqual(10);
    }),
    { numRuns: 5_000 },
  );
});

test('long texts are refused as quickly as short ones', () => {
  const long = 250_000;
  const began = performance.now();
  for (const text of [
    '1'.repeat(long),
    '1,00'.repeat(long / 4),
    `${'1,000'.repeat(long / 5)}x`,
    ' '.repeat(long),
    `₹${' '.repeat(long)}x`,
  ]) {
    expect(parsePrice(text)).toBeNull();
  }
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('a caller may allow more, and is held to that', () => {
  expect(parsePrice('20000000', 2_000_000_000n)).toBe(2_000_000_000n);
  expect(parsePrice('20000000.01', 2_000_000_000n)).toBeNull();
});

test.each(['1,000,00,000', '123,45,678', '1,00,000,000'])(
  '%s is grouped in no known way, however much is allowed',
  (text) => {
    expect(parsePrice(text, 10n ** 12n)).toBeNull();
  },
);
