import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { attachSockets } from '#api/sockets.ts';
import { startTestApp, type TestApp } from '#api/testing/app.ts';
import {
  createApi,
  createSession,
  createTandem,
  type DurableEvent,
  type Session,
  type Store,
  type Tandem,
  type TandemOptions,
} from '#client/src/index.ts';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import type { Realtime } from '#realtime/realtime.ts';
import { openWire, type Wire } from './wire.ts';

/** The client on a real API with real sockets, over a line that breaks. */

/** Further behind than this, a socket replays nothing. */
const RESUMES = 5;
const WAIT = { timeout: 20_000, interval: 10 };

let api: TestApp;
let realtime: Realtime;
let wire: Wire;
const open: { close(): void }[] = [];

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() });
  realtime = attachSockets(api.app, api.deps, { resumeEvents: RESUMES, roomSweepMs: 600_000 });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  wire = await openWire(api.app.listeningOrigin);
});
afterAll(async () => {
  for (const each of open) each.close();
  await wire.close();
  await realtime.close();
  await api.close();
});

function memory(): Store {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
  };
}

let count = 0;
type Person = { id: string; session: Session; tandem: Tandem };

/** Somebody with an account; `over` is the line they are on. */
async function person(over: { url: string } = wire, more: Partial<TandemOptions> = {}): Promise<Person> {
  const session = createSession({ url: over.url });
  const { id } = await session.register({ handle: `person${++count}`, password: 'secret123' });
  const tandem = createTandem({ url: over.url, token: session, ...more });
  open.push(tandem);
  return { id, session, tandem };
}

/** On the line that does not break. */
const steady = () => person({ url: api.app.listeningOrigin });

async function roomOf(owner: Person, ...others: Person[]): Promise<string> {
  const member_ids = others.map(({ id }) => id);
  const { room } = await owner.tandem.rooms.create({ name: 'Room', kind: 'group', member_ids });
  return room.id;
}

/** All durable events of somebody, as they are kept. */
async function kept({ tandem }: Person): Promise<number[]> {
  const all: number[] = [];
  for (let after = 0; ; ) {
    const { data, page } = await tandem.events.list({ after, limit: 100 });
    all.push(...data.map(({ seq }) => seq));
    after = all.at(-1) ?? 0;
    if (page.next_cursor === null) return all;
  }
}

/** Whatever durable events come to somebody, by their numbers. */
function heardBy({ tandem }: Person): number[] {
  const heard: number[] = [];
  tandem.onEvent((event) => {
    if (event.type === 'event') heard.push((event as DurableEvent).seq);
  });
  return heard;
}

const isLive = ({ tandem }: Person) => vi.waitFor(() => expect(tandem.status).toBe('live'), WAIT);

test('methods are the operations by their names, give what was asked for, and reject in the API’s words', async () => {
  const asha = await steady();
  expect(await asha.tandem.accounts.getMe()).toMatchObject({ user: { id: asha.id } });
  const { data, page } = await asha.tandem.campaigns.list({ limit: 1 });
  expect([data, page]).toEqual([[], { limit: 1, next_cursor: null }]);
  expect(await asha.tandem.metrics.read()).toContain('# HELP');
  await expect(asha.tandem.campaigns.get(asha.id)).rejects.toMatchObject({
    ...{ name: 'Refusal', code: 'NOT_FOUND', status: 404, passes: false },
  });
  const wrong = asha.tandem.rooms.create({ name: 'x'.repeat(500), kind: 'group', member_ids: [] });
  const refusal = await wrong.catch((error) => error);
  expect(refusal).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
  expect(refusal.problemOf('name')).toContain('not valid');
  const open = createApi({ url: api.app.listeningOrigin });
  expect((await open.flows.get()).states.length).toBeGreaterThan(10);
  await expect(open.accounts.getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('an event is heard by its name, with its data, and until one listens no more', async () => {
  const [asha, ben] = [await steady(), await steady()];
  const heard: string[] = [];
  const end = new AbortController();
  const stop = ben.tandem.on('new_message', ({ message }) => heard.push(message.message));
  ben.tandem.on('new_message', ({ message }) => heard.push(`${message.message}!`), { signal: end.signal });
  await isLive(ben);
  const say = (message: string) => asha.tandem.messages.send({ receiver_id: ben.id, message });
  await say('one');
  await vi.waitFor(() => expect(heard).toEqual(['one', 'one!']), WAIT);
  end.abort();
  await say('two');
  await vi.waitFor(() => expect(heard).toEqual(['one', 'one!', 'two']), WAIT);
  stop();
  const all = heardBy(ben);
  await say('three');
  await vi.waitFor(() => expect(all.length).toBeGreaterThan(0), WAIT);
  expect(heard).toEqual(['one', 'one!', 'two']);
});

test('typing is heard where the conversation is open, and after a broken line too', async () => {
  const [asha, ben] = [await steady(), await person()];
  const room = await roomOf(asha, ben);
  for (const { tandem } of [asha, ben]) {
    expect(await tandem.send('join_conversation', { conversationId: room })).toEqual({ room: `conversation_${room}` });
  }
  const heard: boolean[] = [];
  ben.tandem.on('user_typing', ({ isTyping }) => heard.push(isTyping));
  const types = async (times: number) => {
    asha.tandem.say('typing_start', { conversationId: room });
    asha.tandem.say('typing_stop', { conversationId: room });
    await vi.waitFor(() => expect(heard).toHaveLength(times), WAIT);
  };
  await types(2);
  wire.cut();
  await vi.waitFor(() => expect(ben.tandem.status).not.toBe('live'), WAIT);
  await isLive(ben);
  // Commands are done in their order: when this is answered, the rooms are joined.
  await ben.tandem.send('user_status', { status: 'online' });
  await types(4);
  expect(heard).toEqual([true, false, true, false]);
});

test('who is taken out of a room is out of it at once, and so are two of whom one has blocked the other', async () => {
  const [asha, ben] = [await steady(), await steady()];
  const left: string[] = [];
  for (const { tandem } of [asha, ben]) tandem.on('left_room', ({ room }) => left.push(room));
  const group = await roomOf(asha, ben);
  const { message } = await asha.tandem.messages.send({ receiver_id: ben.id, message: 'Hello' });
  const direct = message.conversation_id;
  const opens = ({ tandem }: Person, conversationId: string) => tandem.send('join_conversation', { conversationId });
  for (const someone of [asha, ben]) for (const id of [group, direct]) await opens(someone, id);
  await asha.tandem.rooms.removeMember(group, ben.id);
  await vi.waitFor(() => expect(left).toEqual([`conversation_${group}`]), WAIT);
  await asha.tandem.people.block(ben.id);
  const both = [`conversation_${group}`, `conversation_${direct}`, `conversation_${direct}`];
  await vi.waitFor(() => expect(left).toEqual(both), WAIT);
  for (const someone of [asha, ben]) await expect(opens(someone, direct)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await asha.tandem.people.unblock(ben.id);
  expect(await opens(ben, direct)).toEqual({ room: `conversation_${direct}` });
});

test('whatever the line does, each event is heard once and in order, up to the last there is', {
  timeout: 120_000,
}, async () => {
  const asha = await steady();
  const steps = fc.constantFrom('say', 'say', 'say', 'burst', 'cut', 'break', 'mend');
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 14 }), async (happenings) => {
      const ben = await person();
      const heard = heardBy(ben);
      await isLive(ben);
      const room = await roomOf(asha, ben);
      for (const happening of happenings) {
        if (happening === 'say') await asha.tandem.rooms.send(room, { message: 'Hello' });
        // More than a socket replays.
        if (happening === 'burst') {
          await Promise.all(Array.from({ length: 8 }, () => asha.tandem.rooms.send(room, { message: 'Hello' })));
        }
        if (happening === 'cut') wire.cut();
        if (happening === 'break') wire.break();
        if (happening === 'mend') wire.mend();
      }
      wire.mend();
      const all = await kept(ben);
      await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(all.length), WAIT);
      expect(heard).toEqual(all);
      ben.tandem.close();
    }),
    { numRuns: 6 },
  );
});

test('who goes on from where an earlier client ended has what came between, and nothing twice', async () => {
  const [asha, ben] = [await steady(), await steady()];
  const room = await roomOf(asha, ben);
  const first = heardBy(ben);
  await isLive(ben);
  await asha.tandem.rooms.send(room, { message: 'one' });
  await vi.waitFor(() => expect(first.length).toBeGreaterThan(0), WAIT);
  ben.tandem.close();
  const after = ben.tandem.position as number;
  for (let n = 0; n < RESUMES + 3; n++) await asha.tandem.rooms.send(room, { message: `while away ${n}` });
  const again = createTandem({ url: api.app.listeningOrigin, token: ben.session, after });
  open.push(again);
  const second = heardBy({ ...ben, tandem: again });
  const all = await kept({ ...ben, tandem: again });
  await vi.waitFor(() => expect(second.length).toBeGreaterThanOrEqual(all.filter((seq) => seq > after).length), WAIT);
  expect(second).toEqual(all.filter((seq) => seq > after));
});

test('what is said while the line is away waits, and is there once and in order when it is back', async () => {
  const [asha, ben] = [await person(), await steady()];
  const room = await roomOf(asha, ben);
  await asha.tandem.send('user_status', { status: 'online' });
  wire.break();
  const said = ['one', 'two', 'three'].map((message) => asha.tandem.rooms.send(room, { message }));
  const command = asha.tandem.send('send_message', { conversationId: room, message: 'by socket' });
  const refused = asha.tandem.rooms.send(room, { message: 'not later' }, { queue: false });
  await expect(refused).rejects.toMatchObject({ code: 'UNREACHABLE', passes: true });
  expect(asha.tandem.queue.length).toBe(3);
  wire.mend();
  await Promise.all([...said, command]);
  const { data } = await ben.tandem.rooms.listMessages(room);
  const words = data.map(({ message }) => message).filter((message) => message !== 'by socket');
  expect(words.toReversed()).toEqual(['one', 'two', 'three']);
  expect(data).toHaveLength(4);
});

test('what was done, and whose answer was lost, is done once', async () => {
  const [asha, ben] = [await person(), await steady()];
  const room = await roomOf(asha, ben);
  wire.swallow();
  const said = asha.tandem.rooms.send(room, { message: 'once' });
  const done = async () => (await ben.tandem.rooms.listMessages(room)).data.map(({ message }) => message);
  await vi.waitFor(async () => expect(await done()).toEqual(['once']), WAIT);
  wire.mend();
  await said;
  expect(await done()).toEqual(['once']);
});

test('what is aborted is not waited for: a call, a command, and what waits for the line', async () => {
  const asha = await person();
  const aborted = AbortSignal.abort(new Error('no more'));
  await expect(asha.tandem.accounts.getMe({ signal: aborted })).rejects.toThrow('no more');
  wire.break();
  const end = new AbortController();
  const asked = [
    asha.tandem.accounts.getMe({ signal: end.signal }),
    asha.tandem.rooms.create({ kind: 'group', member_ids: [] }, { signal: end.signal }),
    asha.tandem.send('user_status', { status: 'away' }, { signal: end.signal }),
  ].map((each) => expect(each).rejects.toThrow('no more'));
  end.abort(new Error('no more'));
  await Promise.all(asked);
  expect(asha.tandem.queue.length).toBe(0);
  wire.mend();
});

test('two tabs that refresh at once stay signed in, with turns and without', async () => {
  for (const turns of [true, false]) {
    if (!turns) vi.stubGlobal('navigator', {});
    const store = memory();
    const tabs = [1, 2].map(() => createSession({ url: api.app.listeningOrigin, store }));
    open.push(...tabs);
    await tabs[0]?.register({ handle: `tabs${turns}`, password: 'secret123' });
    await vi.waitFor(() => expect(tabs[1]?.account).toMatchObject({ handle: `tabs${turns}` }), WAIT);
    const [first] = await Promise.all(tabs.map((tab) => tab.token()));
    const refreshed = () => Promise.all(tabs.map((tab) => tab.token(first)));
    // And a second time: what was kept is the pair that is good.
    for (const token of [...(await refreshed()), ...(await refreshed())]) {
      const { accounts } = createApi({ url: api.app.listeningOrigin, token });
      expect(await accounts.getMe()).toMatchObject({ user: { handle: `tabs${turns}` } });
    }
    vi.unstubAllGlobals();
  }
});

test('a login that ends elsewhere is over here, once, and nothing waits for it any more', async () => {
  const store = memory();
  const ended: string[] = [];
  const session = createSession({ url: api.app.listeningOrigin, store, onEnd: (why) => ended.push(why) });
  await session.register({ handle: 'leaves', password: 'secret123' });
  const tandem = createTandem({ url: api.app.listeningOrigin, token: session });
  open.push(session, tandem);
  tandem.connect();
  await vi.waitFor(() => expect(tandem.status).toBe('live'), WAIT);
  const { refresh } = JSON.parse(store.getItem('tandem.session') as string) as { refresh: string };
  await createApi({ url: api.app.listeningOrigin }).auth.logout({ refresh });
  await vi.waitFor(() => expect(tandem.status).toBe('over'), WAIT);
  expect(ended).toEqual(['The session has ended. Sign in again.']);
  expect(session.account).toBeNull();
  await expect(tandem.send('user_status', { status: 'online' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(tandem.accounts.getMe()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a token that ends soon is replaced on the line that is open', async () => {
  const asha = await steady();
  asha.tandem.connect();
  await isLive(asha);
  const shown = await asha.session.token();
  const fresh = await asha.session.token(shown);
  expect(await asha.session.token()).toBe(fresh);
  await asha.tandem.send('user_status', { status: 'online' });
  expect(asha.tandem.status).toBe('live');
});
