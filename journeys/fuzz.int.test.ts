import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEED } from '#local/testSeed.ts';
import { expectBooksInOrder } from './books.ts';
import { fuzz } from './fuzzing/fuzz.ts';
import { openParts, type Parts } from './parts.ts';

/** A small part of what `npm run fuzz:documents` does at length. */

let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterAll(() => place?.close());

test(`whatever is sent, at any route and at both doors, is answered as it is documented (SEED=${SEED})`, async () => {
  const report = await fuzz(place, { seed: SEED, requests: 1_500, frames: 500, atOnce: 8 });
  expect(report.faults()).toEqual([]);
  expect(report.missed()).toEqual([]);
  expect([report.requests(), report.sent()]).toEqual([1_500, 500]);
  await expectBooksInOrder(place);
});
