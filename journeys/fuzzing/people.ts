import { randomUUID } from 'node:crypto';
import { type Json, PASSWORD, type Person, register, signIn } from '../person.ts';
import type { Ids } from './ids.ts';

/** Whose affairs nobody else may see, and those who try. */

/** Where the requests go: the product as its own processes, or its parts in a test. */
export type Target = { url: string; admin(): Promise<Person> };

/** What stands in whatever is private of a victim, and in nothing that anybody else may read. */
export type Victims = {
  canary: string;
  /** What they have and where they stand, in one text: the same in the end as in the beginning. */
  standing(): Promise<string>;
};

/** Asks for something, keeps the ids that are in the answer, and answers its data. */
type Keep = (of: string, asked: ReturnType<Person['get']>) => Promise<Json>;

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
  const paths = [...(await talking(keep, one, other, canary)), await dealing(keep, one, other, canary)];
  await streaming(keep, one, other, canary);
  const word = { user_ids: [one.id], title: canary, body: canary };
  await keep('notification', admin.post('/api/notifications/send', word));
  await keep('notification', one.get(`/api/notifications/${one.id}`));
  await keep('device', one.post('/api/devices', { platform: 'fcm', token: canary }));
  const hook = { url: `https://shop.example/${canary}` };
  await keep('webhook-endpoint', admin.post('/api/admin/webhook-endpoints', hook));
  await keep('process', one.get('/api/processes'));
  return {
    canary,
    async standing() {
      // Over so long a time their token may have ended.
      const now = await signIn(url, one.handle, PASSWORD);
      return JSON.stringify(await Promise.all(paths.map((path) => data(now.get(path)).then(lasting))));
    },
  };
}

/** Of what is seen of it, what only its own people change. */
function lasting(seen: Json): Json {
  if (seen.transaction) return { held: seen.transaction.held, status: seen.transaction.status };
  return seen.conversation ? seen.conversation.flow_state : seen;
}

/** Messages in a conversation and in a room, and a deal. Answers where they are seen. */
async function talking(keep: Keep, one: Person, other: Person, canary: string): Promise<string[]> {
  const hello = { target_user_id: other.id, initial_message: canary };
  const { conversation } = await keep('conversation', one.post('/api/messages/direct-connect', hello));
  const campaign = await keep('campaign', one.post('/api/campaigns', { title: 'A', description: 'B', budget: 9000 }));
  const apply = { message: canary, proposed_amount: 6000 };
  const deal = await keep('conversation', other.post(`/api/campaigns/${campaign.id}/apply`, apply));
  const we = { kind: 'group', name: canary, member_ids: [other.id] };
  const { room } = await keep('room', one.post('/api/chat/rooms', we));
  await keep('message', one.post(`/api/conversations/${room.id}/messages`, { content: canary }));
  return [
    `/api/messages/conversations/${conversation.id}/messages`,
    `/api/messages/conversations/${deal.conversation.id}/context`,
    `/api/conversations/${room.id}/messages?limit=50`,
    `/api/chat/rooms/${room.id}`,
  ];
}

/** Money in every way that it takes. Answers where its trade is seen. */
async function dealing(keep: Keep, one: Person, other: Person, canary: string): Promise<string> {
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
  await keep('payout', one.post(`${wallet}/payouts`, paid));
  await keep('topup', one.post('/api/wallet/topup', { amount: 7 }));
  const order = { pairId: 'USDT-USD', kind: 'spot', side: 'buy', type: 'limit', price: '0.5', amount: '10' };
  await keep('order', one.post('/api/trading/orders', order));
  const terms = {
    ...{ buyer_id: other.id, asset: 'USDT', amount: '1.5', price: '90', currency: 'INR' },
    // For longer than anybody plays here.
    ...{ payment_method: 'UPI', payment_details: canary, policy: { pay_within: 'P1D' } },
  };
  const { transaction } = await keep('transaction', one.post('/api/crypto/p2p/escrow', terms));
  return `/api/crypto/p2p/escrow/${transaction.id}`;
}

/** A video, and a stream with whatever there is in one. */
async function streaming(keep: Keep, one: Person, other: Person, canary: string): Promise<void> {
  const video = { title: canary, duration_seconds: 40, media_url: 'https://media.example/dance.mp4' };
  await keep('video', one.post('/api/videos', video));
  const { stream } = await keep('stream', one.post('/api/streams', { title: canary }));
  const on = `/api/streams/${stream.id}`;
  await data(one.post(`${on}/start`));
  await keep('message', one.post(`${on}/chat`, { text: canary }));
  const poll = { question: canary, options: ['Rice', 'Noodles'], duration_seconds: 3_600 };
  await keep('poll', one.post(`${on}/polls`, poll));
  await keep('question', one.post(`${on}/questions`, { text: canary }));
  await keep('battle', one.post('/api/battles', { opponent_id: other.id, duration_seconds: 3_600 }));
}
