import { randomUUID } from 'node:crypto';
import { type Json, PASSWORD, type Person, register, signIn } from '../person.ts';
import type { Ids } from './ids.ts';

/** Whose affairs nobody else may see, and those who try. */

/** Where the requests go: the product as its own processes, or its parts in a test. */
export type Target = { url: string; admin(): Promise<Person> };

/** What stands in whatever is private of a victim, and in nothing that anybody else may read. */
export type Victims = {
  canary: string;
  /** Whose affairs they are, most of them. */
  one: Person;
  /** What they have and where they stand, in one text: the same in the end as in the beginning. */
  standing(): Promise<string>;
};

/** Asks for something, keeps the ids that are in the answer, and answers its data. */
type Keep = (of: string, asked: ReturnType<Person['get']>) => Promise<Json>;

/** Where something of theirs is seen, and what of it only its own people change. */
type Look = { path: string; lasting(seen: Json): Json };

export const ROLES = ['viewer', 'creator', 'brand_owner', 'influencer'];

async function data(asked: ReturnType<Person['get']>): Promise<Json> {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.data;
}

/** Two people with something of everything, all of it with a canary in it where there is a text. Their ids are gathered. */
export async function openVictims({ url, admin: adminOf }: Target, ids: Ids): Promise<Victims> {
  const canary = `canary${randomUUID().replaceAll('-', '')}`;
  const [one, other, admin] = await Promise.all([register(url, ROLES), register(url, ROLES), adminOf()]);
  const keep: Keep = async (of, asked) => {
    const said = await data(asked);
    ids.gather(said, of);
    return said;
  };
  await data(one.ask('PATCH', '/api/me', { private: true }));
  ids.gather({ user_id: one.id, other_user_id: other.id }, 'user');
  const word = { user_ids: [one.id], title: canary, body: canary };
  await keep('notification', admin.post('/api/notifications/send', word));
  const told: Json[] = await keep('notification', one.get(`/api/notifications/${one.id}`));
  const looks = [
    ...(await talking(keep, one, other, canary)),
    ...(await dealing(keep, one, other, canary)),
    ...(await streaming(keep, one, other, canary)),
    { path: '/api/devices', lasting: (devices: Json[]) => devices.map(({ id }) => id) },
  ];
  await keep('device', one.post('/api/devices', { platform: 'fcm', token: canary }));
  const hook = { url: `https://shop.example/${canary}` };
  await keep('webhook-endpoint', admin.post('/api/admin/webhook-endpoints', hook));
  await keep('process', one.get('/api/processes'));
  return {
    canary,
    one,
    async standing() {
      // Over so long a time their token may have ended.
      const now = await signIn(url, one.handle, PASSWORD);
      const seen = looks.map(async ({ path, lasting }) => lasting(await data(now.get(path))));
      return JSON.stringify(await Promise.all([...seen, marksOf(now, told)]));
    },
  };
}

/** How somebody's notifications from the beginning are marked, among however many came since. */
async function marksOf(person: Person, told: readonly Json[]): Promise<Json> {
  const found = new Map<string, Json>();
  let cursor: string | null = null;
  do {
    const after = cursor === null ? '' : `&cursor=${cursor}`;
    const { body } = await person.get(`/api/notifications/${person.id}?limit=100${after}`);
    for (const { id, seen_at, read_at, snoozed_until } of body.data) found.set(id, { seen_at, read_at, snoozed_until });
    cursor = body.page.next_cursor;
  } while (cursor !== null);
  // What was put away is not in the list.
  return told.map(({ id }) => found.get(id) ?? 'put away');
}

/** Parts of something, by their names. */
const only =
  (...names: string[]) =>
  (seen: Json): Json =>
    Object.fromEntries(names.map((name) => [name, seen[name]]));

/** Messages in a conversation and in a room, and a deal. Answers where they are seen. */
async function talking(keep: Keep, one: Person, other: Person, canary: string): Promise<Look[]> {
  const hello = { target_user_id: other.id, initial_message: canary };
  const { conversation } = await keep('conversation', one.post('/api/messages/direct-connect', hello));
  const campaign = await keep('campaign', one.post('/api/campaigns', { title: 'A', description: 'B', budget: 9000 }));
  const apply = { message: canary, proposed_amount: 6000 };
  const deal = await keep('conversation', other.post(`/api/campaigns/${campaign.id}/apply`, apply));
  const we = { kind: 'group', name: canary, member_ids: [other.id] };
  const { room } = await keep('room', one.post('/api/chat/rooms', we));
  await keep('message', one.post(`/api/conversations/${room.id}/messages`, { content: canary }));
  const all = (seen: Json): Json => seen;
  return [
    { path: `/api/messages/conversations/${conversation.id}/messages`, lasting: all },
    {
      path: `/api/messages/conversations/${deal.conversation.id}/context`,
      lasting: (seen) => seen.conversation.flow_state,
    },
    { path: `/api/conversations/${room.id}/messages?limit=50`, lasting: all },
    { path: `/api/chat/rooms/${room.id}`, lasting: all },
  ];
}

/** Money in every way that it takes. Answers where it is seen. */
async function dealing(keep: Keep, one: Person, other: Person, canary: string): Promise<Look[]> {
  for (const person of [one, other]) {
    for (const asset of ['INR', 'USDT', 'USD']) {
      await data(person.post('/api/sandbox/faucet', { asset, amount: '5000' }));
    }
  }
  const wallet = `/api/wallet/${one.id}`;
  await keep('kyc', one.post(`${wallet}/kyc`, { kind: 'sandbox', name: canary }));
  const at = { kind: 'sandbox', account: 'ok' };
  const { destination } = await keep('destination', one.post(`${wallet}/destinations`, at));
  const paid = { amount: '600.00', asset: 'INR', destination_id: destination.id };
  const { payout } = await keep('payout', one.post(`${wallet}/payouts`, paid));
  await keep('topup', one.post('/api/wallet/topup', { amount: 7 }));
  const order = { pairId: 'USDT-USD', kind: 'spot', side: 'buy', type: 'limit', price: '0.5', amount: '10' };
  const placed = (await keep('order', one.post('/api/trading/orders', order))).order;
  const terms = {
    ...{ buyer_id: other.id, asset: 'USDT', amount: '1.5', price: '90', currency: 'INR' },
    // For longer than anybody plays here.
    ...{ payment_method: 'UPI', payment_details: canary, policy: { pay_within: 'P1D' } },
  };
  const { transaction } = await keep('transaction', one.post('/api/crypto/p2p/escrow', terms));
  return [
    { path: `/api/crypto/p2p/escrow/${transaction.id}`, lasting: (seen) => only('held', 'status')(seen.transaction) },
    // Whoever sells at its price fills it.
    {
      path: `/api/trading/orders/${placed.id}`,
      lasting: ({ order: { price, amount, status } }) => [price, amount, status === 'cancelled'],
    },
    // It arrives by itself.
    {
      path: `${wallet}/payouts/${payout.id}`,
      lasting: ({ payout: { amount, status } }) => [amount, status === 'cancelled'],
    },
    { path: `${wallet}/destinations`, lasting: (seen: Json[]) => seen.map(only('id', 'kind', 'label')) },
  ];
}

/** A video, and a stream with whatever there is in one. Answers where it is seen. */
async function streaming(keep: Keep, one: Person, other: Person, canary: string): Promise<Look[]> {
  const video = { title: canary, duration_seconds: 40, media_url: 'https://media.example/dance.mp4' };
  const shown = (await keep('video', one.post('/api/videos', video))).video;
  const { stream } = await keep('stream', one.post('/api/streams', { title: canary }));
  const on = `/api/streams/${stream.id}`;
  await data(one.post(`${on}/start`));
  await keep('message', one.post(`${on}/chat`, { text: canary }));
  const poll = { question: canary, options: ['Rice', 'Noodles'], duration_seconds: 3_600 };
  const asked = (await keep('poll', one.post(`${on}/polls`, poll))).poll;
  await keep('question', one.post(`${on}/questions`, { text: canary }));
  await keep('battle', one.post('/api/battles', { opponent_id: other.id, duration_seconds: 3_600 }));
  return [
    { path: on, lasting: (seen) => only('title', 'status', 'visibility')(seen.stream) },
    // Those who may watch vote in it.
    { path: `${on}/polls/${asked.id}`, lasting: (seen) => only('question', 'status', 'ended_by')(seen.poll) },
    { path: `/api/videos/${shown.id}`, lasting: only('title', 'media_url') },
  ];
}
