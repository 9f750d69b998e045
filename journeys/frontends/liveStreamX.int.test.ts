import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, openSite, type Site, type Visitor } from './frontend.ts';

let site: Site;
let viewer: Visitor;
beforeAll(async () => {
  site = await openSite();
  viewer = await site.person('tester1');
});
afterAll(() => site.close());

test.each(['/chat', '/gifts'])('the namespace %s is entered with a token and not without', async (namespace) => {
  const page = await viewer.open({ namespace });
  expect(page.socket.connected).toBe(true);
  const { socket } = open(`${site.url}${namespace}`, { auth: {} });
  const [refused] = await once(socket as never, 'connect_error');
  expect(refused).toMatchObject({ data: { success: false, error_code: 'UNAUTHENTICATED' } });
  socket.disconnect();
});

test('a namespace of nobody’s is refused', async () => {
  const { socket } = open(`${site.url}/admin`, { auth: { token: viewer.token } });
  const [refused] = await once(socket as never, 'connect_error');
  expect(refused.message).toBe('Invalid namespace');
  socket.disconnect();
});

test('a page’s namespaces share a connection, and one may be left alone', async () => {
  const chat = await viewer.open({ namespace: '/chat' });
  const gifts = chat.socket.io.socket('/gifts', { auth: { token: viewer.token } });
  gifts.connect();
  await once(gifts as never, 'connect');
  gifts.disconnect();
  expect(await chat.asks('gift:send', { code: 'HEART' })).toMatchObject({ success: false });
});

test('a vote in a poll that is not there is refused in words', async () => {
  const page = await viewer.open({ namespace: '/chat' });
  const vote = { pollId: '0190a000-0000-7000-8000-00000000000a', option: 1 };
  expect(await page.asks('poll:vote', vote)).toMatchObject({
    ...{ success: false, error_code: 'NOT_FOUND', message: 'There is no such poll.' },
  });
});

test('a command of another namespace is none of this one', async () => {
  const page = await viewer.open({ namespace: '/gifts' });
  expect(await page.asks('join_conversation', '0190a000-0000-7000-8000-00000000000a')).toMatchObject({
    ...{ success: false, error_code: 'VALIDATION_FAILED' },
  });
});

let testers = 1;
test('who signs out is out of every namespace', async () => {
  const handle = `tester${++testers}`;
  const person = await site.person(handle);
  const login = await fetch(`${site.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ handle, password: 'secret123' }),
  });
  const { access, refresh } = ((await login.json()) as { data: { access: string; refresh: string } }).data;
  const kept = await person.open();
  const pages = ['', '/chat', '/gifts'].map((namespace) =>
    open(`${site.url}${namespace}`, { auth: { token: access } }),
  );
  await Promise.all(pages.map(({ socket }) => once(socket as never, 'connect')));
  const ends = pages.map(({ socket }) => new Promise((resolve) => socket.on('disconnect', resolve)));
  await fetch(`${site.url}/api/auth/logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access}` },
    body: JSON.stringify({ refresh }),
  });
  expect(await Promise.all(ends)).toEqual(pages.map(() => 'io server disconnect'));
  for (const page of pages) {
    expect((await page.hears('error'))[0]).toMatchObject([{ success: false, error_code: 'UNAUTHENTICATED' }]);
  }
  await kept.settled();
  expect(kept.socket.connected).toBe(true);
});
