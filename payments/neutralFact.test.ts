import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLaterState, type ObjectState } from '#workflows/payment/fact.ts';

/** What stands in the end when all of these are told of one object, in this order. */
function settled(told: ObjectState[]): ObjectState | null {
  return told.reduce<ObjectState | null>((known, state) => (isLaterState(state, known) ? state : known), null);
}

test.each<[string, ObjectState[], ObjectState]>([
  ['a refund that arrived and came back', ['pending', 'processed', 'failed'], 'failed'],
  ['a payout that was paid and came back', ['queued', 'pending', 'processed', 'reversed'], 'reversed'],
  ['a payout cancelled while it waited', ['queued', 'cancelled'], 'cancelled'],
  ['a dispute that was lost, and won after all', ['open', 'under_review', 'lost', 'won'], 'won'],
  ['a dispute of which a part was lost', ['open', 'under_review', 'partly'], 'partly'],
])('%s ends the same in whatever order, and however often, it is told', (_title, states, end) => {
  const deliveries = fc.shuffledSubarray([...states, ...states, ...states], { minLength: states.length * 3 });
  fc.assert(fc.property(deliveries, (told) => settled(told) === end));
  expect(settled(states)).toBe(end);
});
