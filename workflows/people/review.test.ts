import { expect, test } from 'vitest';
import { reviewsUntil, whyNoReview } from './review.ts';

test('a deal is reviewed for 14 days after its money was released, the last instant included', () => {
  const released = '2026-01-01T00:00:00.000Z';
  expect(reviewsUntil(released)).toBe('2026-01-15T00:00:00.000Z');
  expect(whyNoReview(null, released)).toBe('too_early');
  expect(whyNoReview(released, released)).toBeNull();
  expect(whyNoReview(released, '2026-01-15T00:00:00.000Z')).toBeNull();
  expect(whyNoReview(released, '2026-01-15T00:00:00.001Z')).toBe('too_late');
});
