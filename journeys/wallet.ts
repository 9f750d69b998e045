import { boostProfile as boost, orderTopUp, requestPayout as request } from '#api/sandbox/walletScenarios.ts';
import type { Parts } from './parts.ts';
import { type Json, type Person, register, sendWebhook } from './person.ts';
import { call } from './play.ts';

/** What people do with their wallets, up to where a workflow goes on with it. Each answers the id of its process. */

/** For places where a payout is not to be waited for. */
export const AT_ONCE = { PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' };

/** 600.00 of 1,000.00 rupees to an account that is good. */
export async function requestPayout(place: Parts): Promise<{ id: string; destinationId: string }> {
  const person = await register(place.url, ['influencer']);
  return request(call, person, { given: '1000.00', amount: '600.00' });
}

/** 500 tokens, ordered and paid. */
export async function payTopUp(place: Parts): Promise<string> {
  const person = await register(place.url, ['viewer']);
  return paidTopUp(place, await orderTopUp(call, person, 'TOKEN'));
}

/** What was ordered is paid, as the provider tells. */
export async function paidTopUp(place: Parts, { top_up, payment_order }: Json): Promise<string> {
  const data = {
    order_id: payment_order.order_id,
    payment_id: `pay_${top_up.id}`,
    amount: payment_order.amount,
    currency: payment_order.currency,
  };
  await sendWebhook(place.url, { type: 'payment.captured', data });
  return top_up.id;
}

/** Somebody's profile, for two seconds, by another whom credits were given to. */
export const boostProfile = (booster: Person, { id: targetUserId }: Person): Promise<string> =>
  boost(call, booster, { targetUserId, amount: 60, duration: 2 / 3_600 });
