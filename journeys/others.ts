/** What of somebody else's there is to ask for, by the names that paths and commands give it. */
import { randomUUID } from 'node:crypto';
import { earnCredits } from '#db/boost/credits.ts';
import { chargedBack } from './chargeBack.ts';
import { creatorWithTier, fanOf, nextWeek, subscribe } from './paid.ts';
import type { Parts } from './parts.ts';
import { type Person, register, until } from './person.ts';
import { bringTo, newSides, ok, type Played } from './play.ts';
import { onAir } from './streaming.ts';
import { bringTrade, newTraders } from './trade.ts';

/** Ids by the name that a path gives them. */
export type Things = Record<string, string | undefined>;

/** What of somebody else's there is to ask for under these paths: the first that fits. */
export async function thingsOfOthers(at: Parts, played: Played): Promise<[RegExp, Things][]> {
  const { id, orderId, brand } = played;
  const of = await makeOfEach(at, played);
  return [
    [/^\/api\/(?:sandbox\/)?processes\//, { id, name: 'concede_dispute' }],
    [/^\/api\/admin\/people\//, { id: of.userId }],
    [/^\/api\/(?:admin\/)?charge-backs\//, { id: of.chargeBack, fileId: randomUUID() }],
    [/^\/api\/invoices\//, { id: of.invoice }],
    [/^\/api\/payouts\//, { id: of.payoutId }],
    [/^\/api\/videos\//, of.video],
    [/^\/api\/trading\/orders\//, { orderId: of.restingOrderId }],
    [/^\/api\/admin\/trading\/pairs\//, { pairId: 'BTC-USD' }],
    [/^\/api\/rewards\/user\//, { userId: of.userId }],
    [/^\/api\/admin\/rewards\/rules\//, { action: 'ad_view' }],
    [/^\/api\/admin\/xp\/rules\//, { action: 'chat' }],
    [/^\/api\/admin\/gifts\//, { code: 'HEART' }],
    [/^\/api\/creator\//, { creatorId: of.userId }],
    [/^\/api\/chat\/rooms\//, { roomId: of.room.id ?? of.room.room?.id, userId: of.userId }],
    [/conversations\//, { id, messageId: of.messageId }],
    [/^\/api\/streams\//, of.stream],
    [/^\/api\/events\//, of.ticketEvent],
    [/^\/api\/subscriptions\//, { id: of.ticketEvent.subscriptionId }],
    [/^\/api\/battles\//, { id: of.battle.id }],
    [/^\/api\/users\//, { id: brand.id, requesterId: of.userId }],
    [/^\/api\/wallet\/topups\//, { id: of.top_up.id }],
    [/^\/api\/wallet\/\{userId\}\/destinations\/\{id\}/, { userId: of.userId, id: of.destinationId }],
    [/^\/api\/wallet\//, { userId: of.userId, id: of.payoutId }],
    [/^\/api\/crypto\/p2p\/escrow\//, { transactionId: of.trade }],
    [/^\/api\/credits\/boosts\//, { id: of.boostId }],
    [/^\/api\/gigs\//, { id: of.gigId }],
    [/^\/api\/payments\//, { orderId: orderId ?? undefined }],
    [/^\/api\/notifications\/broadcasts\//, { id: of.broadcast.id }],
    [/^\/api\/notifications\//, { userId: of.userId, id: of.notificationId }],
    [/^\/api\/devices\//, { id: of.device.id }],
    [/^\/api\/admin\/tasks\//, { id: of.task.id }],
    [/^\/api\/admin\/payouts\//, { id: of.payoutId }],
    [/^\/api\/admin\/event-replays\//, { id: of.replay.id }],
    [
      /^\/api\/admin\/webhook-endpoints\//,
      { id: of.endpoint.id ?? of.endpoint.endpoint?.id, deliveryId: randomUUID() },
    ],
  ];
}

/** Makes one of everything, for the sides of a deal and for people who hide. */
async function makeOfEach(at: Parts, { id, brand, influencer }: Played) {
  const admin = await at.admin();
  const userId = influencer.id;
  await ok(admin.post('/api/notifications/send', { user_ids: [userId], title: 'A word', body: 'For you alone' }));
  const [messageId, notificationId, trade, room] = await Promise.all([
    ok(brand.get(`/api/messages/conversations/${id}/messages`)).then(([message]) => message.id),
    ok(influencer.get(`/api/notifications/${userId}`)).then(([notification]) => notification.id),
    newTraders(at).then((traders) => bringTrade(traders, 'disputed')),
    ok(brand.post('/api/chat/rooms', { member_ids: [userId] })),
  ]);
  const { boostId, gigId } = await boosted(at, influencer);
  const { destinationId, payoutId } = await paidOut(influencer);
  const { top_up } = await ok(influencer.post('/api/wallet/topup', { amount: 7 }));
  const device = await ok(influencer.post('/api/devices', { platform: 'fcm', token: 'the token of a phone' }));
  await ok(influencer.post(`/api/users/${brand.id}/follow`));
  const { battle } = await ok(influencer.post('/api/battles', { opponent_id: brand.id, duration_seconds: 60 }));
  const told = { role: 'brand_owner', title: 'News', body: 'There are some' };
  const { broadcast } = await ok(admin.post('/api/notifications/send', told));
  const endpoint = await ok(admin.post('/api/admin/webhook-endpoints', { url: 'https://shop.example/hook' }));
  const lost = { queue: 'gig_credit_queue', from: '2026-03-01T09:00:00.000Z', reason: 'It lost an hour' };
  const replay = await ok(admin.post('/api/admin/event-replays', lost));
  const [task] = await ok(admin.get('/api/admin/tasks?kind=dispute'));
  const [video, stream, ticketEvent, restingOrderId, invoice, chargeBack] = await Promise.all([
    hiddenVideo(at),
    hiddenStream(at),
    hiddenEvent(at),
    restingOrder(influencer),
    invoiced(at),
    chargedBack(at).then(({ id: chargeBackId }) => chargeBackId),
  ]);
  return {
    ...{ userId, messageId, notificationId, trade, room, boostId, gigId, destinationId },
    ...{ payoutId, top_up, device, battle, broadcast, endpoint, replay, task },
    ...{ video, stream, ticketEvent, restingOrderId, invoice, chargeBack },
  };
}

/** Of the first path that fits, if it has every id that this one names. */
export function thingsAt(all: readonly [RegExp, Things][], path: string): Things | undefined {
  const things = all.find(([pattern]) => pattern.test(path))?.[1];
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.every((name) => things?.[name] !== undefined) ? things : undefined;
}

/** A gig of somebody's, and a boost of it. */
async function boosted(at: Parts, person: Person): Promise<{ gigId: string; boostId: string }> {
  const gig = { title: 'Cut three reels', description: 'From raw footage', category: 'video' };
  const { id: gigId } = await ok(person.post('/api/gigs', gig));
  const earned = { userId: person.id, amount: 100n, reason: 'a test', now: at.deps.now().toISOString() };
  await at.pool.transaction((transaction) => earnCredits(transaction, earned));
  const { boost } = await ok(person.post('/api/credits/boost/gig', { targetGigId: gigId, amount: 10, duration: 24 }));
  return { gigId, boostId: boost.id };
}

/** A stream of an account that shows itself to its followers alone, with whatever there is in one, and somebody put out. */
async function hiddenStream(at: Parts): Promise<Things> {
  const creator = await register(at.url, ['creator']);
  const id = await onAir(creator);
  const said = { media_url: 'https://media.example/intro.mp4', title: 'Intro', duration_seconds: 3 };
  const { segment } = await ok(creator.post(`/api/streams/${id}/segments`, said));
  const { message } = await ok(creator.post(`/api/streams/${id}/chat`, { text: 'Hello' }));
  const goal = { type: 'gifts', target: 500, duration_seconds: 3_600 };
  const { challenge } = await ok(creator.post(`/api/streams/${id}/challenges`, goal));
  const { question } = await ok(creator.post(`/api/streams/${id}/questions`, { text: 'Who is there?' }));
  const asked = { question: 'What is next?', options: ['Rice', 'Noodles'], duration_seconds: 3_600 };
  const { poll } = await ok(creator.post(`/api/streams/${id}/polls`, asked));
  await ok(creator.ask('PATCH', '/api/me', { private: true }));
  return {
    ...{ id, segmentId: segment.id, messageId: message.id, userId: creator.id },
    ...{ pollId: poll.id, questionId: question.id, challengeId: challenge.id },
  };
}

/** An event of an account that shows itself to its followers alone, with somebody's ticket and somebody's subscription. */
async function hiddenEvent(at: Parts): Promise<Things> {
  const [creator, fan] = [await creatorWithTier(at), await fanOf(at)];
  const said = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 9, price: 10 };
  const { event } = await ok(creator.post('/api/events', said));
  const { ticket } = await ok(fan.post(`/api/events/${event.id}/tickets`));
  const { subscription } = await subscribe(fan, creator);
  await ok(creator.ask('PATCH', '/api/me', { private: true }));
  return { id: event.id, ticketId: ticket.id, subscriptionId: subscription.id };
}

/** A video of an account that shows itself to its followers alone, with a watch and a comment of its creator's. */
async function hiddenVideo(at: Parts): Promise<Things> {
  const creator = await register(at.url, ['creator']);
  const said = { title: 'A dance', duration_seconds: 40, media_url: 'https://media.example/dance.mp4' };
  const { id } = (await ok(creator.post('/api/videos', said))).video;
  const { watch_id } = await ok(creator.post(`/api/videos/${id}/view`));
  const { comment } = await ok(creator.post(`/api/videos/${id}/comments`, { text: 'First' }));
  await ok(creator.ask('PATCH', '/api/me', { private: true }));
  return { id, watchId: watch_id, commentId: comment.id };
}

async function restingOrder(person: Person): Promise<string> {
  await ok(person.post('/api/sandbox/faucet', { asset: 'USD', amount: '100.00' }));
  const asked = { pairId: 'BTC-USD', side: 'buy', type: 'limit', price: '10000.00', amount: '0.001' };
  return (await ok(person.post('/api/trading/orders', asked))).order.id;
}

/** The invoice of a deal that was released. */
async function invoiced(at: Parts): Promise<string> {
  const { influencer } = await bringTo(at, await newSides(at), 'real_time');
  const { body } = await until(
    async () => {
      await at.activities.work({ job: 'issue_invoices', from: null, now: at.deps.now().toISOString() });
      return influencer.get('/api/invoices');
    },
    ({ body: { data } }) => data.length > 0,
  );
  return body.data[0].id;
}

/** Somewhere that somebody is paid, and a payout that arrived there, as its statement says. */
async function paidOut(person: Person): Promise<{ destinationId: string; payoutId: string }> {
  const wallet = `/api/wallet/${person.id}`;
  await ok(person.post('/api/sandbox/faucet', { asset: 'INR', amount: '1000.00' }));
  await ok(person.post(`${wallet}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
  const { destination } = await ok(person.post(`${wallet}/destinations`, { kind: 'sandbox', account: 'ok' }));
  const asked = { amount: '10.00', asset: 'INR', destination_id: destination.id };
  const { payout } = await ok(person.post(`${wallet}/payouts`, asked));
  await until(
    () => person.get(`${wallet}/payouts/${payout.id}`),
    ({ body }) => body.data.payout.status === 'paid',
  );
  return { destinationId: destination.id, payoutId: payout.id };
}
