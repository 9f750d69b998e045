import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { faintTexts, namelessControls } from './legible.ts';
import { Promises, until } from './promises.ts';
import { type Stack, startStack } from './stack.ts';
import { type Side, Table } from './table.ts';

/**
 * The console in a real browser, on the whole of Tandem: deals of both kinds are played to their end through the page,
 * from both sides. The last line counts. CHROMIUM names the browser; KEEP_PICTURES a folder for what it saw.
 */

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const { CHROMIUM = '/usr/bin/chromium', KEEP_PICTURES: pictures } = process.env;

const stack = await startStack();
const profile = mkdtempSync(join(tmpdir(), 'tandem-chromium-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.end().finally(() => process.exit(1)));
}
let failed = true;
try {
  failed = await play(stack);
} finally {
  await stack.end();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = failed ? 1 : 0;

async function play({ url, admin, pids }: Stack): Promise<boolean> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    viewport: WIDE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  context.setDefaultTimeout(12_000);
  const page = context.pages()[0] ?? (await context.newPage());
  const troubles = watch(page, url);
  const table = new Table(context, page);
  const { brand, influencer, deal } = table;
  const picture = (name: string) => (pictures ? page.screenshot({ path: join(pictures, `${name}.png`) }) : undefined);
  const promises = new Promises(async (title) => {
    const path = join(pictures ?? tmpdir(), `broken-${title.replaceAll(/\W+/g, '-').slice(0, 60)}.png`);
    await page.screenshot({ path }).then(
      () => process.stdout.write(`      seen: ${path}\n`),
      () => {},
    );
  });
  const keep = promises.keep.bind(promises);

  await keep('the page may load, run and frame nothing from elsewhere, and is asked for each time', async () => {
    const answer = await fetch(url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'"]) {
      assert.ok(`${policy};`.includes(part), `${part} in ${policy}`);
    }
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const script = /\/assets\/[^"]+\.js/.exec(await answer.text())?.[0];
    const asset = await fetch(url + script);
    assert.match(asset.headers.get('cache-control') ?? '', /max-age=31536000, immutable/);
  });

  await keep('a path that is not there stays unknown, in the API’s own words', async () => {
    for (const path of ['/deals', '/assets/nothing.js', '/index.html']) {
      const answer = await fetch(url + path);
      assert.equal(answer.status, 404, path);
      assert.equal(((await answer.json()) as { error_code: string }).error_code, 'NOT_FOUND');
    }
  });

  await keep('both demo accounts are one click away, and both sides are live', async () => {
    await page.goto(url);
    await picture('01-start');
    await page.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    for (const side of [brand, influencer])
      await until(
        () => side.status(),
        (status) => status === 'Live',
        'live',
      );
  });

  await keep('a campaign that the brand owner posts is in the influencer’s market', async () => {
    await influencer.tab('Market');
    await influencer.root.getByText('Campaigns', { exact: true }).click();
    await brand.tab('Market');
    await brand.root.getByRole('button', { name: 'Post a campaign' }).click();
    await brand.root.getByLabel('Title').fill('Monsoon collection');
    await brand.root.getByLabel('Description').fill('Three reels about our raincoats.');
    await brand.root.getByLabel('Budget').fill('a lot');
    await brand.root.getByRole('button', { name: 'Post the campaign' }).click();
    await brand.root.getByRole('alert').getByText('VALIDATION_FAILED').waitFor();
    await brand.root.getByLabel('Budget').fill('₹20,000');
    await brand.root.getByRole('button', { name: 'Post the campaign' }).click();
    await influencer.root.getByRole('article', { name: 'Monsoon collection' }).getByText('₹20,000.00').waitFor();
    await picture('02-market');
  });

  await keep('applying opens the deal on both sides at once', async () => {
    const offer = influencer.root.getByRole('article', { name: 'Monsoon collection' });
    await offer.getByRole('button', { name: 'Apply' }).click();
    await offer.getByLabel('Message').fill('I live where it rains.');
    await offer.getByLabel('What you ask for').fill('6,000');
    await offer.getByRole('form').getByRole('button', { name: 'Apply' }).click();
    await brand.log().getByText('I live where it rains.').waitFor();
    await influencer.log().getByText('I live where it rains.').waitFor();
    await table.arrive('initial');
  });

  await keep('a double click is one click', async () => {
    const clicks = count(page, '/button-click');
    await brand.button('accept_application').dblclick();
    await table.arrive('brand_owner_pricing');
    assert.equal(clicks(), 1);
    assert.equal(await brand.root.getByRole('alert').count(), 0);
  });

  await keep('what the API refuses is said in its own words, and what was typed is still there', async () => {
    await brand.press('send_price_offer');
    await brand.fill('send_price_offer', 'a lot');
    const alert = brand.root.getByRole('alert');
    await alert.waitFor();
    assert.match((await alert.textContent()) ?? '', /Expected rupees from 1 .*VALIDATION_FAILED/s);
    assert.equal(await brand.root.locator('[name="text"]').inputValue(), 'a lot');
    await brand.fill('send_price_offer', '₹5,000');
    await table.arrive('influencer_price_response');
    await alert.waitFor({ state: 'detached' });
    await influencer.log().getByText('The brand owner offers ₹5,000.').waitFor();
  });

  await keep('the time left counts down', async () => {
    const timer = deal.getByRole('timer');
    const first = (await timer.textContent()) ?? '';
    assert.match(first, /^(?:\d+ d )?\d\d:\d\d:\d\d$/);
    await until(
      () => timer.textContent(),
      (now) => now !== first,
      'another second',
    );
  });

  await keep('the picture stands where the deal stands, shows its way, and says both in words', async () => {
    assert.equal(await table.here(), 'influencer_price_response');
    await table.hasPassed('initial', 'brand_owner_pricing');
    const words = await deal.getByRole('img', { name: 'The machine of a campaign deal' }).locator('desc').textContent();
    assert.match(words ?? '', /is in Influencer price response\. The way so far: Initial, Brand owner pricing, /);
    assert.match(words ?? '', /Accept price \(the influencer\) leads to Payment pending/);
    await picture('03-picture');
  });

  await keep('a payment at the provider’s page, in its own tab, moves both sides on by itself', async () => {
    await influencer.press('accept_price');
    const opened = context.waitForEvent('page');
    await brand.press('proceed_to_payment');
    const checkout = brand.root.getByRole('link', { name: 'Pay ₹5,000.00 at the checkout' });
    await checkout.waitFor();
    await picture('04-payment');
    await table.payBy('pay', opened);
    await influencer.button('start_work').waitFor();
    await table.arrive('payment_completed');
    await table.hasMoved('External −₹5,000.00', 'Escrow +₹5,000.00');
    await picture('05-paid');
  });

  await keep('loading the page anew comes back to the same deal, still signed in', async () => {
    await page.reload();
    await influencer.button('start_work').waitFor();
    await table.arrive('payment_completed');
    await table.hasPassed('initial', 'brand_owner_pricing', 'influencer_price_response', 'payment_pending');
  });

  await keep('skipping the header leaves the deal open, and goes on from the two sides', async () => {
    await page.getByText('Skip to the two sides').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'parts');
    assert.match(page.url(), /#\/deals\//);
    await page.keyboard.press('Tab');
    assert.equal(await focusedPart(page), 'brand_owner');
    await table.arrive('payment_completed');
  });

  await keep('a click while the API is down says so, and is done once when it is sent again', async () => {
    troubles.expected = true;
    const { api } = pids();
    // Held, so that it cannot have answered before it dies.
    process.kill(api, 'SIGSTOP');
    try {
      const sent = count(page, '/button-click');
      await influencer.press('start_work');
      await until(sent, (times) => times === 1, 'the click is on its way');
    } finally {
      process.kill(api, 'SIGKILL');
    }
    await until(
      () => brand.status(),
      (status) => status !== 'Live',
      'the line is lost',
    );
    await picture('06-down');
    for (const side of [brand, influencer])
      await until(
        () => side.status(),
        (status) => status === 'Live',
        'live',
        45_000,
      );
    // Either its own repetition came through, or it was said that it did not.
    const again = influencer.root.getByRole('alert').getByRole('button', { name: 'Try again' });
    await influencer.button('submit_work').or(again).first().waitFor();
    if (await again.isVisible()) await again.click();
    await table.arrive('work_in_progress');
    await deal.getByText('The machine in words').click();
    await until(
      () => deal.getByText('Start work by the influencer').count(),
      (times) => times === 1,
      'one step',
    );
    troubles.expected = false;
  });

  await keep('work is sent, a revision asked for, and the money released less the fee', async () => {
    await influencer.press('submit_work');
    await influencer.fill('submit_work', 'https://drive.example/first');
    await brand.press('request_revision');
    await brand.fill('request_revision', 'More rain, please.');
    await influencer.log().getByText('More rain, please.').waitFor();
    await influencer.press('submit_work');
    await influencer.fill('submit_work', 'https://drive.example/second');
    await brand.press('approve_work');
    await table.arrive('real_time');
    await until(
      () => influencer.balance(),
      (amount) => amount === '4500.00',
      'the influencer’s wallet',
    );
    await table.hasMoved('Escrow −₹5,000.00', 'Fee +₹500.00', 'Wallet +₹4,500.00');
    await picture('07-released');
  });

  await keep(
    'what one says in real time the other reads at once, sees being typed, and is seen to have read',
    async () => {
      await influencer.root.getByRole('textbox', { name: /^Message as/ }).fill('Thank');
      await brand.log().getByText('Typing').waitFor();
      await influencer.say('Thank you!');
      await brand.log().getByText('Thank you!').waitFor();
      await brand.log().getByText('Typing').waitFor({ state: 'hidden' });
      await influencer.log().getByText('· seen').waitFor();
      await brand.say('Until the next rain.');
      await influencer.log().getByText('Until the next rain.').waitFor();
    },
  );

  await keep('what is typed while a message is on its way stays; one that was not sent comes back', async () => {
    const field = influencer.root.getByRole('textbox', { name: /^Message as/ });
    const sent = count(page, '/messages/send');
    const held = Promise.withResolvers<void>();
    await page.route('**/api/messages/send', async (route) => {
      await held.promise;
      await route.continue();
    });
    await influencer.say('One raincoat.');
    await until(sent, (times) => times === 1, 'it is on its way');
    await field.pressSequentially('Two raincoats?');
    await field.press('Enter');
    held.resolve();
    await brand.log().getByText('One raincoat.').waitFor();
    assert.equal(await field.inputValue(), 'Two raincoats?');
    assert.equal(sent(), 1);
    await page.unroute('**/api/messages/send');
    troubles.expected = true;
    await page.route('**/api/messages/send', (route) => route.abort());
    await until(
      async () => {
        await field.press('Enter');
        return sent();
      },
      (times) => times > 1,
      'the first is done',
    );
    const again = influencer.root.getByRole('alert').getByRole('button', { name: 'Try again' });
    await again.waitFor();
    assert.equal(await field.inputValue(), 'Two raincoats?');
    await page.unroute('**/api/messages/send');
    troubles.expected = false;
    await again.click();
    await brand.log().getByText('Two raincoats?').waitFor();
    await again.waitFor({ state: 'detached' });
    assert.equal(await field.inputValue(), '');
  });

  await keep('what comes while the page is hidden is seen once it is shown again', async () => {
    const show = (state: 'hidden' | 'visible') =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await influencer.log().getByText('· seen').waitFor();
    const told = count(page, '/seen');
    await show('hidden');
    await influencer.say('Are you there?');
    await brand.log().getByText('Are you there?').waitFor();
    await influencer.log().getByText('· seen').waitFor({ state: 'detached' });
    assert.equal(told(), 0);
    await show('visible');
    await influencer.log().getByText('· seen').waitFor();
  });

  await keep('text has its contrast and every control a name, in light and in dark', async () => {
    await until(() => namelessControls(page), isEmpty, 'every control has a name');
    await until(() => faintTexts(page), isEmpty, 'every text can be read');
    await page.emulateMedia({ colorScheme: 'dark' });
    await until(
      () => brightness(page),
      (light) => light < 60,
      'a dark page',
    );
    await picture('08-dark');
    await until(() => faintTexts(page), isEmpty, 'every text can be read');
  });

  await keep('colours follow the device until they are chosen, and the choice is kept', async () => {
    const toggle = page.getByRole('button', { name: /^Colours: / });
    await toggle.click();
    await until(
      () => brightness(page),
      (light) => light > 200,
      'a light page, as chosen',
    );
    await page.reload();
    await table.arrive('real_time');
    assert.ok((await brightness(page)) > 200, 'still light');
    await toggle.click();
    await toggle.click();
    await page.emulateMedia({ colorScheme: 'light' });
    assert.match((await toggle.getAttribute('aria-label')) ?? '', /as the device/);
  });

  await keep('the chat is closed by either, once they have said that they mean it', async () => {
    await brand.press('close_chat');
    await brand.root.getByRole('form', { name: 'Close chat' }).locator('[data-button="close_chat"]').click();
    await table.arrive('chat_closed');
    await influencer.root.getByText('This conversation is closed.').waitFor();
  });

  await keep('a deal begins by keyboard alone: past the header, into the market, through the form', async () => {
    await page.goto(`${url}/#/`);
    await page.reload();
    await influencer.root.getByRole('tab', { name: 'Market' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the two sides');
    assert.ok(await page.getByText('Skip to the two sides').evaluate((link) => link.getBoundingClientRect().top >= 0));
    await page.keyboard.press('Enter');
    await tabTo(page, 'Deals');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Bids', 'ArrowRight');
    await influencer.root.getByRole('tab', { name: 'Deals' }).focus();
    await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Bids', 'ArrowRight');
    await tabTo(page, 'Post a bid');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Travel reels');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Short stories from the hills.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('5,000');
    await page.keyboard.press('Enter');
    await brand.root.getByRole('article', { name: 'Travel reels' }).waitFor();
    await brand.root.getByRole('button', { name: 'Connect' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('We have a story for you.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await influencer.log().getByText('We have a story for you.').waitFor();
    await table.arrive('influencer_responding');
  });

  await keep('whoever presses a button by keyboard goes on from what comes next', async () => {
    await influencer.button('accept_connection').focus();
    await page.keyboard.press('Enter');
    await table.arrive('brand_owner_details');
    await until(
      () => focusedPart(page),
      (part) => part === 'influencer',
      'the focus stays on this side',
    );
    await brand.fill('send_project_details', 'One reel about the old bridge.');
    await influencer.log().getByText('One reel about the old bridge.').waitFor();
    await influencer.press('accept_project');
    await table.arrive('brand_owner_pricing');
  });

  await keep('a price is negotiated through a counter-offer and a final one', async () => {
    await brand.press('send_price_offer');
    await brand.fill('send_price_offer', '4000');
    await influencer.press('negotiate_price');
    await influencer.fill('negotiation', '6,000');
    await brand.log().getByText('The influencer asks for ₹6,000.').waitFor();
    await brand.press('send_final_offer');
    await brand.fill('send_final_offer', '5000.50');
    await influencer.button('accept_final_offer').getByText('₹5,000.50').waitFor();
    await picture('09-negotiated');
    for (const side of [brand, influencer])
      await until(
        () => fromEnd(side),
        (px) => px < 2,
        'the last message is in sight',
      );
    await influencer.press('accept_final_offer');
    await table.arrive('payment_pending');
    await table.hasPassed(
      'influencer_responding',
      'brand_owner_details',
      'influencer_reviewing',
      'brand_owner_pricing',
      'influencer_price_response',
      'negotiation_input',
      'brand_owner_negotiation',
      'influencer_final_response',
    );
  });

  await keep(
    'on a phone one part is seen at a time, nothing is wider than the screen, and the deal goes on',
    async () => {
      await page.setViewportSize(PHONE);
      const visible = () => page.locator('main > section:visible').evaluateAll((all) => all.map(({ id }) => id));
      await until(visible, (parts) => parts.join() === 'part-brand_owner', 'one part');
      await picture('10-phone');
      for (const tab of ['The deal', 'Influencer']) {
        await page.getByRole('tab', { name: tab }).click();
        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        assert.equal(scroll, client, `${tab} fits`);
        await picture(tab === 'The deal' ? '11-phone-deal' : '12-phone-influencer');
      }
      assert.deepEqual(await visible(), ['part-influencer']);
      await page.getByRole('tab', { name: 'Influencer' }).press('ArrowRight');
      assert.deepEqual(await visible(), ['part-brand_owner']);
      await until(() => namelessControls(page), isEmpty, 'every control has a name');
      const opened = context.waitForEvent('page');
      await brand.press('proceed_to_payment');
      await table.payBy('fail', opened);
      await brand.log().getByText('The payment failed').waitFor();
      const again = context.waitForEvent('page');
      await brand.root.getByRole('link', { name: /^Pay ₹5,000.50/ }).click();
      await table.payBy('pay', again);
      await brand.log().getByText('₹5,000.50 was paid into escrow').waitFor();
      await page.setViewportSize(WIDE);
      await table.arrive('payment_completed');
    },
  );

  await keep('a dispute is opened on one side, answered on the other, and ruled on by an operator', async () => {
    await influencer.more('open_dispute');
    await influencer.fill('open_dispute', 'The bridge is closed.');
    await table.arrive('disputed');
    await brand.press('dispute_statement');
    await brand.fill('dispute_statement', 'It opens on Monday.');
    await influencer.log().getByText('It opens on Monday.').waitFor();
    await page.getByRole('button', { name: 'Operator' }).click();
    const drawer = page.getByRole('dialog', { name: 'Operator' });
    await drawer.getByLabel('Handle').fill(admin.handle);
    await drawer.locator('[name="password"]').fill(admin.password);
    await drawer.getByRole('button', { name: 'Sign in' }).click();
    const task = drawer.getByRole('article', { name: 'Dispute' });
    await task.getByText('The bridge is closed.').waitFor();
    await task.getByRole('slider').press('ArrowLeft');
    await task.getByText('45 % to the influencer, 55 % back to the brand owner').waitFor();
    await task.getByLabel('Reason').fill('Some of it was made.');
    await picture('13-operator');
    await task.getByRole('button', { name: 'Rule' }).click();
    await drawer.getByText('Nothing waits for you.').waitFor();
    await page.keyboard.press('Escape');
    await table.arrive('real_time');
    await deal.getByText('45 % released').waitFor();
    // 45 % of 5000.50 is 2250.225, rounded down; of that the fee of 10 % is 225.02, rounded down.
    await until(
      () => influencer.balance(),
      (amount) => amount === '6525.20',
      'the share in the wallet',
    );
    await brand
      .log()
      .getByText(/refund of ₹2,750\.28 has arrived/)
      .waitFor();
    await picture('14-ruled');
  });

  await keep('signing out leaves the other side where it is', async () => {
    await brand.root.locator('[data-balance]').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await brand.root.getByRole('button', { name: 'Sign in as demo_brand' }).waitFor();
    await table.arrive('real_time');
    assert.equal(await influencer.status(), 'Live');
  });

  await keep('somebody new makes an account, and sees nothing of other people’s deals', async () => {
    await brand.root.getByText('Make a new account').click();
    await brand.root.getByLabel('Handle').fill('demo_brand');
    await brand.root.locator('[name="password"]').fill('a long password');
    await brand.root.getByRole('button', { name: 'Make the account' }).click();
    await brand.root.getByRole('alert').getByText('CONFLICT').waitFor();
    await brand.root.getByLabel('Handle').fill(`brand-${Date.now()}`);
    await brand.root.getByRole('button', { name: 'Make the account' }).click();
    await brand.root.getByText('The deal that is open is not this account’s.').waitFor();
    await brand.tab('Deals');
    await brand.root.getByText('No deals yet.').waitFor();
  });

  await keep('what an operator alone sees of a deal is read anew all the while', async () => {
    const reads = [count(page, '/context'), count(page, '/steps?limit=100'), count(page, '/ledger')];
    await influencer.root.locator('[data-balance]').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await table.arrive('real_time');
    await until(
      () => reads.map((times) => times()),
      (times) => times.every((each) => each >= 3),
      'each is read for the third time',
    );
  });

  await keep('all through this the page broke nowhere, and asked nobody but Tandem', async () => {
    assert.deepEqual(troubles.seen, []);
  });

  await context.close();
  promises.end();
  return promises.failed > 0;
}

function isEmpty(found: readonly string[]): boolean {
  return found.length === 0;
}

/** What a page should never do: throw, complain, or ask others. */
function watch(page: Page, url: string): { seen: string[]; expected: boolean } {
  const troubles = { seen: [] as string[], expected: false };
  // Chromium itself writes down every answer above 399; a refusal is one that the page shows.
  const refused = /the server responded with a status of 4\d\d/;
  page.on('pageerror', (error) => troubles.seen.push(`${error.stack}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !troubles.expected && !refused.test(text)) troubles.seen.push(text);
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && origin !== url) troubles.seen.push(`asked ${request.url()}`);
  });
  return troubles;
}

/** Counts requests to a path from now on. */
function count(page: Page, path: string): () => number {
  let times = 0;
  page.on('request', (request) => {
    if (request.url().endsWith(path)) times += 1;
  });
  return () => times;
}

/** How far a side's messages are from their end, in px. */
function fromEnd(side: Side): Promise<number> {
  return side.log().evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
}

/** How light the page's ground is, 0 to 255. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const [red = '0'] = /\d+/.exec(getComputedStyle(document.body).backgroundColor) ?? [];
    return Number(red);
  });
}

/** What has the focus, by its words. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    return element?.labels?.[0]?.textContent?.trim() || element?.textContent?.trim() || element?.value || '';
  });
}

function focusedPart(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.closest('[data-part]')?.getAttribute('data-part') ?? null);
}

/** Goes on by Tab until something has the focus, and presses a last key where it is chosen by that. */
async function tabTo(page: Page, words: string, choose?: string): Promise<void> {
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === words || now.startsWith(words)) return;
    if (choose && (await focusIsRadio(page))) {
      await page.keyboard.press(choose);
      if ((await focused(page)) === words) return;
    }
  }
  throw new Error(`"${words}" is not reached by Tab`);
}

function focusIsRadio(page: Page): Promise<boolean> {
  return page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.type === 'radio');
}
