import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launch, WIDE } from './launch.ts';
import { violations } from './legible.ts';
import { PHONE, staffed, wider } from './look.ts';
import { until } from './promises.ts';
import { startStack } from './stack.ts';

/**
 * `node console/test/pictures.ts [folder] [door]`: every room of every door, or of one, in three forms, to be looked at,
 * and each asked whether axe finds anything and whether it fits. What was played before by browser.ts is not needed: some
 * cases are brought here.
 */

const FORMS = [
  { name: 'light', viewport: WIDE, scheme: 'light' },
  { name: 'dark', viewport: WIDE, scheme: 'dark' },
  { name: 'phone', viewport: PHONE, scheme: 'light' },
] as const;

const APP = [
  'work',
  'inbox',
  'messages',
  'messages/new',
  'money',
  'money?way=out',
  'money?way=try',
  'money?part=invoices',
  'money?part=payouts',
  'search?q=Monsoon',
];
const DISCOVER = ['discover', 'discover/watch', 'discover/live', 'discover/channel', 'discover/trading/ETH-INR'];
const MONEY = ['books', 'accounts', 'transfers', 'events', 'points'].map((part) => `money?part=${part}`);
const OPS = ['health', 'tasks', 'cases', ...MONEY, 'people', 'search?q=demo'];
const BROUGHT = [
  'deal:paid',
  'deal:disputed',
  'trade:confirmed',
  'payout:large',
  'topUp:paid',
  'chargeBack:open',
  'boost:active',
];

const [, , where, door = ''] = process.argv;
const folder = where ?? join(tmpdir(), 'tandem-pictures');
mkdirSync(folder, { recursive: true });
const stack = await startStack();
const { context, remove } = await launch();
/** What is wrong with which room; one that is wrong keeps nobody from looking at the others. */
const wrong: string[] = [];
let taken = 0;
try {
  await takeAll();
} finally {
  await context.close();
  remove();
  await stack.end();
}
process.stdout.write(`${[...wrong, '', `${taken} pictures in ${folder}, ${wrong.length} things wrong`].join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;

async function takeAll(): Promise<void> {
  const { url } = stack;
  const play = await context.newPage();
  await play.goto(`${url}/play`);
  await take(play, 'play-before');
  await play.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
  await play.getByRole('button', { name: 'Bring it' }).waitFor();
  await take(play, 'play');
  const ids: string[] = [];
  // Other doors look at the first two.
  for (const name of 'play'.startsWith(door) ? BROUGHT : BROUGHT.slice(0, 2)) {
    await play.goto(`${url}/play`);
    await play.getByLabel('Bring me a case where').selectOption(name);
    await play.getByRole('button', { name: 'Bring it' }).click();
    // Many requests, one after the other.
    await play.getByTestId('state').waitFor({ timeout: 60_000 });
    await take(play, `play-${name.replace(':', '-')}`);
    ids.push(play.url().split('/').at(-1) ?? '');
  }
  const app = await context.newPage();
  await app.goto(`${url}/app`);
  await take(app, 'app-before');
  await app.getByRole('button', { name: 'Sign in as demo_brand' }).click();
  await app.getByRole('link', { name: 'Work' }).waitFor();
  for (const room of [...APP, ...DISCOVER, `cases/${ids[0]}`, `cases/${ids[1]}`])
    await take(app, `app-${slug(room)}`, `${url}/app/${room}`);
  await app.goto(`${url}/app/discover/live`);
  await app.getByRole('button', { name: 'Announce a stream' }).click();
  await app.getByRole('button', { name: 'Fill in an example' }).click();
  await app.getByRole('button', { name: 'Announce it' }).click();
  await app.locator('button[data-button="start"]').waitFor();
  await take(app, 'app-stream-announced');
  await app.locator('button[data-button="start"]').click();
  await app.locator('[data-screen="live"]').waitFor();
  await take(app, 'app-stream');
  const ops = await staffed(context, `${url}/ops`, stack.admin);
  await ops.getByText('All parts are there.').waitFor();
  for (const room of [...OPS, `cases/${ids[1]}`]) await take(ops, `ops-${slug(room)}`, `${url}/ops/${room}`);
  await ops.goto(`${url}/ops/people`);
  await ops.locator('[data-person="demo_brand"]').click();
  await take(ops, 'ops-person');
}

/** A picture of a room in each form, once nothing is being read any more. */
async function take(page: Page, name: string, address?: string): Promise<void> {
  if (!name.startsWith(door)) return;
  if (address) await page.goto(address);
  for (const form of FORMS) {
    const say = (what: string) => wrong.push(`${name}, ${form.name}: ${what}`);
    await page.setViewportSize(form.viewport);
    await page.emulateMedia({ colorScheme: form.scheme });
    await until(
      () => page.locator('[aria-label^="Reading"]').count(),
      (many) => many === 0,
      'all is read',
    ).catch((error: Error) => say(error.message));
    await page.screenshot({ path: join(folder, `${name}-${form.name}.png`) });
    taken += 1;
    for (const found of await violations(page)) say(found);
    const over = await wider(page);
    if (over > 0) say(`${over} px wider than its window`);
  }
  await page.setViewportSize(WIDE);
}

function slug(room: string): string {
  return room.replaceAll(/[0-9a-f-]{36}/g, 'one').replaceAll(/\W+/g, '-');
}
