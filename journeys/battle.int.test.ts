import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { voteInBattle } from '#db/battle/counting.ts';
import { doAs, newBattle } from '#db/battle/testing/fighting.ts';
import { openChallenge } from '#db/challenge/challenges.ts';
import { listEvents } from '#db/event/outbox.ts';
import { balanceOf } from '#db/money/walletEvents.ts';
import { findProcess } from '#db/process/processes.ts';
import { withTokens } from '#db/stream/testing/live.ts';
import { Client } from '#realtime/testing/client.ts';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import { ANSWER_MS } from '#workflows/battle/machine.ts';
import { durationMs } from '#workflows/durations.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { untilTold } from './known.ts';
import { tokensOf as tokens } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { heard, onAir } from './streaming.ts';
import { describeCrashes } from './testing/describeCrashes.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';

// Battles and challenges, on Postgres and Temporal as they are: over REST and both doors.

let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});
afterEach(async () => {
  place.faults.signal = place.faults.effected = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
});
const here = () => place;

const LASTS = 60_000;
const nowAt = (at: Parts) => at.deps.now().toISOString();

/** One of two who put up forty each, and of whom the challenger has a vote. */
async function battling(at: Parts, within = 'PT1M', state = 'running'): Promise<string> {
  const lasts = durationMs(within) ?? 0;
  const { id, challenger, opponent } = await newBattle(at.pool, { stake: 40n, lasts, now: nowAt(at) });
  if (state === 'running') {
    await doAs(at.pool, id, opponent.id, 'accept', nowAt(at));
    const fan = await withTokens(at.pool, 0n, nowAt(at));
    await voteInBattle(at.pool, { battleId: id, voterId: fan.id, participantId: challenger.id, now: nowAt(at) });
  }
  at.deps.ring(id);
  return id;
}

/** What the two have of the hundred that each came with. */
async function purses(at: Parts, id: string): Promise<bigint[]> {
  const { seats = {} } = (await findProcess(at.pool, id)) ?? {};
  const two = [seats.challenger, seats.opponent].map((userId) =>
    balanceOf(at.pool, userId as string, 'TOKEN', nowAt(at)),
  );
  return (await Promise.all(two)).map(({ available }) => available);
}

describeRaces(
  {
    kind: 'battle',
    on: 'cancel',
    bring: battling,
    give: async (at, id) => (await (await at.admin()).post(`/api/battles/${id}/cancel`)).status === 200,
    tells: { given: 'stakes_returned', silent: 'stakes_paid' },
    ends: { given: 'cancelled', silent: 'ended' },
    async expectSettled(at, id, how) {
      expect(await untilSettled(at, id)).toEqual({});
      expect(await purses(at, id)).toEqual(how === 'given' ? [100n, 100n] : [140n, 60n]);
    },
  },
  here,
);

describeEndings(
  {
    kind: 'battle',
    silences: [
      { state: 'invited', lastsMs: ANSWER_MS, end: 'expired' },
      { state: 'running', lastsMs: LASTS, end: 'ended' },
    ],
    bring: (at, state) => battling(at, 'PT1M', state),
    async expectEnd(at, id, { state }) {
      await untilSettled(at, id);
      expect(await purses(at, id)).toEqual(state === 'invited' ? [100n, 100n] : [140n, 60n]);
    },
  },
  here,
);

const newcomer = () => register(place.url, ['creator']);

/** Who began challenges, and where those are. */
const challengers = new Map<string, { creator: Person; path: string }>();

async function challenging(at: Parts, within = 'PT1M'): Promise<string> {
  const creator = await newcomer();
  const stream_id = await onAir(creator);
  const opened = { stream_id, type: 'gifts' as const, target: 100, lasts: durationMs(within) ?? 0 };
  const id = await at.pool.transaction((transaction) =>
    openChallenge(transaction, { creatorId: creator.id, opened, reward: null, counter: null, now: nowAt(at) }),
  );
  at.deps.ring(id);
  challengers.set(id, { creator, path: `/api/streams/${stream_id}/challenges/${id}` });
  return id;
}

async function expectNothingHeld(at: Parts, id: string): Promise<void> {
  expect((await findProcess(at.pool, id))?.process.held).toBe('0');
}

describeCrashes(
  {
    kind: 'challenge',
    bring: challenging,
    async give(_, id) {
      const { creator, path } = challengers.get(id) as { creator: Person; path: string };
      return (await creator.post(`${path}/stop`)).status === 200;
    },
    ends: { given: 'stopped', silent: 'lost' },
    expectSettled: expectNothingHeld,
  },
  here,
);

describeEndings(
  {
    kind: 'challenge',
    silences: [{ state: 'open', lastsMs: LASTS, end: 'lost' }],
    bring: (at) => challenging(at),
    async expectEnd(at, id) {
      const { process, seats = {} } = (await findProcess(at.pool, id)) ?? {};
      expect(process?.terms).toMatchObject({ progress: 0 });
      const names = (await listEvents(at.pool, seats.creator as string, 0, 20)).map(({ name }) => name);
      expect(names.filter((name) => name.startsWith('challenge:'))).toEqual(['challenge:start', 'challenge:end']);
    },
  },
  here,
);

const page = (person: Person, namespace = '') =>
  openFrontend(() => place, { namespace, auth: { token: person.access } });
const hears = (frontend: Frontend, name: string, isSeen: (all: Json[]) => boolean = (all) => all.length > 0) =>
  until(async () => heard(frontend, name), isSeen);

describe('a battle', () => {
  test('is fought in a stream by votes over both doors and by gifts, seen by the room, and won', async () => {
    const [asha, ben, fan, other] = [await newcomer(), await newcomer(), await newcomer(), await newcomer()];
    const streamId = await onAir(asha);
    const theirs = page(ben);
    const asked = {
      opponent_id: ben.id,
      stream_id: streamId,
      duration_seconds: 60,
      stake: { asset: 'TOKEN', amount: '30' },
    };
    const { battle } = await ok(asha.post('/api/battles', asked));
    expect(battle).toMatchObject({ status: 'invited', stake: { asset: 'TOKEN', amount: '30' }, started_at: null });
    expect((await hears(theirs, 'battle_invite'))[0]).toMatchObject({
      battleId: battle.id,
      challengerId: asha.id,
      stake: '30',
    });
    expect((await fan.get(`/api/battles/${battle.id}`)).status).toBe(404);
    expect(await tokens(asha)).toBe('70');

    const { battle: begun } = await ok(ben.post(`/api/battles/${battle.id}/accept`));
    expect(begun).toMatchObject({ id: battle.id, status: 'running' });
    const watching = page(fan);
    expect(await watching.asks('join_battle', battle.id)).toMatchObject({ success: true });
    expect(await watching.asks('battle_vote', battle.id, ben.id)).toMatchObject({ success: true });
    expect(await watching.asks('battle_vote', battle.id, asha.id)).toMatchObject({ error_code: 'CONFLICT' });
    expect(await theirs.asks('battle_vote', battle.id, ben.id)).toMatchObject({ error_code: 'FORBIDDEN' });
    const door = new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => other.access });
    expect(await door.command('battle_vote', { battleId: battle.id, participantId: asha.id })).toMatchObject({
      success: true,
    });
    await ok(fan.post(`/api/streams/${streamId}/gifts`, { code: 'ROSE' }));
    const points = { [asha.id]: 6, [ben.id]: 1 };
    await hears(watching, 'battle_update', (all) =>
      all.some(({ tallies }) => JSON.stringify(tallies) === JSON.stringify(points)),
    );
    const { battle: seen } = await ok(fan.get(`/api/streams/${streamId}/state`));
    expect(seen).toMatchObject({ id: battle.id, my_vote: ben.id, challenger: { votes: 1, tokens: 5, points: 6 } });

    await untilTold(place, battle.id);
    await place.skipTime(battle.id, 'battle');
    expect((await hears(watching, 'battle_end'))[0]).toEqual({
      ...{ battleId: battle.id, status: 'ended', winnerId: asha.id, tallies: points },
    });
    await hears(theirs, 'battle_end');
    // Of the gift the creator has their share.
    await until(
      () => tokens(asha),
      (available) => available === '133',
    );
    expect(await tokens(ben)).toBe('70');
    expect((await fan.post(`/api/battles/${battle.id}/vote`, { participantId: asha.id })).body).toMatchObject({
      error_code: 'FLOW_STATE_INVALID',
      details: { current_state: 'ended', required_state: 'running' },
    });
    expect((await ok(fan.get(`/api/streams/${streamId}/state`))).battle).toBeNull();
    expect(await ok(ben.get('/api/battles?status=ended'))).toMatchObject([{ id: battle.id, winner_id: asha.id }]);
    const notes = (person: Person, last: string) =>
      until(
        async () => (await ok(person.get(`/api/notifications/${person.id}`))) as Json[],
        (all) => all.some(({ title }) => title === last),
      ).then((all) => all.map(({ kind, title }) => [kind, title]));
    expect(await notes(asha, `You won your battle with @${ben.handle}`)).toEqual([
      ['battle_ended', `You won your battle with @${ben.handle}`],
      ['battle_accepted', `${ben.handle} accepted your battle`],
    ]);
    expect(await notes(ben, `@${asha.handle} won your battle`)).toEqual([
      ['battle_ended', `@${asha.handle} won your battle`],
      ['battle_challenged', `${asha.handle} challenged you to a battle`],
    ]);
    expect([...watching.faults(), ...theirs.faults()]).toEqual([]);
    for (const each of [watching, theirs, door]) each.close();
  });

  test('is refused where it cannot be, and gives back what was put up when it is not fought', async () => {
    const [asha, ben, other] = [await newcomer(), await newcomer(), await newcomer()];
    const asked = (more: object = {}) => ({ opponent_id: ben.id, duration_seconds: 60, ...more });
    const stake = (amount: unknown, asset = 'TOKEN') => ({ stake: { asset, amount } });
    const refused = async (more: object) => (await asha.post('/api/battles', asked(more))).body.error_code;
    expect(await refused({ opponent_id: asha.id })).toBe('FORBIDDEN');
    expect(await refused({ duration_seconds: 5 })).toBe('VALIDATION_FAILED');
    for (const more of [stake('0'), stake('-5'), stake('1.5'), stake(10), stake('10', 'INR')]) {
      expect(await refused(more)).toBe('VALIDATION_FAILED');
    }
    expect(await refused(stake('101'))).toBe('INSUFFICIENT_FUNDS');
    expect(await refused({ stream_id: await onAir(other) })).toBe('NOT_FOUND');
    expect(await tokens(asha)).toBe('100');

    const { battle } = await ok(asha.post('/api/battles', asked(stake('60'))));
    await ok(ben.post(`/api/wallet/${ben.id}/transfer`, { to_user_id: other.id, asset: 'TOKEN', amount: '50' }));
    const poor = await ben.ask('POST', `/api/battles/${battle.id}/accept`, {}, { 'idempotency-key': 'once' });
    expect(poor.body).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
    await ok(other.post(`/api/wallet/${other.id}/transfer`, { to_user_id: ben.id, asset: 'TOKEN', amount: '50' }));
    // A delayed copy of what was refused stays refused.
    const copy = await ben.ask('POST', `/api/battles/${battle.id}/accept`, {}, { 'idempotency-key': 'once' });
    expect(copy.body).toMatchObject({ error_code: 'INSUFFICIENT_FUNDS' });
    expect((await asha.post(`/api/battles/${battle.id}/accept`)).body.error_code).toBe('FORBIDDEN');
    await ok(ben.post(`/api/battles/${battle.id}/decline`));
    await until(
      () => tokens(asha),
      (available) => available === '100',
    );
    expect((await ben.post(`/api/battles/${battle.id}/accept`)).body.error_code).toBe('FLOW_STATE_INVALID');
    const { battle: taken } = await ok(asha.post('/api/battles', asked(stake('60'))));
    // As its page does it, and any other.
    await ok(asha.post(`/api/processes/${taken.id}/actions/cancel`));
    await until(
      () => tokens(asha),
      (available) => available === '100',
    );
  });

  test('is lost by who ends the stream that it is fought in', async () => {
    const [asha, ben] = [await newcomer(), await newcomer()];
    const streamId = await onAir(asha);
    const asked = {
      opponent_id: ben.id,
      stream_id: streamId,
      duration_seconds: 600,
      stake: { asset: 'TOKEN', amount: '30' },
    };
    const { battle } = await ok(asha.post('/api/battles', asked));
    await ok(ben.post(`/api/processes/${battle.id}/actions/accept`));
    await ok(asha.post(`/api/streams/${streamId}/end`));
    await until(
      () => tokens(ben),
      (available) => available === '130',
    );
    expect((await ok(ben.get(`/api/battles/${battle.id}`))).battle).toMatchObject({
      ...{ status: 'ended', winner_id: ben.id, forfeited_by: asha.id },
    });
  });
});

describe('a challenge', () => {
  test('is begun, seen as it goes, and won by gifts as soon as they come to its target', async () => {
    const [creator, fan] = [await newcomer(), await newcomer()];
    const streamId = await onAir(creator);
    const [watching, own] = [page(fan, '/chat'), page(creator, '/chat')];
    await watching.asks('join_stream', { streamId });
    await ok(fan.post(`/api/streams/${streamId}/gifts`, { code: 'ROSE' }));
    const goal = { type: 'gifts', target: 40, duration_seconds: 600, reward: 'I sing what you like' };
    const path = `/api/streams/${streamId}/challenges`;
    expect((await fan.post(path, goal)).status).toBe(404);
    for (const wrong of [
      { type: 'fame' },
      { target: 0 },
      { target: 1.5 },
      { duration_seconds: 1 },
      { reward: '' },
      { x: 1 },
    ]) {
      expect((await creator.post(path, { ...goal, ...wrong })).body.error_code).toBe('VALIDATION_FAILED');
    }
    const { challenge } = await ok(creator.post(path, goal));
    expect(challenge).toMatchObject({ ...{ status: 'open', progress: 0, target: 40 }, reward: goal.reward });
    expect((await creator.post(path, goal)).body.error_code).toBe('CONFLICT');
    expect((await hears(watching, 'challenge:start'))[0]).toMatchObject({
      challengeId: challenge.id,
      reward: goal.reward,
    });
    await ok(fan.post(`/api/streams/${streamId}/gifts`, { code: 'CLAP' }));
    await hears(watching, 'challenge:update', (all) => all.some(({ progress }) => progress === 10));
    expect((await ok(fan.get(`/api/streams/${streamId}/state`))).challenge).toMatchObject({
      id: challenge.id,
      progress: 10,
    });
    await ok(fan.post(`/api/streams/${streamId}/gifts`, { code: 'DRUM' }));
    const ended = { streamId, challengeId: challenge.id, status: 'won', progress: 40, target: 40, reached: true };
    expect((await hears(watching, 'challenge:end'))[0]).toEqual(ended);
    expect((await hears(own, 'challenge:end'))[0]).toEqual(ended);
    expect(heard(own, 'challenge:update').map(({ progress }) => progress)).toEqual([10, 40]);
    expect(await ok(fan.get(path))).toMatchObject([{ id: challenge.id, status: 'won', progress: 40 }]);
    expect((await creator.post(`${path}/${challenge.id}/stop`)).body.error_code).toBe('FLOW_STATE_INVALID');
    // Of the gifts both have had experience before: of this, once each.
    const experience = async (person: Person) => (await ok(person.get(`/api/users/${person.id}/xp`))).xp as number;
    await until(
      () => experience(fan),
      (xp) => xp === 2 * 45 + 100,
    );
    expect([...watching.faults(), ...own.faults()]).toEqual([]);
    for (const each of [watching, own]) each.close();
  });

  test('counts reactions and who watches, each from its beginning, and is stopped by its creator or ends with the stream', async () => {
    const [creator, fan] = [await newcomer(), await newcomer()];
    const streamId = await onAir(creator);
    const path = `/api/streams/${streamId}/challenges`;
    const watching = page(fan, '/chat');
    await watching.asks('join_stream', { streamId });
    const react = () => watching.asks('mood:react', { streamId, mood: 'love' });
    await react();
    const progress = (id: string) => (all: Json[]) => all.filter(({ challengeId }) => challengeId === id);
    const likes = (await ok(creator.post(path, { type: 'likes', target: 50, duration_seconds: 600 }))).challenge.id;
    for (let many = 0; many < 3; many += 1) await react();
    await hears(watching, 'challenge:update', (all) => progress(likes)(all).some((told) => told.progress === 3));
    expect((await fan.post(`${path}/${likes}/stop`)).status).toBe(404);
    expect((await ok(creator.post(`${path}/${likes}/stop`))).challenge).toMatchObject({
      status: 'stopped',
      progress: 3,
    });
    const statusOf = async (id: string) => (await ok(fan.get(path))).find((each: Json) => each.id === id)?.status;
    const viewers = (await ok(creator.post(path, { type: 'viewers', target: 1, duration_seconds: 600 }))).challenge.id;
    await until(
      () => statusOf(viewers),
      (status) => status === 'won',
    );
    const last = (await ok(creator.post(path, { type: 'gifts', target: 9, duration_seconds: 600 }))).challenge.id;
    await hears(watching, 'challenge:start', (all) => progress(last)(all).length > 0);
    await ok(creator.post(`/api/streams/${streamId}/end`));
    await hears(watching, 'challenge:end', (all) => progress(last)(all).some(({ status }) => status === 'lost'));
    expect((await creator.post(path, { type: 'gifts', target: 9, duration_seconds: 600 })).body.error_code).toBe(
      'FLOW_STATE_INVALID',
    );
    watching.close();
  });
});
