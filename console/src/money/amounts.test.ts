import { expect, test } from 'vitest';
import { formatAmount, formatSigned, fromPaise, sum } from './amounts.ts';

test('amounts are added exactly where a float would not', () => {
  expect(sum(['0.10', '0.20'])).toBe('0.30');
  expect(sum(['90071992547409.93', '0.01'])).toBe('90071992547409.94');
});

test('a sum keeps the sign and as many decimals as its finest part', () => {
  expect(sum(['-5000.00', '4500.00', '499.99'])).toBe('-0.01');
  expect(sum(['5000.00', '-5000.00'])).toBe('0.00');
  expect(sum(['100', '-1'])).toBe('99');
  expect(sum(['0.00000001', '-0.5'])).toBe('-0.49999999');
  expect(sum([])).toBe('0');
});

test('rupees are grouped as in India, to the last paisa; other assets are named', () => {
  expect(formatAmount('10000000.05', 'INR')).toBe('₹1,00,00,000.05');
  expect(formatAmount('100', 'TOKEN')).toBe('100 TOKEN');
  expect(formatAmount('0.00000001', 'BTC')).toBe('0.00000001 BTC');
});

test('what was taken has a minus before its unit, and what came a plus where that is asked for', () => {
  expect(formatSigned('-5.00', 'INR')).toBe('−₹5.00');
  expect(formatSigned('5.00', 'INR')).toBe('+₹5.00');
  expect(formatSigned('100', 'TOKEN', '')).toBe('100 TOKEN');
});

test('paise become rupees with both decimals', () => {
  expect([5, 50, 500, 500_050].map(fromPaise)).toEqual(['0.05', '0.50', '5.00', '5000.50']);
});
