import { TokenVerifier } from 'livekit-server-sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { untilTold } from './known.ts';
import { fanOf, nextWeek } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { commandsOf, ok } from './play.ts';
import { onAir } from './streaming.ts';
import { KEY, type MediaServer, openMediaServer, SECRET } from './testing/mediaServer.ts';

// Pictures of streams, by a server that speaks LiveKit's protocol, with tokens and webhooks as LiveKit signs them.

let server: MediaServer;
let place: Parts;
let creator: Person;
beforeAll(async () => {
  server = await openMediaServer();
  const env = { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: KEY, LIVEKIT_API_SECRET: SECRET };
  place = await openParts({ env });
  creator = await register(place.url, ['creator']);
});
beforeEach(() => {
  server.answers = true;
});
afterAll(async () => {
  await place?.close();
  await server?.close();
});

const sends = (id: string, pictures: boolean, ...others: string[]) =>
  server.rooms.set(
    id,
    new Map([[creator.id, { sends: pictures }], ...others.map((other) => [other, { sends: false }] as const)]),
  );
const silence = async (id: string): Promise<string | null> =>
  (await ok(creator.get(`/api/streams/${id}`))).stream.silent_since;

test('a creator’s token lets them send pictures in their stream alone, and a viewer’s lets them see', async () => {
  const fan = await register(place.url, ['viewer']);
  const id = await onAir(creator);
  const read = async (person: Person): Promise<Json> => {
    const { url, token } = await ok(person.post(`/api/streams/${id}/token`));
    expect(url).toBe(server.url.replace('http', 'ws'));
    return new TokenVerifier(KEY, SECRET).verify(token);
  };
  const rights = { room: id, roomJoin: true, canSubscribe: true, canPublishData: false };
  expect(await read(creator)).toMatchObject({ sub: creator.id, video: { ...rights, canPublish: true } });
  expect(await read(fan)).toMatchObject({ sub: fan.id, video: { ...rights, canPublish: false } });
  const closed = await onAir(creator, { visibility: 'subscribers' });
  expect((await fan.post(`/api/streams/${closed}/token`)).status).toBe(403);
  await ok(creator.post(`/api/streams/${id}/end`));
  expect((await fan.post(`/api/streams/${id}/token`)).body.error_code).toBe('FLOW_STATE_INVALID');
});

test('webhooks that come twice, late or in any order leave the stream as its room is', async () => {
  const id = await onAir(creator);
  expect(await silence(id)).not.toBeNull();
  sends(id, true);
  const told = await Promise.all(
    ['track_published', 'participant_left', 'participant_joined', 'track_unpublished', 'track_published'].map((event) =>
      server.tells(place.url, event, id),
    ),
  );
  expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await silence(id)).toBeNull();
  sends(id, false);
  await server.tells(place.url, 'track_published', id);
  expect(await silence(id)).not.toBeNull();
  sends(id, true);
  await server.tells(place.url, 'room_finished', id);
  expect(await silence(id)).toBeNull();
  expect(await commandsOf(place, id)).toEqual(['start', 'media_back', 'media_lost', 'media_back']);
});

test('a webhook that somebody else signed, or that was changed on its way, is refused and does nothing', async () => {
  const id = await onAir(creator);
  sends(id, true);
  expect((await server.tells(place.url, 'track_published', id, 'the secret of somebody else entirely')).status).toBe(
    401,
  );
  const bare = await fetch(`${place.url}/api/webhooks/livekit`, { method: 'POST', body: '{}' });
  expect(bare.status).toBe(401);
  expect(await silence(id)).not.toBeNull();
});

test('a lost webhook is made up for, and a server that is away ends no stream', async () => {
  const id = await onAir(creator);
  sends(id, true);
  await until(
    () => silence(id),
    (since) => since === null,
  );
  server.answers = false;
  await server.tells(place.url, 'track_unpublished', id);
  expect(await silence(id)).toBeNull();
});

test('whoever may not watch any more has to leave the pictures too', async () => {
  const [fan, other] = [await register(place.url, ['viewer']), await register(place.url, ['viewer'])];
  const id = await onAir(creator);
  sends(id, true, fan.id, other.id);
  await ok(creator.post(`/api/streams/${id}/removals`, { user_id: fan.id }));
  await server.tells(place.url, 'participant_joined', id);
  expect([...(server.rooms.get(id)?.keys() ?? [])]).toEqual([creator.id, other.id]);
});

test('whoever had paid and has it back leaves the pictures within seconds, and is let in no more', async () => {
  const fan = await fanOf(place);
  const { stream } = await ok(creator.post('/api/streams', { title: 'An evening of ragas' }));
  const id: string = stream.id;
  const said = { title: 'An evening of ragas', starts_at: nextWeek(), capacity: 2, price: '30', stream_id: id };
  const { event } = await ok(creator.post('/api/events', said));
  await ok(creator.post(`/api/streams/${id}/start`));
  expect((await fan.post(`/api/streams/${id}/token`)).status).toBe(403);
  const { ticket } = await ok(fan.post(`/api/events/${event.id}/tickets`));
  await ok(fan.post(`/api/streams/${id}/token`));
  sends(id, true, fan.id);
  await ok(fan.ask('DELETE', `/api/events/${event.id}/tickets/${ticket.id}`));
  await until(
    async () => [...(server.rooms.get(id)?.keys() ?? [])],
    (people) => !people.includes(fan.id),
    10_000,
  );
  expect([...(server.rooms.get(id)?.keys() ?? [])]).toEqual([creator.id]);
  expect((await fan.post(`/api/streams/${id}/token`)).status).toBe(403);
});

test('a stream whose pictures never came ends by itself, at the real length of its grace', async () => {
  const id = await onAir(creator);
  server.rooms.delete(id);
  await untilTold(place, id);
  await place.skipTime(id, 'stream');
  await until(
    () => commandsOf(place, id),
    (commands) => commands.includes('expire'),
  );
});

test('without a media server a token is refused with a sentence, and everything else works', async () => {
  const bare = await openParts({ beside: place, worker: false });
  try {
    const alone = await register(bare.url, ['creator']);
    const { stream } = await ok(alone.post('/api/streams', { title: 'Without pictures' }));
    await ok(alone.post(`/api/streams/${stream.id}/start`));
    const refused = await alone.post(`/api/streams/${stream.id}/token`);
    expect([refused.status, refused.body.message]).toEqual([503, expect.stringContaining('No media server')]);
    expect(refused.headers.get('retry-after')).toBe('300');
    expect((await ok(alone.get(`/api/streams/${stream.id}`))).stream.silent_since).toBeNull();
  } finally {
    await bare.close();
  }
});
