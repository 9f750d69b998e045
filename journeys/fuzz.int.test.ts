import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEED } from '#local/testSeed.ts';
import { expectBooksInOrder } from './books.ts';
import { fuzz } from './fuzzing/fuzz.ts';
import { createIds } from './fuzzing/ids.ts';
import { openVictims } from './fuzzing/people.ts';
import { openParts, type Parts } from './parts.ts';
import type { Json, Person } from './person.ts';
import { ok } from './play.ts';

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

/** What somebody might do to another's affairs if they were let, by what they would do it to. */
const DONE: Record<string, (one: Person) => Promise<unknown>> = {
  async 'an order that is cancelled'(one) {
    const [{ id }] = await ok(one.get('/api/trading/orders'));
    await ok(one.ask('DELETE', `/api/trading/orders/${id}`));
  },
  async 'a payout that is cancelled'(one) {
    const [{ id }] = await ok(one.get(`/api/wallet/${one.id}/payouts`));
    await ok(one.post(`/api/wallet/${one.id}/payouts/${id}/cancel`));
  },
  async 'a destination that is added'(one) {
    await ok(one.post(`/api/wallet/${one.id}/destinations`, { kind: 'sandbox', account: 'ok' }));
  },
  async 'a device that is forgotten'(one) {
    const [{ id }] = await ok(one.get('/api/devices'));
    await ok(one.ask('DELETE', `/api/devices/${id}`));
  },
  async 'a poll that is closed'(one) {
    const [{ id }] = await ok(one.get(`/api/streams/${await streamOf(one)}/polls`));
    await ok(one.post(`/api/streams/${await streamOf(one)}/polls/${id}/close`));
  },
  async 'a stream that is renamed'(one) {
    await ok(one.ask('PATCH', `/api/streams/${await streamOf(one)}`, { title: 'Another' }));
  },
  async 'a notification that is read'(one) {
    await ok(one.ask('PUT', `/api/notifications/${await firstToldOf(one)}/read`));
  },
  async 'a notification that is put away'(one) {
    await ok(one.ask('PUT', `/api/notifications/${await firstToldOf(one)}/archive`));
  },
};

/** What they were told of before all this. */
async function firstToldOf({ id, get }: Person): Promise<string> {
  const told: Json[] = await ok(get(`/api/notifications/${id}?limit=100`));
  return told.at(-1).id;
}

async function streamOf({ id, get }: Person): Promise<string> {
  const streams: Json[] = await ok(get(`/api/streams?creator_id=${id}`));
  return streams[0].id;
}

test('whatever a stranger might do to what others have is seen', async () => {
  const quiet = await openParts({ worker: false });
  try {
    const { one, standing } = await openVictims(quiet, createIds());
    for (const [what, is] of Object.entries(DONE)) {
      const before = await standing();
      expect(await standing(), what).toBe(before);
      await is(one);
      expect(await standing(), what).not.toBe(before);
    }
  } finally {
    await quiet.close();
  }
});
