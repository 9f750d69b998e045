import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { installOutside } from '../../client/testing/outside.ts';
import { launch } from './launch.ts';
import { Promises, until } from './promises.ts';
import { startStack } from './stack.ts';

/**
 * The client as it is packed, in tabs of a real browser, on the whole of Tandem: a part of browser.ts, and by itself
 * `node console/test/client.ts`.
 */

const SCRIPT = '/client-under-test.js';

/** What is packed as one script: as a page of somebody else's would have it. */
async function scriptOfPackage(): Promise<string> {
  const outside = await installOutside();
  try {
    outside.write('page.js', "export * from 'tandem-client';");
    const bundle = await build({
      ...{ root: outside.folder, logLevel: 'silent', configFile: false },
      build: { lib: { entry: 'page.js', formats: ['es'] }, write: false },
    });
    const [{ output }] = bundle as unknown as [{ output: { code: string }[] }];
    return output[0]?.code as string;
  } finally {
    outside.remove();
  }
}

/** What a tab keeps between two looks at it. */
type Tab = typeof globalThis & {
  tandem: import('tandem-client').Tandem;
  session: import('tandem-client').Session;
  heard: { seq: number; text: string }[];
  said: Promise<unknown>[];
  ended: string[];
};

/** Opens a tab with a client in it; whoever signed in in another one is signed in here. */
async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  // The console, with nobody in it: a page that the browser did not get from here may open no socket to it.
  await page.goto(url);
  await page.evaluate(async (path) => {
    const tab = globalThis as Tab;
    const { createSession, createTandem } = (await import(path)) as typeof import('tandem-client');
    tab.ended = [];
    const url = location.origin;
    tab.session = createSession({ url, store: localStorage, place: 'under test', onEnd: (why) => tab.ended.push(why) });
    tab.tandem = createTandem({ url, token: tab.session, queue: { store: localStorage, place: 'waiting under test' } });
    tab.heard = [];
    tab.said = [];
    tab.tandem.on('new_message', ({ message }, { seq }) => tab.heard.push({ seq, text: message.message }));
  }, SCRIPT);
  return page;
}

/** The second in which a token was issued. */
const issuedAt = (token: string): number =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).iat;

const status = (page: Page) => page.evaluate(() => (globalThis as Tab).tandem.status);
const live = (page: Page) =>
  until(
    () => status(page),
    (now) => now === 'live',
    'the client is live',
  );
const texts = (page: Page) => page.evaluate(() => (globalThis as Tab).heard.map(({ text }) => text));

/** Somebody to talk with, over REST alone. */
async function somebody(url: string) {
  const ask = async (path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
    return ((await answer.json()) as { data: { access: string; user: { id: string } } }).data;
  };
  const { access, user } = await ask('/api/auth/register', { handle: 'talks', password: 'a long password' });
  return {
    id: user.id,
    say: (receiver_id: string, message: string) => ask('/api/messages/send', { receiver_id, message }, access),
  };
}

export async function playClient(
  context: BrowserContext,
  url: string,
  { keep }: Pick<Promises, 'keep'>,
): Promise<void> {
  const script = await scriptOfPackage();
  await context.route(url + SCRIPT, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  const tabs: Page[] = [];
  const other = await somebody(url);
  let me = '';

  await keep(
    'the packed client: who signs in in one tab is signed in in the next, and both are told once',
    async () => {
      const first = await openTab(context, url);
      me = await first.evaluate(async () => {
        const account = { handle: 'tabbed', password: 'a long password' };
        return (await (globalThis as Tab).session.register(account)).id;
      });
      tabs.push(first, await openTab(context, url));
      for (const tab of tabs) await live(tab);
      await other.say(me, 'to all tabs');
      for (const tab of tabs)
        await until(
          () => texts(tab),
          (seen) => seen.join() === 'to all tabs',
          'each tab has heard',
        );
    },
  );

  await keep('the packed client: tabs that refresh at once have one new token, and stay signed in', async () => {
    let refreshes = 0;
    context.on('request', (request) => {
      if (request.url().endsWith('/api/auth/refresh')) refreshes += 1;
    });
    const stale = await tabs[0]?.evaluate(() => (globalThis as Tab).session.token());
    // Two tokens of one person and one second are one and the same.
    await until(
      async () => Math.floor(Date.now() / 1_000),
      (second) => second > issuedAt(stale ?? ''),
      'another second has begun',
    );
    const refreshed = (tab: Page) => tab.evaluate((old) => (globalThis as Tab).session.token(old), stale);
    const [one, two] = await Promise.all(tabs.map(refreshed));
    assert.notEqual(one, stale);
    assert.equal(one, two);
    // A second one only where a tab's turn comes before the word of the tab before it; it is answered with the same pair.
    assert.ok(refreshes === 1 || refreshes === 2, `${refreshes} refreshes`);
    for (const tab of tabs) {
      assert.equal(
        await tab.evaluate(async () => (await (globalThis as Tab).tandem.accounts.getMe()).user.handle),
        'tabbed',
      );
    }
  });

  await keep(
    'the packed client: what is said offline waits, over a reload too, and is there once and in order',
    async () => {
      const [tab] = tabs as [Page];
      await context.setOffline(true);
      await tab.evaluate((to) => {
        const { tandem, said } = globalThis as Tab;
        for (const message of ['one', 'two']) {
          const sent = tandem.messages.send({ receiver_id: to, message });
          // The page is gone before it is answered.
          sent.catch(() => {});
          said.push(sent);
        }
      }, other.id);
      assert.equal(await tab.evaluate(() => (globalThis as Tab).tandem.queue.length), 2);
      await tab.close();
      await context.setOffline(false);
      const again = await openTab(context, url);
      tabs[0] = again;
      await live(again);
      const kept = () =>
        again.evaluate(async () => {
          const { tandem } = globalThis as Tab;
          const [conversation] = (await tandem.conversations.list()).data;
          return (await tandem.messages.list(conversation?.id ?? '')).data.map(({ message }) => message).reverse();
        });
      await until(kept, (seen) => seen.join() === 'to all tabs,one,two', 'what was said is there, once');
    },
  );

  await keep('the packed client: after a lost line each event is there once and in order', async () => {
    const [, tab] = tabs as [Page, Page];
    await live(tab);
    const before = await texts(tab);
    await context.setOffline(true);
    await other.say(me, 'while offline');
    await context.setOffline(false);
    await other.say(me, 'and after');
    const wanted = [...before, 'while offline', 'and after'].join();
    await until(
      () => texts(tab),
      (seen) => seen.join() === wanted,
      'what was missed is there, once',
      30_000,
    );
    const numbers = await tab.evaluate(() => (globalThis as Tab).heard.map(({ seq }) => seq));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    );
  });

  await keep('the packed client: who signs out in one tab is out in all', async () => {
    const [first, second] = tabs as [Page, Page];
    await first.evaluate(() => (globalThis as Tab).session.signOut());
    await until(
      () => second.evaluate(() => (globalThis as Tab).ended),
      (seen) => seen.length === 1,
      'the other tab is told',
    );
    await until(
      () => status(second),
      (now) => now === 'over' || now === 'waiting',
      'its line is closed',
    );
  });
  for (const tab of tabs) await tab.close();
  await context.unroute(url + SCRIPT);
}

if (import.meta.main) {
  const stack = await startStack();
  const browser = await launch();
  const promises = new Promises(async () => {});
  try {
    await playClient(browser.context, stack.url, { keep: promises.keep.bind(promises) });
  } finally {
    await browser.context.close();
    browser.remove();
    await stack.end();
  }
  promises.end();
  process.exitCode = promises.failed === 0 ? 0 : 1;
}
