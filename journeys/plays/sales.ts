import { type Play, purse, stands } from './playing.ts';
import { payTwice } from './wallet.ts';

/** What creators sell: months by tokens or by order, and tickets that are kept or given back with their event. */

const TIERS = [{ code: 'gold', name: 'Gold', price: 60, perks: ['A name in the credits'] }];
const DAYS_MS = 72 * 3_600_000;

export const playSubscription: Play = async (stage) => {
  const { ask } = stage;
  const byOrder = stage.draw(2) === 0;
  const [creator, fan] = await Promise.all([stage.newcomer('creator'), stage.newcomer('viewer')]);
  await ask(() => creator.ask('PUT', `/api/creator/${creator.id}/tiers`, { tiers: TIERS }));
  const asked = { creator_id: creator.id, tier: 'gold', ...(byOrder && { payment: 'order' }) };
  const { subscription, payment_order } = await ask((key) => fan.post('/api/subscriptions', asked, key));
  if (byOrder) await payTwice(stage, payment_order);
  const path = `/api/subscriptions/${subscription.id}`;
  return [
    stands(`${subscription.id} is active`, fan, path, (seen) => seen.subscription.status === 'active'),
    purse(fan, 'TOKEN', byOrder ? 100n : 40n),
    purse(creator, 'TOKEN', 142n),
  ];
};

export const playTicket: Play = async (stage) => {
  const { ask } = stage;
  const isCancelled = stage.draw(2) === 0;
  const [creator, fan] = await Promise.all([stage.newcomer('creator'), stage.newcomer('viewer')]);
  const starts_at = new Date(Date.now() + DAYS_MS).toISOString();
  const said = { title: 'An evening of ragas', starts_at, capacity: 9, price: 30 };
  const { event } = await ask((key) => creator.post('/api/events', said, key));
  const { ticket } = await ask((key) => fan.post(`/api/events/${event.id}/tickets`, {}, key));
  if (isCancelled) await ask((key) => creator.post(`/api/events/${event.id}/cancel`, {}, key));
  const path = `/api/events/${event.id}`;
  const status = isCancelled ? 'cancelled' : 'on_sale';
  return [
    stands(`event ${event.id} is ${status}`, creator, path, (seen) => seen.event.status === status),
    purse(fan, 'TOKEN', isCancelled ? 100n : 70n),
    // A creator is paid when it has begun.
    purse(creator, 'TOKEN', 100n),
    ...(isCancelled ? [] : [stands(`ticket ${ticket.id}`, fan, `${path}/tickets/me`, (seen) => seen !== null)]),
  ];
};
