import { afterAll, beforeAll, expect, test } from 'vitest';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register, sendWebhook, until } from './person.ts';

let place: Parts;
let brand: Person;
let influencer: Person;

beforeAll(async () => {
  place = await openParts();
  brand = await register(place.url, ['brand_owner']);
  influencer = await register(place.url, ['influencer']);
}, 60_000);
afterAll(() => place?.close());

async function stateOf(person: Person, id: string): Promise<string> {
  return (await person.get(`/api/messages/conversations/${id}/context`)).body.data.conversation.flow_state;
}

async function ok(answer: Promise<Answer>): Promise<Json> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return (body as Json).data;
}

test('a campaign runs from application to release: the influencer has the price less the fee', async () => {
  const campaign = await ok(
    brand.post('/api/campaigns', { title: 'Monsoon', description: 'Three reels', budget: '20000' }),
  );
  const { conversation } = await ok(
    influencer.post(`/api/campaigns/${campaign.id}/apply`, { message: 'I would love to', proposed_amount: 6000 }),
  );
  const { id } = conversation;
  await ok(brand.click(id, 'accept_application'));
  await ok(brand.input(id, 'price_offer', '₹5,000'));
  await ok(influencer.click(id, 'accept_price', { price: 5000 }));
  const { payment_order: order } = await ok(brand.click(id, 'proceed_to_payment'));
  expect(order).toMatchObject({ provider: 'sandbox', amount: 500_000, currency: 'INR' });
  const webhook = await sendWebhook(place.url, {
    type: 'payment.captured',
    data: { order_id: order.order_id, payment_id: 'pay_1', amount: 500_000, currency: 'INR' },
  });
  expect(webhook.status).toBe(200);
  await until(
    () => stateOf(brand, id),
    (state) => state === 'payment_completed',
  );
  await ok(influencer.click(id, 'start_work'));
  await ok(
    influencer.post(`/api/messages/conversations/${id}/work`, {
      deliverables: 'https://drive.example/reels',
      description: 'Three reels',
    }),
  );
  await ok(
    brand.post(`/api/messages/conversations/${id}/work/review`, { decision: 'approve_work', feedback: 'Lovely' }),
  );
  await until(
    () => stateOf(brand, id),
    (state) => state === 'real_time',
  );
  const { balances } = await ok(influencer.get(`/api/wallet/${influencer.id}/balance`));
  expect(balances).toContainEqual({ asset: 'INR', available: '4500.00', held: '0.00', total: '4500.00' });
  await ok(brand.post('/api/messages/send', { conversation_id: id, message: 'Thank you!' }));
  await ok(influencer.click(id, 'close_chat'));
  expect(await stateOf(brand, id)).toBe('chat_closed');
});
