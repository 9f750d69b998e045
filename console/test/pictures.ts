import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Album } from './album.ts';
import { fillChannel, fillStream, newCreator, newCrowd, signedIn } from './crowd.ts';
import { launch } from './launch.ts';
import { staffed } from './look.ts';
import { startStack } from './stack.ts';

/**
 * `node console/test/pictures.ts [folder] [names]`: every room of every door, or those whose names begin so, in three
 * forms, to be looked at, and each asked whether axe finds anything and whether it fits. What was played before by
 * browser.ts is not needed: cases are brought here, and a crowd fills a channel and a stream.
 */

/** Where cases are brought to: each kind, and what of it looks otherwise. */
const BROUGHT = [
  ...['deal:applied', 'deal:agreed', 'deal:paid', 'deal:submitted', 'deal:disputed'],
  ...['trade:opened', 'trade:disputed', 'payout:asked', 'payout:large', 'topUp:opened', 'topUp:paid'],
  ...['chargeBack:open', 'boost:active'],
];
/** Of these one side has a page of its own looked at, and what staff sees. */
const OPENED = ['deal:disputed', 'trade:disputed', 'topUp:opened', 'chargeBack:open'];
const EARNERS = ['payout:large', 'boost:active'];

const CASE_PARTS = ['conversation', 'money', 'history', 'process'];
const APP = [
  ...['work', 'work?view=done', 'inbox', 'messages', 'messages/new', 'search?q=Monsoon'],
  ...['money', 'money?way=out', 'money?way=try', 'money?part=invoices', 'money?part=payouts'],
];
const DISCOVER = ['discover', 'discover/watch', 'discover/live', 'discover/trading/ETH-INR'];
const MONEY = ['books', 'accounts', 'payouts', 'transfers', 'events', 'points'].map((part) => `money?part=${part}`);
const OPS = ['health', 'tasks', 'cases', ...MONEY, 'people', 'search?q=demo'];

const [, , where, only = ''] = process.argv;
const folder = where ?? join(tmpdir(), 'tandem-pictures');
const album = new Album(folder, only);
const stack = await startStack();
const { context, remove } = await launch();
const { url } = stack;
try {
  const cases = await takePlay();
  if (album.wants('app-')) await album.prepare('the workspace', () => takeApp(cases));
  if (album.wants('live-')) await album.prepare('what is live', takeLive);
  if (album.wants('ops-')) await album.prepare('operations', () => takeOps(cases));
} finally {
  await context.close();
  remove();
  await stack.end();
}
process.stdout.write(
  `${[...album.wrong, '', `${album.taken} pictures in ${folder}, ${album.wrong.length} things wrong`].join('\n')}\n`,
);
process.exitCode = album.wrong.length === 0 ? 0 : 1;

type Cases = ReadonlyMap<string, string>;

/** The playground, before and with each case; answers where each is found. */
async function takePlay(): Promise<Cases> {
  const play = await context.newPage();
  await play.goto(`${url}/play`);
  await album.take(play, 'play-before');
  await play.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
  await play.getByRole('button', { name: 'Bring it' }).waitFor();
  await album.take(play, 'play');
  const cases = new Map<string, string>();
  for (const name of ['play-', 'app-', 'ops-'].some((door) => album.wants(door)) ? BROUGHT : []) {
    await album.prepare(name, async () => {
      await play.goto(`${url}/play`);
      await play.getByLabel('Bring me a case where').selectOption(name);
      await play.getByRole('button', { name: 'Bring it' }).click();
      // Many requests, one after the other.
      await play.getByTestId('state').waitFor({ timeout: 60_000 });
      cases.set(name, play.url().split('/').at(-1) ?? '');
      await album.take(play, `play-${slug(name)}`);
      // Somebody is paid out to one at a time.
      if (name === 'payout:asked') await play.getByTestId('outcome').waitFor({ timeout: 60_000 });
    });
  }
  await play.close();
  return cases;
}

async function desk(handle: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/app`);
  await page.getByRole('button', { name: `Sign in as ${handle}` }).click();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  return page;
}

/** One person's rooms: a brand owner's, and what only who earns has. */
async function takeApp(cases: Cases): Promise<void> {
  const door = await context.newPage();
  await album.take(door, 'app-before', `${url}/app`);
  await door.close();
  const brand = await desk('demo_brand');
  for (const room of [...APP, ...DISCOVER]) await album.take(brand, `app-${slug(room)}`, `${url}/app/${room}`);
  for (const name of OPENED)
    await album.take(brand, `app-case-${slug(name)}`, `${url}/app/cases/${cases.get(name) ?? ''}`);
  for (const part of CASE_PARTS)
    await album.take(brand, `app-case-${part}`, `${url}/app/cases/${cases.get('deal:disputed')}?part=${part}`);
  const influencer = await desk('demo_influencer');
  for (const name of EARNERS)
    await album.take(influencer, `app-case-${slug(name)}`, `${url}/app/cases/${cases.get(name) ?? ''}`);
  await album.take(influencer, 'app-payouts', `${url}/app/money?part=payouts`);
  await album.prepare('a payout’s paper', async () => {
    await influencer.getByRole('link', { name: 'Statement' }).first().click();
    await album.take(influencer, 'app-payout-paper');
  });
  for (const page of [brand, influencer]) await page.close();
}

/** A creator's channel and stream, with a crowd in both; the stream for its creator and for who watches. */
async function takeLive(): Promise<void> {
  const [creator, fan] = [await desk('demo_influencer'), await desk('demo_brand')];
  const crowd = await newCrowd(url, ['asha', 'ben', 'chitra', 'dev', 'esha', 'farid']);
  const me = await signedIn(url, 'demo_influencer', 'tandem-demo');
  await album.take(creator, 'live-channel-empty', `${url}/app/discover/channel`);
  await album.prepare('a channel', () => fillChannel(me, crowd));
  await album.take(creator, 'live-channel', `${url}/app/discover/channel`);
  await album.take(fan, 'live-videos', `${url}/app/discover/watch`);
  await album.prepare('a video', async () => {
    await fan.getByRole('list', { name: 'Videos' }).getByRole('link').first().click();
    await album.take(fan, 'live-video');
  });

  const address = await announce(creator, 'Cooking in the rain');
  await album.take(creator, 'live-announced');
  await creator.locator('button[data-button="start"]').click();
  await creator.locator('[data-screen="live"]').waitFor();
  const id = address.split('/').at(-1) ?? '';
  const rival = await newCreator(url, 'rival');
  await fan.goto(address);
  await fan.locator('[data-screen="live"]').waitFor();
  await album.prepare('a stream', async () => {
    await fillStream({ id, creator: me, rival, crowd });
    for (const page of [creator, fan]) {
      await page.reload();
      await page.locator('[data-battle]').waitFor();
    }
  });
  await album.take(creator, 'live-panel');
  await album.take(fan, 'live-stream');
  await album.take(fan, 'live-list', `${url}/app/discover/live`);
  await album.take(creator, 'live-case', `${url}/app/cases/${id}`);

  await album.prepare('tickets', async () => {
    const ticketed = await announce(creator, 'An evening of ragas', tomorrow());
    await creator.getByRole('button', { name: 'Sell tickets' }).click();
    await creator.locator('[data-sold="0"]').waitFor();
    await album.take(creator, 'live-tickets-sold');
    await album.take(fan, 'live-tickets', ticketed);
  });
  for (const page of [creator, fan]) await page.close();
}

/** Announces a stream; answers where it is. */
async function announce(creator: Page, title: string, at?: string): Promise<string> {
  await creator.goto(`${url}/app/discover/live`);
  await creator.getByRole('button', { name: 'Announce a stream' }).click();
  await creator.getByLabel('Title').fill(title);
  if (at) await creator.getByLabel('When (optional)').fill(at);
  await creator.getByRole('button', { name: 'Announce it' }).click();
  await creator.locator('button[data-button="start"]').waitFor();
  return creator.url();
}

/** As a field for an instant takes it. */
function tomorrow(): string {
  return new Date(Date.now() + 24 * 60 * 60_000).toISOString().slice(0, 16);
}

async function takeOps(cases: Cases): Promise<void> {
  const door = await context.newPage();
  await album.take(door, 'ops-before', `${url}/ops`);
  await door.close();
  const ops = await staffed(context, `${url}/ops`, stack.admin);
  await ops.getByText('All parts are there.').waitFor();
  for (const room of OPS) await album.take(ops, `ops-${slug(room)}`, `${url}/ops/${room}`);
  for (const name of [...OPENED, ...EARNERS])
    await album.take(ops, `ops-case-${slug(name)}`, `${url}/ops/cases/${cases.get(name) ?? ''}`);
  await ops.goto(`${url}/ops/people`);
  await ops.locator('[data-person="demo_brand"]').click();
  await album.take(ops, 'ops-person');
}

function slug(room: string): string {
  return room.replaceAll(/\W+/g, '-');
}
