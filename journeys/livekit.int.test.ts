import { randomUUID } from 'node:crypto';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMedia } from '#api/stream/media.ts';
import { freePort } from '#local/ports.ts';
import { openParts, type Parts } from './parts.ts';
import { type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { onAir } from './streaming.ts';
import { enter, type Listener, type LiveKit, listenBetween, PROGRAM, send, startLiveKit } from './testing/livekit.ts';

// What `media.int.test.ts` promises of a server that speaks LiveKit's protocol, by LiveKit's own server.

const KEY = 'tandem_tests';
const SECRET = 'a secret that is as long as LiveKit wants them to be';

describe.skipIf(PROGRAM === undefined)('LiveKit’s own server (skipped unless LIVEKIT_SERVER names its program)', () => {
  let place: Parts;
  let server: LiveKit;
  let between: Listener;
  let creator: Person;
  let config: { LIVEKIT_URL: string; LIVEKIT_API_KEY: string; LIVEKIT_API_SECRET: string };
  let rooms: RoomServiceClient;

  beforeAll(async () => {
    const port = await freePort();
    config = { LIVEKIT_URL: `http://127.0.0.1:${port}`, LIVEKIT_API_KEY: KEY, LIVEKIT_API_SECRET: SECRET };
    place = await openParts({ env: config });
    between = await listenBetween(() => place.url);
    server = await startLiveKit(PROGRAM as string, { port, key: KEY, secret: SECRET, tells: between.url });
    rooms = new RoomServiceClient(config.LIVEKIT_URL, KEY, SECRET);
    creator = await register(place.url, ['creator']);
  });
  afterAll(async () => {
    await place?.close();
    await server?.stop();
    await between?.close();
  });

  const tokenOf = async (person: Person, id: string): Promise<string> =>
    (await ok(person.post(`/api/streams/${id}/token`))).token;
  const validate = async (token: string) => {
    const response = await fetch(`${config.LIVEKIT_URL}/rtc/validate?access_token=${token}`);
    return response.status;
  };
  const toldOf = (room: string, event: string) =>
    until(
      async () => between.told.filter((each) => each.room === room && each.event === event),
      (all) => all.length > 0,
    );
  const peopleIn = async (id: string) => (await rooms.listParticipants(id)).map(({ identity }) => identity).sort();

  test('takes the tokens that a creator and a viewer are given, and none that somebody else signed', async () => {
    const fan = await register(place.url, ['viewer']);
    const id = await onAir(creator);
    for (const person of [creator, fan]) expect(await validate(await tokenOf(person, id))).toBe(200);
    const forged = new AccessToken(KEY, 'the secret of somebody else entirely', { identity: fan.id });
    forged.addGrant({ room: id, roomJoin: true });
    expect(await validate(await forged.toJwt())).toBe(401);
  });

  test('makes, lists and removes a room for our key, and its webhooks of that are believed', async () => {
    const id = await onAir(creator);
    await rooms.createRoom({ name: id });
    expect((await rooms.listRooms([id])).map(({ name }) => name)).toEqual([id]);
    const [started] = await toldOf(id, 'room_started');
    await rooms.deleteRoom(id);
    expect(await rooms.listRooms([id])).toEqual([]);
    const [finished] = await toldOf(id, 'room_finished');
    expect([started?.status, finished?.status]).toEqual([200, 200]);
  });

  test('signs each webhook for its own words: changed, or under the signature of another, it is refused', async () => {
    const [one, other] = [await onAir(creator), await onAir(creator)];
    for (const name of [one, other]) await rooms.createRoom({ name });
    const [[first], [second]] = [await toldOf(one, 'room_started'), await toldOf(other, 'room_started')];
    if (!first || !second) throw new Error('nothing was told');
    const status = async (webhook: { body: string; authorization: string }) => (await send(place.url, webhook)).status;
    expect(await status(first)).toBe(200);
    expect(await status({ ...first, body: first.body.replace(one, other) })).toBe(401);
    expect(await status({ ...first, authorization: second.authorization })).toBe(401);
    expect(await status({ ...first, authorization: '' })).toBe(401);
  });

  test('says who is in a room, and has whoever is removed from the stream leave it at once', async () => {
    const [fan, other] = [await register(place.url, ['viewer']), await register(place.url, ['viewer'])];
    const id = await onAir(creator);
    const url = config.LIVEKIT_URL.replace('http', 'ws');
    const sockets: WebSocket[] = [];
    for (const person of [creator, fan, other]) sockets.push(await enter(url, await tokenOf(person, id)));
    const media = createMedia(config);
    expect(await peopleIn(id)).toEqual([creator.id, fan.id, other.id].sort());
    // Nobody sends pictures.
    expect(await media?.look(id, creator.id)).toEqual({
      comes: false,
      others: expect.arrayContaining([fan.id, other.id]),
    });
    await ok(creator.post(`/api/streams/${id}/removals`, { user_id: fan.id }));
    await until(
      () => peopleIn(id),
      (people) => !people.includes(fan.id),
    );
    expect(await peopleIn(id)).toEqual([creator.id, other.id].sort());
    for (const socket of sockets) socket.close();
  });

  test('of a room that is not there says nobody is in it', async () => {
    expect(await createMedia(config)?.look(randomUUID(), creator.id)).toEqual({ comes: false, others: [] });
  });
});
