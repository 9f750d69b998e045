import { expect, test } from 'vitest';
import { deadlineOf, instantsOf, lateFrom } from './deadline.ts';
import { newDeal } from './machine.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { STATES } from './table.ts';

const OPENED = '2030-01-01T00:00:00.000Z';
const dealIn = (state: (typeof STATES)[number]) => ({
  ...newDeal('', 'campaign', { proposed: '0', policy: DEFAULT_POLICY }, OPENED),
  state,
});

test('work is due on day 14, may be cancelled from day 17, and ends on day 20', () => {
  expect(instantsOf(dealIn('work_in_progress'))).toEqual([
    { name: 'due', at: '2030-01-15T00:00:00.000Z' },
    { name: 'late_from', at: '2030-01-18T00:00:00.000Z' },
    { name: 'ends', at: '2030-01-21T00:00:00.000Z' },
  ]);
});

test.each(STATES)('%s tells the instants that it has, and no other', (state) => {
  const deal = dealIn(state);
  const instants = Object.fromEntries(instantsOf(deal).map(({ name, at }) => [name, at]));
  expect(instants.ends ?? null).toBe(deadlineOf(deal));
  expect(instants.late_from ?? null).toBe(lateFrom(deal));
});
