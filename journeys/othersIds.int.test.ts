import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectBooksInOrder } from './books.ts';
import { documentedRoutes, idFields, type Route, withIds } from './documented.ts';
import { createIds } from './fuzzing/ids.ts';
import { openVictims } from './fuzzing/people.ts';
import { nextWeek } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register } from './person.ts';
import { ok } from './play.ts';
import { announce, onAir } from './streaming.ts';

/** Ids of others in bodies and queries: each field of the OpenAPI document that takes one, with one that is not one's own. */

const ROLES = ['viewer', 'creator', 'brand_owner', 'influencer'];
const MEDIA = 'https://media.example/dance.mp4';

let place: Parts;
let owner: Owner;
/** What the owner has and where they stand, before anybody asks. */
let before: string;
let me: Person;
let asked: Record<string, Asked>;
beforeAll(async () => {
  place = await openParts({ worker: false });
  owner = await openOwner();
  me = await register(place.url, ROLES);
  asked = await askedBy();
  before = await owner.standing();
}, 120_000);
afterAll(() => place?.close());

/** Refused before anything is looked at, for who is no administrator. */
const FOR_ADMINS = /^\w+ \/api\/(admin\/|credits\/earn |notifications\/send )/;

/** Fields that name no thing of anybody's, by what they name. */
const NAMES: Record<string, RegExp> = {
  'a button of the machine': /button-click button_id$/,
  'a pair of assets': /pairId$/,
  'what whoever sends it calls their own order': /clientOrderId$/,
  'what whoever spends calls it': /spend item_id$/,
  'what a creator calls an ad in their own video': /(ads\.|rewards\/ad-view )ad_?[iI]d$/,
};

/** Fields that may name anybody’s, by why. */
const PUBLIC: Record<string, readonly string[]> = {
  'anybody may be written to, and may block who writes': [
    'POST /api/messages/send receiver_id',
    'POST /api/messages/direct-connect target_user_id',
  ],
  'anybody may be put into a room, and leaves it': ['POST /api/chat/rooms member_ids'],
  'what is given is the giver’s own': [
    'POST /api/wallet/{userId}/transfer to_user_id',
    'POST /api/wallet/{userId}/gift to_user_id',
    'POST /api/gigs/{id}/payments workerId',
    'POST /api/subscriptions gift_to',
  ],
  'what creators sell is for everybody, and so is a trade that is offered': [
    'POST /api/subscriptions creator_id',
    'POST /api/crypto/p2p/escrow buyer_id',
  ],
  'profiles, gigs and clans are for everybody, and whoever boosts one pays for it': [
    'POST /api/credits/boost/profile targetUserId',
    'POST /api/credits/boost/gig targetGigId',
    'POST /api/credits/boost/clan targetClanId',
    'POST /api/credits/spend targetId',
  ],
  'anybody may be challenged, and nothing comes of it unless they accept': ['POST /api/battles opponent_id'],
  'a stream’s creator puts out of it whom they like': ['POST /api/streams/{id}/removals user_id'],
  'what one says one did is kept as one’s own, whatever it names': ['POST /api/rewards/trigger targetId'],
  'boards are for everybody': ['GET /api/leaderboard/gifts ?around'],
};

type Asked = {
  theirs: string;
  /** Taken in the same place: that the rest of the request fits is seen by what comes of it. */
  mine: string;
  ask(id: string): Promise<Answer>;
  /** Of one's own, where it is no plain success: it was looked at, and it is only too early. */
  comesTo?: number;
};

/** Somebody who hides, with one of each of what a field may name. */
async function openOwner(): Promise<Owner> {
  const { one, standing } = await openVictims(place, createIds());
  const [friend, wallet] = [await register(place.url, ROLES), `/api/wallet/${one.id}`];
  const hello = { target_user_id: friend.id, initial_message: 'Between us' };
  const { conversation } = await ok(one.post('/api/messages/direct-connect', hello));
  const [message] = await ok(one.get(`/api/messages/conversations/${conversation.id}/messages`));
  const [destination] = await ok(one.get(`${wallet}/destinations`));
  const { video } = await ok(one.post('/api/videos', { title: 'Mine', duration_seconds: 40, media_url: MEDIA }));
  const { watch_id: watch } = await ok(one.post(`/api/videos/${video.id}/view`));
  const { comment } = await ok(one.post(`/api/videos/${video.id}/comments`, { text: 'First' }));
  const [notification] = await ok(one.get(`/api/notifications/${one.id}`));
  return {
    ...{ id: one.id, standing, conversation: conversation.id, message: message.id, destination: destination.id },
    ...{ video: video.id, watch, comment: comment.id, notification: notification.id },
    ...{ stream: await onAir(one), ticketEvent: await eventOf(one) },
  };
}

type Owner = { standing(): Promise<string> } & Record<
  | 'id'
  | 'conversation'
  | 'message'
  | 'destination'
  | 'video'
  | 'watch'
  | 'comment'
  | 'notification'
  | 'stream'
  | 'ticketEvent',
  string
>;

async function eventOf(creator: Person): Promise<string> {
  const said = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 9, price: 10 };
  return (await ok(creator.post('/api/events', said))).event.id;
}

/** What somebody asks with one of the owner's, and with one of their own. */
async function askedBy(): Promise<Record<string, Asked>> {
  return { ...(await inTalk()), ...(await ofMoney()), ...(await ofVideos()), ...(await ofStreams()) };
}

async function inTalk(): Promise<Record<string, Asked>> {
  const [other, another] = [await register(place.url, ROLES), await register(place.url, ROLES)];
  const { room } = await ok(me.post('/api/chat/rooms', { name: 'Ours', kind: 'group', member_ids: [other.id] }));
  const said = await ok(other.post(`/api/conversations/${room.id}/messages`, { content: 'Hello' }));
  const hello = { target_user_id: another.id, initial_message: 'Hello' };
  const { conversation } = await ok(me.post('/api/messages/direct-connect', hello));
  const message = { theirs: owner.message, mine: (said.message ?? said).id };
  const word = { user_ids: [me.id], title: 'A word', body: 'For you' };
  await ok((await place.admin()).post('/api/notifications/send', word));
  const [{ id: notification }] = await ok(me.get(`/api/notifications/${me.id}`));
  const marking = (mark: string): Asked => ({
    theirs: owner.notification,
    mine: notification,
    ask: (up_to) => me.ask('PUT', `/api/notifications/${me.id}/${mark}`, { up_to }),
  });
  const paging = (root: string, name: string): Asked => ({
    ...message,
    ask: (id) => me.get(`${root}/conversations/${room.id}/messages?${name}=${id}`),
  });
  return {
    'POST /api/messages/send conversation_id': {
      theirs: owner.conversation,
      mine: conversation.id,
      ask: (conversation_id) => me.post('/api/messages/send', { conversation_id, message: 'Let me in' }),
    },
    'POST /api/chat/rooms/{roomId}/seen message_id': {
      ...message,
      ask: (message_id) => me.post(`/api/chat/rooms/${room.id}/seen`, { message_id }),
    },
    // What was read was seen.
    'PUT /api/notifications/{id}/seen up_to': marking('seen'),
    'PUT /api/notifications/{id}/read up_to': marking('read'),
    'GET /api/conversations/{id}/messages ?before': paging('/api', 'before'),
    'GET /api/conversations/{id}/messages ?after': paging('/api', 'after'),
    'GET /conversations/{id}/messages ?before': paging('', 'before'),
    'GET /conversations/{id}/messages ?after': paging('', 'after'),
  };
}

async function ofMoney(): Promise<Record<string, Asked>> {
  const wallet = `/api/wallet/${me.id}`;
  await ok(me.post('/api/sandbox/faucet', { asset: 'INR', amount: '5000.00' }));
  await ok(me.post(`${wallet}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
  const { destination } = await ok(me.post(`${wallet}/destinations`, { kind: 'sandbox', account: 'ok' }));
  const to = (path: string): Asked => ({
    theirs: owner.destination,
    mine: destination.id,
    ask: (destination_id) => me.post(`${wallet}/payouts${path}`, { amount: '500.00', asset: 'INR', destination_id }),
  });
  return {
    'POST /api/wallet/{userId}/payouts destination_id': to(''),
    'POST /api/wallet/{userId}/payouts/estimate destination_id': to('/estimate'),
  };
}

async function ofVideos(): Promise<Record<string, Asked>> {
  const creator = await register(place.url, ROLES);
  const ads = [{ ad_id: 'monsoon', at_seconds: 10, duration_seconds: 15 }];
  const said = { title: 'A dance', duration_seconds: 40, media_url: MEDIA, ads };
  const { video } = await ok(creator.post('/api/videos', said));
  const { watch_id: watch } = await ok(me.post(`/api/videos/${video.id}/view`));
  const { comment } = await ok(creator.post(`/api/videos/${video.id}/comments`, { text: 'First' }));
  await ok(me.post(`/api/videos/${video.id}/like`));
  const ofComment = { theirs: owner.comment, mine: comment.id };
  const answering = (path: string): Asked => ({
    ...ofComment,
    ask: (parent_id) => me.post(`/api/videos/${video.id}/${path}`, { text: 'Second', parent_id }),
  });
  // Nobody has watched so much of it yet.
  const comesTo = 409;
  const earning = (path: string, more: Json, of: 'videoId' | 'watchId'): Asked => ({
    ...(of === 'videoId' ? { theirs: owner.video, mine: video.id } : { theirs: owner.watch, mine: watch }),
    ask: (id) => me.post(`/api/rewards/${path}`, { videoId: video.id, watchId: watch, ...more, [of]: id }),
    comesTo,
  });
  const [milestone, ad] = [{ milestone: 100 }, { adId: 'monsoon' }];
  return {
    'POST /api/videos/{id}/comments parent_id': answering('comments'),
    'POST /api/videos/{id}/comment parent_id': answering('comment'),
    'GET /api/videos/{id}/comments ?parent_id': {
      ...ofComment,
      ask: (id) => me.get(`/api/videos/${video.id}/comments?parent_id=${id}`),
    },
    'GET /api/videos ?creator_id': {
      theirs: owner.id,
      mine: creator.id,
      ask: (id) => me.get(`/api/videos?creator_id=${id}`),
    },
    'GET /api/rewards/why ?target_id': {
      theirs: owner.video,
      mine: video.id,
      ask: (id) => me.get(`/api/rewards/why?target_id=${id}`),
    },
    'POST /api/rewards/watch-milestone videoId': earning('watch-milestone', milestone, 'videoId'),
    'POST /api/rewards/watch-milestone watchId': earning('watch-milestone', milestone, 'watchId'),
    'POST /api/rewards/ad-view videoId': earning('ad-view', ad, 'videoId'),
    'POST /api/rewards/ad-view watchId': earning('ad-view', ad, 'watchId'),
  };
}

async function ofStreams(): Promise<Record<string, Asked>> {
  const newcomer = () => register(place.url, ROLES);
  const [other, another, opponent] = [await newcomer(), await newcomer(), await newcomer()];
  const stream = await onAir(me);
  const { battle } = await ok(other.post('/api/battles', { opponent_id: another.id, duration_seconds: 3_600 }));
  await ok(another.post(`/api/battles/${battle.id}/accept`));
  const opening = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 9, price: 10 };
  const listing = (path: string): Asked => ({
    theirs: owner.id,
    mine: me.id,
    ask: (id) => me.get(`${path}?creator_id=${id}`),
  });
  return {
    'GET /api/leaderboard/gifts ?streamId': {
      theirs: owner.stream,
      mine: stream,
      ask: (id) => me.get(`/api/leaderboard/gifts?scope=stream&streamId=${id}`),
    },
    'GET /api/streams ?creator_id': listing('/api/streams'),
    'GET /api/events ?creator_id': listing('/api/events'),
    'GET /api/ticket-events ?creator_id': listing('/api/ticket-events'),
    'POST /api/events stream_id': {
      theirs: owner.stream,
      mine: await announce(me),
      ask: (stream_id) => me.post('/api/events', { ...opening, stream_id }),
    },
    'POST /api/streams ticket_event_id': {
      theirs: owner.ticketEvent,
      mine: await eventOf(me),
      ask: (ticket_event_id) => me.post('/api/streams', { title: 'Ragas', visibility: 'ticket', ticket_event_id }),
    },
    'POST /api/battles stream_id': {
      theirs: owner.stream,
      mine: stream,
      ask: (stream_id) => me.post('/api/battles', { opponent_id: opponent.id, duration_seconds: 60, stream_id }),
    },
    'POST /api/battles/{id}/vote participantId': {
      theirs: owner.id,
      mine: other.id,
      ask: (participantId) => me.post(`/api/battles/${battle.id}/vote`, { participantId }),
    },
  };
}

test('every field of the document that takes an id is of a name, for everybody by a reason, for administrators, or asked about here', async () => {
  const fields = await idFields(place.url);
  expect(fields.length).toBeGreaterThan(40);
  const known = [...Object.keys(asked), ...Object.values(PUBLIC).flat()];
  const isOther = (field: string) => FOR_ADMINS.test(field) || Object.values(NAMES).some((name) => name.test(field));
  expect(fields.filter((field) => !known.includes(field) && !isOther(field))).toEqual([]);
  expect(known.filter((field) => !fields.includes(field))).toEqual([]);
  expect(Object.values(NAMES).filter((name) => !fields.some((field) => name.test(field)))).toEqual([]);
});

test('what is somebody else’s is, in a body or a query, as what nobody has, and their affairs stay as they are', async () => {
  me = await register(place.url, ROLES);
  for (const [field, { theirs, mine, ask, comesTo }] of Object.entries(await askedBy())) {
    const [forTheirs, forNobodys] = [await ask(theirs), await ask(randomUUID())];
    const said = `${field}: ${forTheirs.status} ${JSON.stringify(forTheirs.body)}`;
    expect.soft(theirs, field).toEqual(expect.any(String));
    // A page of nothing, or nothing that is marked, is as good a refusal; so is that it is none of those meant.
    expect.soft([200, 400, 403, 404], said).toContain(forTheirs.status);
    expect.soft({ status: forTheirs.status, body: forTheirs.body }, said).toEqual({
      status: forNobodys.status,
      body: forNobodys.body,
    });
    const own = await ask(mine);
    const fits = comesTo === undefined ? own.status < 300 : own.status === comesTo;
    expect.soft(fits, `${field} of one's own: ${own.status} ${JSON.stringify(own.body)}`).toBe(true);
    expect.soft(own.body, `${field}: one's own is seen to be there`).not.toEqual(forNobodys.body);
  }
  expect(await owner.standing()).toBe(before);
  await expectBooksInOrder(place);
});

test('what is for administrators is refused whoever is named in it', async () => {
  const routes = await documentedRoutes(place.url);
  const fields = (await idFields(place.url)).filter((field) => FOR_ADMINS.test(field));
  expect(fields.length).toBeGreaterThan(5);
  for (const field of fields) {
    const [method = '', path = '', name = ''] = field.split(' ');
    const route = routes.find((each) => each.method === method && each.path === path) as Route;
    // To some, and not to a role.
    const { role, ...rest } = route.body ?? {};
    const body = name === 'user_ids' || role === undefined ? rest : { ...rest, role };
    const at = withIds(path, (of) => (of === 'pairId' ? 'BTC-USD' : randomUUID()));
    // Rewards are numbered: those of the document's example are somebody's.
    const theirs = name === 'reward_ids' ? body.reward_ids : name.endsWith('_ids') ? [owner.id] : owner.id;
    const answer = name.startsWith('?')
      ? await me.ask(method, `${at}${name}=${owner.id}`)
      : await me.ask(method, at, { ...body, [name]: theirs });
    expect.soft(answer.status, `${field}: ${JSON.stringify(answer.body)}`).toBe(403);
  }
  expect(await owner.standing()).toBe(before);
});
