import { expect, test } from 'vitest';
import { decisionSentence, rowsOf } from './sentences.ts';

test('a decision is a sentence with its reason, whoever made it', () => {
  expect(decisionSentence({ command: 'resolve_dispute', data: { release_percent: 45, reason: 'Some of it.' } })).toBe(
    'Ruled: 45 % released to the influencer, the rest back to the brand owner. “Some of it.”',
  );
  expect(decisionSentence({ command: 'expire', data: { release_percent: 50 } })).toMatch(/^Nobody ruled in time: 50 %/);
  expect(decisionSentence({ command: 'concede_dispute', data: { release_percent: 0 } })).toBe(
    'The influencer conceded.',
  );
  expect(decisionSentence({ decision: 'dismiss', reason: 'Seen.' })).toBe('Dismissed. “Seen.”');
  expect(decisionSentence({ outcome: 'won' })).toBe('Settled: won.');
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
});
