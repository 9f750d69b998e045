import { expect, test } from 'vitest';
import type { Entry } from '../case/queries.ts';
import { totalsOf, transfersOf } from './transfers.ts';

const entry = (id: string, account: string, amount: string, reason: string): Entry => ({
  id,
  account,
  amount,
  asset: 'INR',
  reason,
  occurred_at: '2030-01-01T00:00:00.000Z',
});

const entries = [
  entry('7.2', 'escrow', '5000.00', 'payment_captured'),
  entry('7.1', 'external', '-5000.00', 'payment_captured'),
  entry('8.2', 'escrow', '-5000.00', 'money_released'),
  entry('8.3', 'fee', '500.00', 'money_released'),
  entry('8.4', 'wallet', '4500.00', 'money_released'),
];

test('entries of one transfer stand together, what is taken before what is given', () => {
  expect(transfersOf(entries).map(({ reason, legs }) => [reason, legs.map(({ account }) => account)])).toEqual([
    ['payment_captured', ['external', 'escrow']],
    ['money_released', ['escrow', 'fee', 'wallet']],
  ]);
});

test('what each account has of a deal is the sum of its entries', () => {
  expect(totalsOf(entries).map(({ account, amount }) => [account, amount])).toEqual([
    ['escrow', '0.00'],
    ['external', '-5000.00'],
    ['fee', '500.00'],
    ['wallet', '4500.00'],
  ]);
});
