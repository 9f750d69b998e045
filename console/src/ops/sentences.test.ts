import { expect, test } from 'vitest';
import { decisionSentence, noteSentence, rowsOf } from './sentences.ts';

test('a decision is a sentence with its reason, whoever made it', () => {
  expect(decisionSentence({ command: 'resolve_dispute', data: { release_percent: 45, reason: 'Some of it.' } })).toBe(
    'Ruled: 45 % released, the rest given back. “Some of it.”',
  );
  expect(decisionSentence({ command: 'expire', data: { release_percent: 50 } })).toMatch(/^Nobody ruled in time: 50 %/);
  expect(decisionSentence({ command: 'concede_dispute', data: { release_percent: 0 } })).toBe(
    'The influencer conceded.',
  );
  expect(decisionSentence({ decision: 'dismiss', reason: 'Seen.' })).toBe('Dismissed. “Seen.”');
  expect(decisionSentence({ outcome: 'won' })).toBe('Settled: won.');
});

test('of each kind of case: a trade is ruled on too, a payout is approved, and silence is told as such', () => {
  expect(decisionSentence({ command: 'resolve', data: { release_percent: 0, reason: 'No proof.' } })).toBe(
    'Ruled: 0 % released, the rest given back. “No proof.”',
  );
  expect(decisionSentence({ command: 'approve', data: {} })).toBe('Approved.');
  expect(decisionSentence({ command: 'reject', data: { reason: 'Not his.' } })).toBe('Rejected. “Not his.”');
  expect(decisionSentence({ command: 'expire', data: {} })).toBe('Nobody decided in time.');
});

test('what was said about a task and who took it up is read as sentences', () => {
  expect(noteSentence({ kind: 'note', data: { text: 'Asked the bank.' } })).toBe('Asked the bank.');
  expect(noteSentence({ kind: 'claim', data: {} })).toBe('Taken up.');
  expect(noteSentence({ kind: 'unclaim', data: {} })).toBe('Laid down.');
  expect(noteSentence({ kind: 'decision', data: { decision: 'dismiss', reason: 'Seen.' } })).toBe('Dismissed. “Seen.”');
});

test('what a task is about is read as rows: amounts in rupees, and nothing in braces', () => {
  const rows = rowsOf({
    why: 'order_closed',
    amount_minor: '500050',
    currency: 'INR',
    reason: null,
    more: { provider: 'stripe' },
  });
  expect(rows).toEqual([
    ['Why', 'order closed'],
    ['Amount', '₹5,000.50'],
    ['Provider', 'stripe'],
  ]);
  expect(rowsOf({ asset: 'INR', net_minor: '14850000' })).toContainEqual(['Net', '₹1,48,500.00']);
  expect(rowsOf({ asset: 'USDT', net_minor: '14850000' })).toContainEqual(['Net minor', '14850000']);
});
