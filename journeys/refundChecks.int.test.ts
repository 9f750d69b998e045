import { afterAll, beforeAll, expect, test } from 'vitest';
import { findRefund } from '#db/payment/refunds.ts';
import { sql } from '#db/pool.ts';
import { type PaymentProvider, ProviderUnavailable } from '#payments/provider.ts';
import { expectBooksInOrder } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { sendWebhook, until } from './person.ts';
import { bringTo, newSides, ok, type Played, type Sides } from './play.ts';

/** A provider takes its time with refunds, is away, or says no: its deals wait without a stir. */

let place: Parts;
let sides: Sides;
/** What the provider says when it is asked about the refund of a payment, and how often it was. */
const said = new Map<string, { away: boolean; asked: number }>();

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
  place.faults.provider = (real): PaymentProvider => ({
    ...real,
    refund: async ({ key }) => ({ status: 'pending', refundId: `rfnd_${key}` }),
    findRefund: async ({ paymentId, refundId }) => {
      const about = said.get(paymentId);
      if (about) about.asked += 1;
      if (about?.away) throw new ProviderUnavailable('sandbox', 'not_done', 'is away');
      return { status: 'pending', refundId };
    },
  });
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});

/** A deal whose refund the provider has taken and not decided. */
async function pending(away: boolean): Promise<Played & { refundId: string }> {
  const played = await bringTo(place, sides, 'payment_completed');
  said.set(played.paymentId, { away, asked: 0 });
  await ok(played.influencer.click(played.id, 'decline_work'));
  const refundId = await until(
    () =>
      place.pool.maybeOneFirst(sql.typeAlias('id')`
      SELECT refunds.id FROM refunds JOIN captures ON captures.id = refunds.capture_id
      WHERE captures.process_id = ${played.id} AND status = 'pending'
    `),
    (id) => id !== null,
  );
  return { ...played, refundId: refundId as string };
}

const timesAsked = (played: Played, times: number) =>
  until(
    async () => said.get(played.paymentId)?.asked ?? 0,
    (asked) => asked >= times,
  );

const events = async ({ id }: Played) => (await place.workflowOf(id).describe()).historyLength;

test('a refund that failed, or about which a provider that is away is asked, leaves its workflow at rest', async () => {
  const [failed, away, goesOn] = [await pending(false), await pending(true), await pending(false)];
  await sendWebhook(place.url, {
    type: 'refund.failed',
    data: {
      order_id: failed.orderId,
      payment_id: failed.paymentId,
      amount: 500_000,
      currency: 'INR',
      refund_key: `${failed.refundId}_1`,
    },
  });
  await until(
    () => findRefund(place.pool, failed.refundId),
    (refund) => refund?.status === 'failed',
  );
  for (const { id } of [failed, away, goesOn]) await place.skipTime(id);
  // The provider is away for several tries, and the third deal has come a day further meanwhile.
  await timesAsked(away, 3);
  await timesAsked(goesOn, 6);
  expect(await events(failed)).toBeLessThan(80);
  expect(await events(away)).toBeLessThan(80);
  expect(said.get(failed.paymentId)?.asked).toBe(0);
});
