import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openPoll } from '#db/poll/polls.ts';
import { vote } from '#db/poll/voting.ts';
import { sql } from '#db/pool.ts';
import { findProcess } from '#db/process/processes.ts';
import { noteMedia } from '#db/stream/media.ts';
import { openStream } from '#db/stream/streams.ts';
import { newPeople } from '#db/talk/testing/crowd.ts';
import { Client } from '#realtime/testing/client.ts';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import { durationMs } from '#workflows/durations.ts';
import { ARCHIVE_MS, GRACE_MS, SHOW_UP_MS } from '#workflows/stream/machine.ts';
import { expectBooksInOrder } from './books.ts';
import { heardOf } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { commandsOf, ok } from './play.ts';
import { announce, heard, onAir, watching } from './streaming.ts';
import { describeCrashes } from './testing/describeCrashes.ts';
import { describeEndings } from './testing/describeEndings.ts';

// Streams from their announcement to the archive, over REST and both doors, on Postgres and Temporal as they are.

let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});

const creatorOf = () => register(place.url, ['creator']);
const viewer = () => register(place.url, ['viewer']);

const statusOf = async (person: Person, id: string): Promise<string> =>
  (await ok(person.get(`/api/streams/${id}`))).stream.status;

const watch = (person: Person, id: string, namespace?: string) => watching(place, person, id, namespace);
const hears = (page: Frontend, name: string, many = 1) =>
  until(
    async () => heard(page, name),
    (all) => all.length >= many,
  );

const MINUTE_MS = 60_000;
const watchedRow = z.object({ minutes: z.int(), seen_at: z.string() });

/** Opened where a media server watches, with nobody sending pictures. */
async function watchedStream(at: Parts, state: string): Promise<string> {
  const creator = await register(at.url, ['creator']);
  const id = await at.pool.transaction((transaction) =>
    openStream(transaction, {
      ...{ creatorId: creator.id, title: 'Monsoon cooking', category: 'food', tags: [], visibility: 'public' },
      ...{ ticketEventId: null, scheduledAt: null, watched: true, now: at.deps.now().toISOString() },
    }),
  );
  at.deps.ring(id);
  for (const step of { scheduled: [], live: ['start'], ended: ['start', 'end'] }[state] ?? []) {
    await ok(creator.post(`/api/streams/${id}/${step}`));
  }
  return id;
}

describeEndings(
  {
    kind: 'stream',
    silences: [
      { state: 'scheduled', lastsMs: SHOW_UP_MS, end: 'cancelled' },
      { state: 'live', lastsMs: GRACE_MS, end: 'archived' },
      { state: 'ended', lastsMs: ARCHIVE_MS, end: 'archived' },
    ],
    bring: watchedStream,
    async expectEnd(at, id) {
      expect((await findProcess(at.pool, id))?.process.held).toBe('0');
    },
  },
  () => place,
);

const creators = new Map<string, Person>();

async function expectNothingHeld(at: Parts, id: string): Promise<void> {
  expect((await findProcess(at.pool, id))?.process.held).toBe('0');
}

describeCrashes(
  {
    kind: 'stream',
    async bring(at) {
      const creator = await register(at.url, ['creator']);
      const id = await onAir(creator);
      creators.set(id, creator);
      return id;
    },
    give: async (_, id) => (await (creators.get(id) as Person).post(`/api/streams/${id}/end`)).status === 200,
    ends: { given: 'ended' },
    expectSettled: expectNothingHeld,
  },
  () => place,
);

describe('a stream', () => {
  test('is played from its announcement to the archive, and both doors hear it', async () => {
    const [creator, fan] = [await creatorOf(), await viewer()];
    await ok(fan.post(`/api/users/${creator.id}/follow`));
    const id = await announce(creator, { category: 'food', tags: ['rain'] });
    const page = await watch(fan, id);
    const door = new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => fan.access });
    expect(await door.command('join_stream', id)).toMatchObject({ success: true });

    await ok(creator.post(`/api/streams/${id}/start`));
    expect(await hears(page, 'stream:state')).toEqual([{ streamId: id, status: 'live' }]);
    const told = await until(
      async () => (await ok(fan.get(`/api/notifications/${fan.id}`))) as Json[],
      (all) => all.some(({ kind }) => kind === 'live_stream_started'),
    );
    expect(told.filter(({ kind }) => kind === 'live_stream_started')).toHaveLength(1);

    expect(await page.asks('chat:message', { streamId: id, text: 'Hello everybody' })).toMatchObject({ success: true });
    const [said] = await hears(page, 'chat:message');
    expect(said).toMatchObject({ streamId: id, userId: fan.id, handle: fan.handle, text: 'Hello everybody' });
    await until(
      async () => door.lives.filter((live) => live.name === 'chat:message'),
      (all) => all.length === 1,
    );
    expect(await ok(creator.get(`/api/streams/${id}/chat`))).toMatchObject([{ id: said.id, text: 'Hello everybody' }]);
    expect(page.faults()).toEqual([]);

    await ok(creator.post(`/api/streams/${id}/end`));
    await hears(page, 'stream:state', 2);
    expect(await page.asks('chat:message', { streamId: id, text: 'Bye' })).toMatchObject({
      ...{ success: false, error_code: 'FLOW_STATE_INVALID' },
    });
    await ok(creator.post(`/api/streams/${id}/archive`));
    expect(await statusOf(fan, id)).toBe('archived');
    expect(await place.workflowOf(id, 'stream').result()).toEqual({ state: 'archived', version: 3 });
    page.close();
    door.close();
  });

  test('that is announced has its followers reminded ten minutes before, once, though its workers die over it', async () => {
    const [creator, fan, other] = [await creatorOf(), await viewer(), await viewer()];
    await ok(fan.post(`/api/users/${creator.id}/follow`));
    await place.stopWorker();
    const scheduled_at = new Date(Date.now() + 10 * 60_000 + 6_000).toISOString();
    const id = await announce(creator, { scheduled_at });
    let crashes = 0;
    place.faults.effected = (process) => {
      if (process === id && crashes++ < 2) throw new Error('died after the commit');
    };
    await place.startWorker();
    const toldOf = async (person: Person): Promise<string[]> => {
      const all: Json[] = await ok(person.get(`/api/notifications/${person.id}`));
      return all.filter(({ data }) => data.streamId === id).map(({ kind }) => kind);
    };
    expect(
      await until(
        () => toldOf(fan),
        (kinds) => kinds.length > 0,
        30_000,
      ),
    ).toEqual(['live_stream_soon']);
    await place.stopWorker();
    await place.startWorker();
    for (const step of ['start', 'end', 'archive']) await ok(creator.post(`/api/streams/${id}/${step}`));
    expect(await place.workflowOf(id, 'stream').result()).toMatchObject({ state: 'archived' });
    place.faults.effected = undefined;
    expect(crashes).toBeGreaterThanOrEqual(1);
    expect((await toldOf(fan)).filter((kind) => kind === 'live_stream_soon')).toHaveLength(1);
    expect([await toldOf(other), await toldOf(creator)]).toEqual([[], []]);
    expect((await heardOf(fan, 'new_notification')).length).toBe((await toldOf(fan)).length);
  }, 90_000);

  test('whose pictures come back within the grace is the same one, and is over where they do not', async () => {
    const id = await watchedStream(place, 'live');
    const origin = (ms = 0) => ({
      ...{ now: new Date(Date.now() + ms).toISOString(), systemUserId: place.deps.config.SYSTEM_USER_ID },
      correlationId: null,
    });
    expect(await noteMedia(place.pool, id, true, origin())).toBe(true);
    expect(await noteMedia(place.pool, id, true, origin())).toBe(false);
    expect(await noteMedia(place.pool, id, false, origin(10))).toBe(true);
    expect(await noteMedia(place.pool, id, true, origin(GRACE_MS - 1_000))).toBe(true);
    expect(await noteMedia(place.pool, id, false, origin(GRACE_MS))).toBe(true);
    expect(await noteMedia(place.pool, id, true, origin(2 * GRACE_MS))).toBe(true);
    expect((await commandsOf(place, id)).slice(0, 6)).toEqual([
      ...['start', 'media_back', 'media_lost', 'media_back', 'media_lost', 'expire'],
    ]);
  });

  test('that is started twice and ended at the same time by two clicks does each once', async () => {
    const creator = await creatorOf();
    const id = await announce(creator);
    const starts = await Promise.all(Array.from({ length: 6 }, () => creator.post(`/api/streams/${id}/start`)));
    expect(starts.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const ends = await Promise.all(Array.from({ length: 6 }, () => creator.post(`/api/streams/${id}/end`)));
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  test('is its creator’s alone to begin, end and change; others are told that there is none', async () => {
    const [creator, other] = [await creatorOf(), await creatorOf()];
    const id = await announce(creator);
    for (const step of ['start', 'end', 'archive', 'cancel']) {
      expect((await other.post(`/api/streams/${id}/${step}`)).status).toBe(404);
    }
    expect((await other.ask('PATCH', `/api/streams/${id}`, { title: 'Mine' })).status).toBe(404);
    expect((await creator.ask('PATCH', `/api/streams/${id}`, { overlays: [{ kind: 'script' }] })).status).toBe(400);
    const theme = { accent: '#ff8800', filter: 'warm' };
    const overlays = [{ kind: 'text', text: 'Welcome', x: 0.1, y: 0.9 }];
    const changed = await ok(creator.ask('PATCH', `/api/streams/${id}`, { theme, overlays }));
    expect(changed.stream).toMatchObject({ theme, overlays, title: 'Monsoon cooking' });
    expect(
      (await creator.ask('PATCH', `/api/streams/${id}`, { scheduled_at: '2020-01-01T00:00:00.000Z' })).status,
    ).toBe(400);
  });

  test('for followers is watched by those who follow, by no door by others, and no longer once they do not', async () => {
    const [creator, fan, other] = [await creatorOf(), await viewer(), await viewer()];
    await ok(fan.post(`/api/users/${creator.id}/follow`));
    const id = await onAir(creator, { visibility: 'followers' });
    expect((await ok(other.get(`/api/streams/${id}`))).stream.may_watch).toBe(false);
    expect((await other.get(`/api/streams/${id}/state`)).status).toBe(403);
    expect((await other.post(`/api/streams/${id}/chat`, { text: 'Let me in' })).status).toBe(403);
    const outside = openFrontend(() => place, { namespace: '/chat', auth: { token: other.access } });
    expect(await outside.asks('join_stream', { streamId: id })).toMatchObject({
      success: false,
      error_code: 'NOT_FOUND',
    });
    const page = await watch(fan, id);
    await ok(fan.ask('DELETE', `/api/users/${creator.id}/follow`));
    expect(await hears(page, 'left_room')).toMatchObject([{ room: `stream_${id}` }]);
    page.close();
    outside.close();
  });

  test('for subscribers or with a ticket is closed to those who have neither', async () => {
    const [creator, other] = [await creatorOf(), await viewer()];
    const subscribers = await onAir(creator, { visibility: 'subscribers' });
    expect((await other.get(`/api/streams/${subscribers}/state`)).body.details.visibility).toBe('subscribers');
    expect((await creator.post('/api/streams', { title: 'x', visibility: 'ticket' })).status).toBe(400);
    expect((await ok(creator.get(`/api/streams/${subscribers}/state`))).stream.may_watch).toBe(true);
  });
});

describe('a chat', () => {
  test('in slow mode takes one message of a viewer in its time, however many they send at once, and its creator’s all', async () => {
    const [creator, fan] = [await creatorOf(), await viewer()];
    const id = await onAir(creator);
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { slow_mode_seconds: 600 }));
    const write = (person: Person) => person.post(`/api/streams/${id}/chat`, { text: 'Hello' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => write(fan)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ error_code: 'RATE_LIMITED', details: { rule: 'slow_mode' } });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(500);
    for (const { status } of [await write(creator), await write(creator)]) expect(status).toBe(201);
  });

  test('for followers takes what those write who have followed long enough', async () => {
    const [creator, fan, other] = [await creatorOf(), await viewer(), await viewer()];
    await ok(fan.post(`/api/users/${creator.id}/follow`));
    const id = await onAir(creator);
    const write = (person: Person) => person.post(`/api/streams/${id}/chat`, { text: 'Hello' });
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { followers_only_minutes: 0 }));
    expect((await write(fan)).status).toBe(201);
    expect((await write(other)).body).toMatchObject({ error_code: 'FORBIDDEN', details: { rule: 'followers_only' } });
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { followers_only_minutes: 10 }));
    expect((await write(fan)).status).toBe(403);
    await ok(creator.ask('PATCH', `/api/streams/${id}`, { followers_only_minutes: null, subscribers_only: true }));
    expect((await write(fan)).body.details.rule).toBe('subscribers_only');
  });

  test('loses a message, and a person, on every socket', async () => {
    const [creator, troll, fan] = [await creatorOf(), await viewer(), await viewer()];
    const id = await onAir(creator);
    const [page, theirs] = [await watch(fan, id), await watch(troll, id)];
    const { message } = await ok(troll.post(`/api/streams/${id}/chat`, { text: 'Rude' }));
    expect((await fan.ask('DELETE', `/api/streams/${id}/chat/${message.id}`)).status).toBe(404);
    await ok(creator.ask('DELETE', `/api/streams/${id}/chat/${message.id}`));
    for (const each of [page, theirs]) {
      expect(await hears(each, 'chat:removed')).toEqual([{ streamId: id, messageId: message.id }]);
    }
    expect((await creator.post(`/api/streams/${id}/removals`, { user_id: id })).status).toBe(404);
    await ok(creator.post(`/api/streams/${id}/removals`, { user_id: troll.id, seconds: 600 }));
    expect((await troll.post(`/api/streams/${id}/chat`, { text: 'Again' })).body.details.rule).toBe('timed_out');
    await ok(creator.post(`/api/streams/${id}/removals`, { user_id: troll.id }));
    expect(await hears(page, 'chat:cleared', 2)).toMatchObject([
      { userId: troll.id },
      { userId: troll.id, until: null },
    ]);
    expect(await hears(theirs, 'left_room')).toMatchObject([{ room: `stream_${id}` }]);
    expect(await theirs.asks('join_stream', { streamId: id })).toMatchObject({
      success: false,
      error_code: 'NOT_FOUND',
    });
    expect((await troll.get(`/api/streams/${id}/state`)).status).toBe(403);
    expect(await ok(fan.get(`/api/streams/${id}/chat`))).toEqual([]);
    await ok(creator.ask('DELETE', `/api/streams/${id}/removals/${troll.id}`));
    expect(await theirs.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
    page.close();
    theirs.close();
  });
});

describe('a room', () => {
  test('counts who is in it, tells those who are, and never comes below nobody', async () => {
    const [creator, fan] = [await creatorOf(), await viewer()];
    const id = await onAir(creator);
    const viewers = async () => (await ok(creator.get(`/api/streams/${id}/state`))).viewers;
    const [one, other] = [await watch(creator, id), await watch(fan, id, '/gifts')];
    const twice = await watch(fan, id);
    await hears(one, 'viewer_count_update');
    await until(viewers, (count) => count === 2);
    twice.close();
    other.close();
    await until(viewers, (count) => count === 1);
    one.close();
    await until(viewers, (count) => count === 0);
    expect((await ok(creator.get(`/api/streams/${id}/analytics`))).peak).toBe(2);
  });

  test('whose people stay for a minute by our clock has them gain by it, and its creator, whatever their pages say', async () => {
    // Some seconds after a minute has turned: it does so again when it is made to, and not by itself.
    place.clock.offsetMs = MINUTE_MS + 5_000 - (Date.now() % MINUTE_MS);
    try {
      const [creator, stays, leaves] = [await creatorOf(), await viewer(), await viewer()];
      const id = await onAir(creator);
      const [page, twice, other] = [await watch(stays, id), await watch(stays, id, '/gifts'), await watch(leaves, id)];
      const watched = async (person: Person) =>
        (await place.pool.maybeOne(sql.type(watchedRow)`
          SELECT minutes, seen_at FROM stream_watchers WHERE stream_id = ${id} AND user_id = ${person.id}
        `)) ?? { minutes: 0, seen_at: '' };
      const turnMinute = async (...here: Person[]) => {
        place.clock.offsetMs += MINUTE_MS;
        const turned = Math.floor(place.deps.now().getTime() / MINUTE_MS) * MINUTE_MS;
        for (const person of here) {
          await until(
            () => watched(person),
            ({ seen_at }) => Date.parse(seen_at) === turned,
          );
        }
      };
      await turnMinute(stays, leaves);
      const before = [(await watched(stays)).minutes, (await watched(leaves)).minutes];
      other.close();
      await until(
        async () => (await ok(creator.get(`/api/streams/${id}/state`))).viewers,
        (count) => count === 1,
      );
      await turnMinute(stays);
      const minutes = [(await watched(stays)).minutes, (await watched(leaves)).minutes];
      expect(minutes).toEqual([Number(before[0]) + 1, before[1]]);
      const xpOf = async (person: Person) => (await ok(person.get(`/api/users/${person.id}/xp`))).xp;
      expect([await xpOf(stays), await xpOf(leaves)]).toEqual(minutes.map((many) => 2 * many));
      // And fifty for having begun.
      expect(
        await until(
          () => xpOf(creator),
          (xp) => xp >= 50,
        ),
      ).toBe(50 + 5 * Number(minutes[0]));
      page.close();
      twice.close();
    } finally {
      place.clock.offsetMs = 0;
    }
  });

  test('hears its mood when that changes, of ten seconds alone, and nobody reacts with what is none', async () => {
    const [creator, fan] = [await creatorOf(), await viewer()];
    const id = await onAir(creator);
    const [one, other] = [await watch(creator, id), await watch(fan, id)];
    expect(await one.asks('mood:react', { streamId: id, mood: 'wow' })).toMatchObject({ success: true });
    for (const mood of ['love', 'love']) await other.asks('mood:react', { streamId: id, mood });
    expect(await other.asks('mood:react', { streamId: id, mood: 'evil' })).toMatchObject({
      error_code: 'VALIDATION_FAILED',
    });
    const counts = { love: 2, wow: 1 };
    const felt = await until(
      async () => heard(one, 'mood:state'),
      (all) => all.some(({ total }) => total === 3),
    );
    expect(felt.find(({ total }) => total === 3)).toEqual({ streamId: id, mood: 'love', counts, total: 3 });
    expect((await ok(fan.get(`/api/streams/${id}/state`))).mood).toEqual({ mood: 'love', counts, total: 3 });
    await until(
      async () => heard(one, 'mood:state').at(-1),
      (last) => last?.total === 0,
    );
    one.close();
    other.close();
  });

  test('is told when a recorded segment begins and when it is over, and one follows the other', async () => {
    const [creator, fan] = [await creatorOf(), await viewer()];
    const id = await announce(creator);
    const lay = async (title: string, duration_seconds: number) => {
      const said = { title, duration_seconds, media_url: 'https://media.example/intro.mp4' };
      return (await ok(creator.post(`/api/streams/${id}/segments`, said))).segment.id as string;
    };
    const [short, long] = [await lay('Intro', 0.5), await lay('Film', 600)];
    const play = (segment: string) => creator.post(`/api/streams/${id}/segments/${segment}/play`);
    expect((await play(short)).body.error_code).toBe('FLOW_STATE_INVALID');
    await ok(creator.post(`/api/streams/${id}/start`));
    const page = await watch(fan, id);
    await ok(play(short));
    expect(await hears(page, 'segment:end')).toEqual([{ streamId: id, segmentId: short }]);
    await ok(play(long));
    expect((await ok(fan.get(`/api/streams/${id}/state`))).segment).toMatchObject({ segment_id: long, title: 'Film' });
    await ok(creator.post(`/api/streams/${id}/end`));
    expect((await hears(page, 'segment:end', 2))[1]).toEqual({ streamId: id, segmentId: long });
    expect(heard(page, 'segment:play').map(({ segmentId }) => segmentId)).toEqual([short, long]);
    page.close();
  });
});

const RICE = { question: 'What is next?', options: ['Rice', 'Noodles'], duration_seconds: 600 };

/** A poll of so many seconds that has just begun in a stream on air. */
async function polledStream(at: Parts, { seconds = 60 } = {}) {
  const creator = await register(at.url, ['creator']);
  const streamId = await onAir(creator);
  const pollId = await at.pool.transaction((transaction) =>
    openPoll(transaction, {
      ...{ streamId, creatorId: creator.id, now: at.deps.now().toISOString() },
      ...{ question: RICE.question, options: RICE.options, durationSeconds: seconds },
    }),
  );
  at.deps.ring(pollId);
  const on = `/api/streams/${streamId}/polls/${pollId}`;
  return { creator, streamId, pollId, on };
}

describeEndings(
  {
    kind: 'poll',
    silences: [{ state: 'open', lastsMs: 60_000, end: 'closed' }],
    bring: async (at) => (await polledStream(at)).pollId,
    async expectEnd(at, id) {
      expect((await findProcess(at.pool, id))?.process.terms).toMatchObject({ ended_by: 'time', counts: [0, 0] });
    },
  },
  () => place,
);

const polls = new Map<string, Awaited<ReturnType<typeof polledStream>>>();

describeCrashes(
  {
    kind: 'poll',
    async bring(at, within) {
      const polled = await polledStream(at, within === undefined ? {} : { seconds: (durationMs(within) ?? 0) / 1_000 });
      polls.set(polled.pollId, polled);
      return polled.pollId;
    },
    async give(_, id) {
      const { creator, on } = polls.get(id) as Awaited<ReturnType<typeof polledStream>>;
      return (await creator.post(`${on}/close`)).status === 200;
    },
    ends: { given: 'closed', silent: 'closed' },
    expectSettled: expectNothingHeld,
  },
  () => place,
);

describe('a poll', () => {
  test('is begun, voted in by every door, told as it stands and closed with each vote, and whoever was there hears it', async () => {
    const [creator, one, two, three] = [await creatorOf(), await viewer(), await viewer(), await viewer()];
    const id = await onAir(creator);
    const page = await watch(one, id);
    const door = new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => two.access });
    expect(await door.command('join_stream', id)).toMatchObject({ success: true });
    const polls = `/api/streams/${id}/polls`;
    const { poll } = await ok(creator.post(polls, RICE));
    expect(poll).toMatchObject({ status: 'open', counts: [0, 0], total: 0, my_vote: null });
    const of = { streamId: id, pollId: poll.id };
    expect(await hears(page, 'poll:create')).toEqual([
      { ...of, question: RICE.question, options: RICE.options, closesAt: poll.closes_at },
    ]);

    expect(await page.asks('poll:vote', { pollId: poll.id, option: 0 })).toMatchObject({ success: true });
    expect(await page.asks('poll:vote', { pollId: poll.id, option: 1 })).toMatchObject({ success: true });
    expect(await door.command('poll:vote', { pollId: poll.id, option: 1 })).toMatchObject({ success: true });
    expect((await ok(three.post(`${polls}/${poll.id}/votes`, { option: 0 }))).vote).toMatchObject({ option: 0 });
    const told = await until(
      async () => heard(page, 'poll:vote'),
      (all) => all.at(-1)?.total === 3,
    );
    expect(told.at(-1)).toEqual({ ...of, counts: [1, 2], total: 3 });
    const state = await ok(two.get(`/api/streams/${id}/state`));
    expect(state.poll).toMatchObject({ id: poll.id, counts: [1, 2], total: 3, my_vote: 1 });
    expect(await page.asks('poll:vote', { pollId: poll.id, option: 2 })).toMatchObject({
      ...{ success: false, error_code: 'VALIDATION_FAILED' },
    });

    expect((await one.post(`${polls}/${poll.id}/close`)).status).toBe(404);
    const closed = await ok(creator.post(`${polls}/${poll.id}/close`));
    expect(closed.poll).toMatchObject({ status: 'closed', counts: [1, 2], total: 3, ended_by: 'creator' });
    expect(await hears(page, 'poll:closed')).toEqual([{ ...of, counts: [1, 2], total: 3 }]);
    expect((await three.post(`${polls}/${poll.id}/votes`, { option: 1 })).body).toMatchObject({
      ...{ error_code: 'FLOW_STATE_INVALID', details: { current_state: 'closed', required_state: 'open' } },
    });
    for (const person of [creator, one, two]) {
      const names = (await ok(person.get('/api/events?after=0'))).map((event: Json) => event.name);
      expect(names.filter((name: string) => name.startsWith('poll:'))).toEqual(['poll:create', 'poll:closed']);
    }
    expect(await place.workflowOf(poll.id, 'poll').result()).toEqual({ state: 'closed', version: 2 });
    expect((await ok(two.get(`/api/streams/${id}/state`))).poll).toBeNull();
    expect(await ok(two.get(polls))).toMatchObject([{ id: poll.id, status: 'closed', my_vote: 1 }]);
    page.close();
    door.close();
  });

  test('is asked with options that differ, of two to eight, in a live stream of one’s own, one at a time', async () => {
    const [creator, other] = [await creatorOf(), await viewer()];
    const id = await announce(creator);
    const begin = async (more: object = {}, person = creator) => {
      const { status, body } = await person.post(`/api/streams/${id}/polls`, { ...RICE, ...more });
      return [status, body.error_code ?? null];
    };
    expect(await begin()).toEqual([409, 'FLOW_STATE_INVALID']);
    await ok(creator.post(`/api/streams/${id}/start`));
    for (const more of [
      ...[
        { options: ['Rice'] },
        { options: Array.from({ length: 9 }, (_, n) => `${n}`) },
        { options: ['Rice', ' rice'] },
      ],
      ...[
        { options: ['Rice', ''] },
        { duration_seconds: 0 },
        { duration_seconds: 1.5 },
        { question: ' ' },
        { colour: 1 },
      ],
    ]) {
      expect(await begin(more), JSON.stringify(more)).toEqual([400, 'VALIDATION_FAILED']);
    }
    expect(await begin({}, other)).toEqual([404, 'NOT_FOUND']);
    expect(await begin()).toEqual([201, null]);
    expect(await begin()).toEqual([409, 'CONFLICT']);
  });

  test('ends with its stream, and by its time though its worker was away then', async () => {
    const { creator, streamId, pollId, on } = await polledStream(place);
    await ok(creator.post(`${on}/votes`, { option: 1 }));
    await ok(creator.post(`/api/streams/${streamId}/end`));
    const poll = () => ok(creator.get(on)).then((found) => found.poll);
    expect(await until(poll, ({ status }) => status === 'closed')).toMatchObject({
      ...{ ended_by: 'stream', counts: [0, 1] },
    });
    expect(await place.workflowOf(pollId, 'poll').result()).toEqual({ state: 'closed', version: 2 });
    await place.stopWorker();
    const late = await polledStream(place, { seconds: 5 });
    await ok(late.creator.post(`${late.on}/votes`, { option: 0 }));
    await until(
      () => late.creator.post(`${late.on}/votes`, { option: 0 }),
      ({ body }) => body.error_code === 'FLOW_STATE_INVALID',
    );
    await place.startWorker();
    const over = await until(
      () => ok(late.creator.get(late.on)).then((found) => found.poll),
      ({ status }) => status === 'closed',
    );
    expect(over).toMatchObject({ ended_by: 'time', counts: [1, 0] });
  });

  test('that a thousand vote in at once has every vote, and is told of twice a second at most', async () => {
    const { creator, streamId, pollId, on } = await polledStream(place, { seconds: 600 });
    const page = await watch(creator, streamId);
    const people = await newPeople(place.pool, 1_000);
    const began = performance.now();
    await Promise.all(
      people.map((id, n) =>
        vote(
          place.pool,
          { id, isAdmin: false },
          { pollId, streamId, option: n % 3 === 0 ? 0 : 1, now: new Date().toISOString() },
        ),
      ),
    );
    const told = await until(
      async () => heard(page, 'poll:vote'),
      (all) => all.at(-1)?.total === 1_000,
    );
    const seconds = (performance.now() - began) / 1_000;
    expect(told.at(-1)?.counts).toEqual([334, 666]);
    expect(told.length).toBeLessThanOrEqual(2 * seconds + 1);
    expect((await ok(creator.post(`${on}/close`))).poll).toMatchObject({ counts: [334, 666], total: 1_000 });
    page.close();
  });
});

describe('a question', () => {
  test('is asked, wanted, answered and put aside, and the room hears each', async () => {
    const [creator, fan, other, troll] = [await creatorOf(), await viewer(), await viewer(), await viewer()];
    const id = await onAir(creator);
    const page = await watch(other, id);
    const questions = `/api/streams/${id}/questions`;
    const asks = async (person: Person, text: string) => (await ok(person.post(questions, { text }))).question.id;
    const [first, second, third] = [
      await asks(fan, 'Which rice?'),
      await asks(fan, 'How much salt?'),
      await asks(troll, 'Why so ugly?'),
    ];
    expect(await hears(page, 'question:new', 3)).toMatchObject([
      { streamId: id, questionId: first, userId: fan.id, handle: fan.handle, text: 'Which rice?' },
      ...[{ questionId: second }, { questionId: third }],
    ]);
    for (const _ of [1, 2]) await ok(other.post(`${questions}/${second}/upvote`));
    expect(await hears(page, 'question:upvote')).toEqual([{ streamId: id, questionId: second, upvotes: 1 }]);
    expect(await ok(other.get(questions))).toMatchObject([
      { id: second, upvotes: 1, upvoted_by_me: true, user: { handle: fan.handle } },
      ...[{ id: first }, { id: third }],
    ]);
    expect((await fan.post(`${questions}/${second}/answer`)).status).toBe(404);
    await ok(creator.post(`${questions}/${second}/answer`));
    expect(await hears(page, 'question:answered')).toMatchObject([{ questionId: second }]);
    await ok(creator.post(`${questions}/${first}/dismiss`));
    expect(await hears(page, 'question:dismissed')).toEqual([{ streamId: id, questionId: first }]);
    expect((await fan.post(`${questions}/${first}/upvote`)).body.error_code).toBe('FLOW_STATE_INVALID');
    await ok(creator.post(`/api/streams/${id}/removals`, { user_id: troll.id, seconds: 600 }));
    expect(await ok(other.get(questions))).toEqual([]);
    expect((await troll.post(questions, { text: 'Why?' })).body.details.rule).toBe('timed_out');
    expect(await ok(other.get(`${questions}?status=answered`))).toMatchObject([{ id: second }]);
    expect((await other.get(`${questions}?status=dismissed`)).status).toBe(403);
    expect(await ok(creator.get(`${questions}?status=dismissed`))).toHaveLength(2);
    page.close();
  });
});
