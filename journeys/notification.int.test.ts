import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFcmServer } from '#push/testing/fcmServer.ts';
import { Client } from '#realtime/testing/client.ts';
import { type Frontend, openFrontend } from '#realtime/testing/frontend.ts';
import { type Json, type Person, register, until } from './person.ts';
import { openStack, type Stack } from './stack.ts';

// The product as its own processes, with FCM's protocol at the end of the line.

let fcm: Awaited<ReturnType<typeof startFcmServer>>;
let stack: Stack;
let admin: Person;
const clients: Client[] = [];
const pages: Frontend[] = [];
beforeAll(async () => {
  fcm = await startFcmServer();
  // Read by the processes of the stack, as an operator would set them.
  Object.assign(process.env, {
    FCM_SERVICE_ACCOUNT: fcm.serviceAccount(),
    FCM_BASE_URL: fcm.server.url,
    FCM_TOKEN_URL: `${fcm.server.url}/token`,
  });
  stack = await openStack();
  admin = await stack.admin();
}, 120_000);
afterAll(async () => {
  for (const each of [...clients, ...pages]) each.close();
  await stack?.close();
  await fcm?.server.close();
  expect([...clients.flatMap(({ faults }) => faults), ...pages.flatMap((page) => page.faults())]).toEqual([]);
}, 60_000);

async function withPhone(): Promise<Person> {
  const person = await register(stack.url, ['creator']);
  const { token } = fcm.install();
  expect(await person.post('/api/devices', { platform: 'fcm', token })).toMatchObject({
    status: 201,
    body: { data: { configured: true } },
  });
  return person;
}

const send = (to: object, title: string) =>
  admin.post('/api/notifications/send', { ...to, title, body: 'Read on', kind: 'security' });
const listOf = async (person: Person): Promise<Json[]> =>
  (await person.get(`/api/notifications/${person.id}`)).body.data;
const titles = () => fcm.arrived.map(({ title }) => title);

/** What the log says of the person's newest push, once it is over. */
async function outcomeOf(person: Person): Promise<string> {
  const [{ id }] = await listOf(person);
  const { body } = await until(
    () => person.get(`/api/notifications/${id}/deliveries`),
    ({ body }) =>
      body.data.some((each: Json) => each.platform === null && each.channel === 'push' && each.outcome !== 'waiting'),
  );
  return body.data.find((each: Json) => each.platform === null && each.channel === 'push').outcome;
}

test('who is away is told once, on their phone; who is connected on the page alone, at either door; each can be asked why', async () => {
  const [away, here, there] = [await withPhone(), await withPhone(), await withPhone()];
  const client = new Client({ url: () => `${stack.url.replace('http', 'ws')}/ws`, token: () => here.access });
  const page = openFrontend(() => stack, { auth: { token: there.access } });
  clients.push(client);
  pages.push(page);
  await until(async () => client.ready && page.socket.connected, Boolean);
  expect(await send({ user_ids: [away.id, here.id, there.id] }, 'To three')).toMatchObject({ status: 200 });
  for (const names of [() => client.events.map(({ name }) => name), () => page.heard.map(([name]) => name)]) {
    await until(
      async () => names(),
      (heard) => heard.includes('new_notification') && heard.includes('notification'),
    );
  }
  expect([await outcomeOf(away), await outcomeOf(here), await outcomeOf(there)]).toEqual([
    ...['sent', 'socket_had_it', 'socket_had_it'],
  ]);
  expect(titles()).toEqual(['To three']);
  for (const person of [away, here, there]) {
    expect((await person.get(`/api/notifications/${person.id}/unread-count`)).body.data).toEqual({
      unread: 1,
      unseen: 1,
    });
  }
});

test('a worker that is killed and a Temporal that is, with a push on its way, lose none and send none twice', async () => {
  const person = await withPhone();
  await send({ user_ids: [person.id] }, 'Before the crash');
  const back = stack.kill('worker', 'temporal');
  await send({ user_ids: [person.id] }, 'During the crash');
  await back();
  await until(
    async () => titles().filter((title) => / the crash$/.test(title)).length,
    (many) => many >= 2,
  );
  expect(await outcomeOf(person)).toBe('sent');
  expect(
    titles()
      .filter((title) => / the crash$/.test(title))
      .sort(),
  ).toEqual(['Before the crash', 'During the crash']);
}, 120_000);

test('an announcement to a role reaches each of them, and its progress is there to be watched', async () => {
  const people = [await withPhone(), await withPhone(), await withPhone()];
  const begun = await send({ role: 'creator' }, 'To creators');
  expect(begun.status).toBe(202);
  const { id, total } = begun.body.data.broadcast;
  const over = await until(
    () => admin.get(`/api/notifications/broadcasts/${id}`),
    ({ body }) => body.data.state === 'sent',
  );
  expect(over.body.data).toMatchObject({ told: total, total });
  for (const person of people) expect(await listOf(person)).toMatchObject([{ title: 'To creators' }]);
  await until(
    async () => titles().filter((title) => title === 'To creators').length,
    (many) => many >= people.length,
  );
});

test('who is away is pushed what was written to them, and finds money and payouts’ places in the inbox; who is there is not', async () => {
  const [away, here, other] = [await withPhone(), await withPhone(), await register(stack.url, ['brand_owner'])];
  const client = new Client({ url: () => `${stack.url.replace('http', 'ws')}/ws`, token: () => here.access });
  clients.push(client);
  await until(async () => client.ready, Boolean);
  for (const person of [away, here]) {
    const words = { target_user_id: person.id, initial_message: 'Shall we?' };
    expect((await other.post('/api/messages/direct-connect', words)).status).toBeLessThan(300);
  }
  const theirs = () => fcm.arrived.filter(({ title }) => title === `${other.handle} wrote to you`);
  await until(
    async () => theirs(),
    (arrived) => arrived.length > 0,
  );

  await other.post('/api/sandbox/faucet', { asset: 'INR', amount: '100.00' });
  const paid = { to_user_id: away.id, asset: 'INR', amount: '12.50', memo: 'For the tripod' };
  expect((await other.post(`/api/wallet/${other.id}/transfer`, paid)).status).toBeLessThan(300);
  await away.post(`/api/wallet/${away.id}/destinations`, { kind: 'sandbox', account: 'ok' });
  const kinds = () => listOf(away).then((list) => list.map(({ kind }) => kind).sort());
  await until(kinds, (seen) => seen.includes('wallet_credited'));
  expect(await kinds()).toEqual(['security', 'wallet_credited']);
  const [credited] = (await listOf(away)).filter(({ kind }) => kind === 'wallet_credited');
  expect(credited).toMatchObject({ title: '12.50 INR arrived in your wallet', actor: { id: other.id } });
  // Both were written to in the same second, and all that was due is over.
  await until(
    async () => fcm.arrived.map(({ title }) => title),
    (seen) => seen.includes('12.50 INR arrived in your wallet'),
  );
  expect(theirs()).toHaveLength(1);
}, 120_000);
