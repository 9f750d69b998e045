import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { playBreaking } from './breaking.ts';
import { playChargedBack } from './chargedBack.ts';
import { playClient } from './client.ts';
import { launch, WIDE } from './launch.ts';
import { faintTexts, namelessControls, violations } from './legible.ts';
import { playLive } from './live.ts';
import { isEmpty, PHONE, pictures, shoot, staffed, wider } from './look.ts';
import { playPapers } from './papers.ts';
import { Promises, until } from './promises.ts';
import { type Stack, startStack } from './stack.ts';
import { type Side, Table } from './table.ts';
import { playTogether } from './together.ts';
import { playTrading } from './trading.ts';
import { playWatching } from './watching.ts';

/**
 * The console in a real browser, on the whole of Tandem: deals of both kinds are played to their end through the page,
 * from both sides. The last line counts. CHROMIUM names the browser; KEEP_PICTURES a folder for what it saw.
 */

const stack = await startStack();
const browser = await launch();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stack.end().finally(() => process.exit(1)));
}
let failed = true;
try {
  failed = await play(stack, browser.context);
} finally {
  await stack.end();
  browser.remove();
}
process.exitCode = failed ? 1 : 0;

async function play({ url, admin, pids }: Stack, context: BrowserContext): Promise<boolean> {
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
    await page.waitForURL(`${url}/play`);
    await isCalled(page, 'Playground');
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

  await keep('who has applied is led to the deal, and a second application says that it was not sent', async () => {
    await influencer.root.getByRole('button', { name: 'Back to the list' }).click();
    await influencer.tab('Market');
    await influencer.root.getByText('Campaigns', { exact: true }).click();
    const offer = influencer.root.getByRole('article', { name: 'Monsoon collection' });
    const led = offer.getByRole('button', { name: 'Applied, open the deal' });
    await led.waitFor();
    // Another window's form is still open: the deals are not read anew there.
    const lists = (address: URL) => address.pathname === '/api/messages/conversations';
    await page.route(lists, (route) =>
      route.fulfill({ json: { success: true, data: [], page: { next_cursor: null } } }),
    );
    await page.reload();
    await influencer.tab('Market');
    await influencer.root.getByText('Campaigns', { exact: true }).click();
    await offer.getByRole('button', { name: 'Apply' }).click();
    await offer.getByLabel('Message').fill('Once more.');
    await offer.getByLabel('What you ask for').fill('5,500');
    await offer.getByRole('form').getByRole('button', { name: 'Apply' }).click();
    await offer.getByText('Not sent: the message and the amount').waitFor();
    await picture('02-applied-twice');
    await page.unroute(lists);
    await offer.getByRole('button', { name: 'Open the deal' }).click();
    await influencer.log().getByText('I live where it rains.').waitFor();
    assert.equal(await influencer.log().getByText('Once more.').count(), 0);
    await table.arrive('initial');
  });

  await keep('a double click is one click', async () => {
    const clicks = count(page, '/actions/accept_application');
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
    assert.equal(await brand.root.locator('[name="price"]').inputValue(), 'a lot');
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
    const words = await deal.getByRole('img', { name: 'The machine of a deal' }).locator('desc').textContent();
    assert.match(words ?? '', /is in Price offered\. The way so far: New application, Setting the price, /);
    assert.match(words ?? '', /Accept price \(the influencer\) leads to Waiting for payment/);
    await picture('03-picture');
  });

  await keep('a payment at the provider’s page, in its own tab, moves both sides on by itself', async () => {
    await influencer.isTold('You receive ₹4,500 when the work is approved: ₹5,000 less the fee of 10 %');
    await influencer.press('accept_price');
    await picture('03-asked-once');
    await influencer.root.getByRole('button', { name: 'Not now' }).click();
    assert.equal(await table.here(), 'influencer_price_response');
    await influencer.agree('accept_price');
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
    const { scroll, client } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollHeight,
      client: document.documentElement.clientHeight,
    }));
    assert.equal(scroll, client, 'the page is as high as the window, and scrolls nowhere');
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
    assert.match(page.url(), /\/play\/cases\//);
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
      const sent = count(page, '/actions/start_work');
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

  await keep('while nothing can be read, one banner says it for the whole page', async () => {
    troubles.expected = true;
    await page.route('**/api/**', (route) => route.abort());
    await page.reload();
    const banner = page.locator('[data-outage]');
    await banner.waitFor({ timeout: 30_000 });
    await until(
      () => page.getByLabel(/^Reading /).count(),
      (reading) => reading === 0,
      'everything has been tried',
      30_000,
    );
    assert.equal(await banner.count(), 1);
    assert.equal(await page.getByRole('alert').count(), 0);
    await picture('06-outage');
    await page.unroute('**/api/**');
    await banner.waitFor({ state: 'detached', timeout: 30_000 });
    await table.arrive('work_in_progress');
    troubles.expected = false;
  });

  await keep('while nobody carries out what was promised the page says so, and goes on answering', async () => {
    const { worker } = pids();
    // Frozen, so that nobody starts another one in its place.
    process.kill(worker, 'SIGSTOP');
    try {
      const banner = page.locator('[data-waiting]');
      await banner.getByText('what follows from them waits').waitFor({ timeout: 60_000 });
      await until(() => violations(page), isEmpty, 'axe finds nothing while something waits');
      await picture('06-waiting');
      assert.equal(await banner.count(), 1);
      assert.equal(await brand.status(), 'Live');
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await page.locator('[data-waiting]').waitFor({ state: 'detached', timeout: 60_000 });
  });

  await keep('work says when it is due, from when it may be cancelled, and when it ends', async () => {
    await deal.getByText('Work is due in').waitFor();
    const days = async (name: string) => {
      const at = await deal.locator(`[data-instant="${name}"] time`).getAttribute('datetime');
      return Math.round((Date.parse(at ?? '') - Date.now()) / 86_400_000);
    };
    assert.match((await deal.getByRole('timer').textContent()) ?? '', /^13 d /);
    assert.deepEqual([await days('late_from'), await days('ends')], [17, 20]);
  });

  await keep('work is sent, a revision asked for, and the money released less the fee', async () => {
    await influencer.press('submit_work');
    await influencer.fill('submit_work', 'https://drive.example/first');
    await brand.press('request_revision');
    await brand.fill('request_revision', 'More rain, please.');
    await influencer.log().getByText('More rain, please.').waitFor();
    const link = brand.log().getByRole('link', { name: 'https://drive.example/first' });
    assert.equal(await link.first().getAttribute('href'), 'https://drive.example/first');
    await brand.root.getByText('You can write to each other once').waitFor();
    await influencer.press('submit_work');
    await influencer.fill('submit_work', 'https://drive.example/second');
    await brand.isTold('The influencer receives ₹4,500 of what is in escrow, and ₹500 is the fee.');
    await brand.agree('approve_work');
    await table.arrive('real_time');
    await deal.getByTestId('outcome').getByText('Paid').waitFor();
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
    await page.goto(`${url}/play`);
    await page.reload();
    await influencer.root.getByRole('tab', { name: 'Market' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the two sides');
    assert.ok(await page.getByText('Skip to the two sides').evaluate((link) => link.getBoundingClientRect().top >= 0));
    await page.keyboard.press('Enter');
    await tabTo(page, 'Cases');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Bids', 'ArrowRight');
    await influencer.root.getByRole('tab', { name: 'Cases' }).focus();
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
    await brand.root.locator('[name="price"]').fill('5000.50');
    await brand.isTold('You pay ₹5,000.50 into escrow; the influencer receives ₹4,500.45');
    await brand.fill('send_final_offer', '5000.50');
    await influencer.button('accept_final_offer').getByText('₹5,000.50').waitFor();
    await picture('09-negotiated');
    for (const side of [brand, influencer])
      await until(
        () => fromEnd(side),
        (px) => px < 2,
        'the last message is in sight',
      );
    await influencer.agree('accept_final_offer');
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
      for (const tab of ['The case', 'Influencer']) {
        await page.getByRole('tab', { name: tab }).click();
        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        assert.equal(scroll, client, `${tab} fits`);
        await picture(tab === 'The case' ? '11-phone-deal' : '12-phone-influencer');
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
    await influencer.isTold(
      'Without a ruling in time: ₹2,250.23 to you (after a fee of ₹250.02), ₹2,500.25 back to the brand owner.',
    );
    await brand.press('dispute_statement');
    await brand.fill('dispute_statement', 'It opens on Monday.');
    await influencer.log().getByText('It opens on Monday.').waitFor();
    const desk = await context.newPage();
    const seen = watch(desk, url);
    await desk.goto(`${url}/ops/tasks`);
    await desk.getByLabel('Handle').fill(admin.handle);
    await desk.locator('[name="password"]').fill(admin.password);
    await desk.getByRole('button', { name: 'Sign in' }).click();
    const task = desk.getByRole('article', { name: 'Dispute' });
    for (const known of ['Travel reels', 'One reel about the old bridge.', '₹5,000.50']) {
      await task.getByText(known, { exact: true }).first().waitFor();
    }
    await task.getByRole('button', { name: 'Take it up' }).click();
    await task.getByText('You are at it: nobody else decides meanwhile.').waitFor();
    await task.getByText('Notes, and who did what').click();
    await task.getByLabel('A note').fill('Asked both by telephone.');
    await task.getByRole('button', { name: 'Write it down' }).click();
    const notes = task.getByRole('list', { name: 'Notes' });
    await notes.getByText('Taken up.').waitFor();
    await notes.getByText('Asked both by telephone.').waitFor();
    const wrote = (side: string) => task.getByRole('region', { name: `What the ${side} wrote` });
    await wrote('influencer').getByText('The bridge is closed.').waitFor();
    await wrote('influencer').getByText('demo_influencer').first().waitFor();
    await wrote('brand owner').getByText('It opens on Monday.').waitFor();
    for (let press = 0; press < 5; press += 1) await task.getByRole('slider').press('ArrowLeft');
    await task
      .getByText('₹2,025.20 to the influencer (after a fee of ₹225.02), ₹2,750.28 back to the brand owner.')
      .waitFor();
    await task.getByLabel('Why').fill('Some of it was made.');
    await until(() => violations(desk), isEmpty, 'axe finds nothing');
    if (pictures) await desk.screenshot({ path: join(pictures, '13-dispute.png') });
    await task.locator('form [data-button="resolve_dispute"]').click();
    await desk.getByText('Nothing waits for you.').waitFor();
    await desk.getByText('Decided', { exact: true }).click();
    await desk.getByText('Ruled: 45 % released, the rest given back.').waitFor();
    assert.doesNotMatch((await desk.getByRole('main').textContent()) ?? '', /[{}]/);
    assert.equal(await desk.title(), 'Tasks · Tandem');
    assert.deepEqual(seen.seen, []);
    await desk.close();
    await table.arrive('real_time');
    await deal.getByText('45 % released').waitFor();
    await deal.getByTestId('outcome').getByText('Split').waitFor();
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

  await keep('an account sits only where its role does, and is told where that is', async () => {
    await brand.root.locator('[data-balance]').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await brand.root.getByLabel('Handle').fill('demo_influencer');
    await brand.root.locator('[name="password"]').fill('tandem-demo');
    await brand.root.getByRole('button', { name: 'Sign in', exact: true }).click();
    await brand.root
      .getByText('The account demo_influencer is an influencer’s, who sits on the right. Here sits a brand owner')
      .waitFor();
    await picture('15-wrong-side');
    await brand.root.getByRole('button', { name: 'Sign in as demo_brand' }).click();
    await until(
      () => brand.root.locator('[data-status]').count(),
      (times) => times === 1,
      'signed in',
    );
    await table.arrive('real_time');
  });

  await keep('a title as long as may be leaves its badge whole', async () => {
    const before = page.url();
    await page.goto(`${url}/play`);
    await brand.tab('Market');
    await brand.root.getByText('Campaigns', { exact: true }).click();
    await brand.root.getByRole('button', { name: 'Post a campaign' }).click();
    const long = `${'Monsoon'.repeat(20)} and more`;
    await brand.root.getByLabel('Title').fill(long);
    await brand.root.getByLabel('Description').fill('Long.');
    await brand.root.getByLabel('Budget').fill('20000');
    await brand.root.getByRole('button', { name: 'Post the campaign' }).click();
    await influencer.tab('Market');
    await influencer.root.getByText('Campaigns', { exact: true }).click();
    const offer = influencer.root.getByRole('article', { name: long });
    await offer.getByRole('button', { name: 'Apply' }).click();
    await offer.getByLabel('Message').fill('I would love to.');
    await offer.getByLabel('What you ask for').fill('6000');
    await offer.getByRole('form').getByRole('button', { name: 'Apply' }).click();
    await table.arrive('initial');
    await brand.root.getByRole('button', { name: 'Back to the list' }).click();
    await brand.tab('Cases');
    const badge = brand.root.locator('[data-case]').filter({ hasText: 'MonsoonMonsoon' }).getByText('Your turn');
    await badge.waitFor();
    const { needs, has } = await badge.evaluate(({ scrollWidth, clientWidth }) => ({
      needs: scrollWidth,
      has: clientWidth,
    }));
    assert.ok(needs <= has, `the badge has ${has} px of ${needs}`);
    await picture('16-long-title');
    await page.goto(before);
    await table.arrive('real_time');
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
    await brand.root.getByText('What is open is not this account’s.').waitFor();
    await brand.tab('Cases');
    await brand.root.getByText('No deals yet.').waitFor();
  });

  await keep('what staff looks at is read anew all the while, as no socket tells it', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/ops/cases`);
    await desk.getByLabel('Handle').fill(admin.handle);
    await desk.locator('[name="password"]').fill(admin.password);
    await desk.getByRole('button', { name: 'Sign in' }).click();
    await desk.getByLabel('Search').fill('travel');
    await desk.waitForURL(/q=travel/);
    await desk.locator('[data-case]').filter({ hasText: 'Travel reels' }).click();
    await desk.getByRole('heading', { name: 'Settled, chat open' }).waitFor();
    const id = desk.url().split('/').at(-1);
    const reads = count(desk, `/api/processes/${id}`);
    await until(reads, (times) => times >= 3, 'it is read for the third time');
    await desk.goBack();
    assert.equal(await desk.getByLabel('Search').inputValue(), 'travel');
    await desk.close();
  });

  await keep('a trade is brought, paid and released by the same page, which knows nothing of trades', async () => {
    await influencer.root.locator('[data-balance]').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await brand.root.locator('[data-balance]').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.goto(`${url}/play`);
    await page.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    const bring = page.getByRole('form', { name: 'Bring me a case' });
    await bring.getByLabel('Bring me a case where').selectOption('trade:opened');
    await bring.getByRole('button', { name: 'Bring it' }).click();
    await brand.root.getByText('Pay 2150 INR by UPI, and say so here.').waitFor();
    await brand.root.getByText('seller@bank').waitFor();
    await table.arrive('awaiting_payment');
    await picture('17-trade');
    await brand.agree('confirm');
    await influencer.isTold('25 USDT to the buyer.');
    await until(() => violations(page), isEmpty, 'axe finds nothing');
    await influencer.agree('release');
    await table.arrive('released');
    await deal.getByTestId('outcome').getByText('Released').waitFor();
    await table.hasMoved('Hold −25 USDT', 'Wallet +25 USDT');
    await picture('18-trade-released');
  });

  await keep('a deal is brought to where one wants it, and its clock moved on until it ends by itself', async () => {
    await page.getByRole('button', { name: 'Start over' }).click();
    const bring = page.getByRole('form', { name: 'Bring me a case' });
    await bring.getByLabel('Bring me a case where').selectOption('deal:submitted');
    await bring.getByRole('button', { name: 'Bring it' }).click();
    await table.arrive('work_submitted');
    await page.getByLabel('How far to move the clock').selectOption('P14D');
    await page.getByRole('button', { name: 'Move its clock on' }).click();
    await table.arrive('real_time');
    await deal.getByTestId('outcome').getByText('Paid').waitFor();
    await deal.getByText('The machine in words').click();
    await deal.getByText('Clock moved by time').waitFor();
    await picture('19-clock');
  });

  await keep(
    'in the workspace one person finds their work, its money and what waits for them, and comes back to it',
    async () => {
      const desk = await context.newPage();
      const seen = watch(desk, url);
      const shot = (name: string) => (pictures ? desk.screenshot({ path: join(pictures, `${name}.png`) }) : undefined);
      await desk.goto(`${url}/app`);
      await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
      await isCalled(desk, 'Work');
      await desk.reload();
      await isCalled(desk, 'Work');
      await desk.getByText('Done', { exact: true }).click();
      await desk.waitForURL(/view=done/);
      await desk.locator('[data-case]').first().waitFor();
      await shot('20-work');
      await desk.reload();
      await desk.locator('[data-case]').first().focus();
      await desk.keyboard.press('Enter');
      await desk.getByRole('tab', { name: 'History' }).waitFor();
      const focus = await desk.evaluate(() => document.activeElement?.id);
      assert.equal(focus, 'room', 'whoever opens a case by keyboard goes on from its top');
      await desk.goBack();
      await desk.waitForURL(/view=done/);
      await desk.locator('[data-case]').first().click();
      await desk.getByRole('tab', { name: 'History' }).click();
      await desk.getByText('The sandbox’s clock was moved on by 14 days.').waitFor();
      await shot('21-history');
      await desk.reload();
      await desk.getByText('The sandbox’s clock was moved on by 14 days.').waitFor();
      for (const tab of ['Overview', 'Conversation', 'Money', 'Process']) {
        await desk.getByRole('tab', { name: tab }).click();
        await until(() => violations(desk), isEmpty, `axe finds nothing in ${tab}`);
        await shot(`22-case-${tab.toLowerCase()}`);
      }
      await desk.getByRole('link', { name: 'Money', exact: true }).click();
      await desk.getByRole('tab', { name: 'To try things with' }).click();
      await desk.getByRole('form', { name: 'The sandbox’s faucet' }).getByRole('button', { name: 'Pour' }).click();
      await desk.getByRole('row').filter({ hasText: '₹1,000.00' }).first().waitFor();
      await until(() => violations(desk), isEmpty, 'axe finds nothing in Money');
      await shot('23-money');
      for (const room of ['Inbox', 'Messages', 'Discover']) {
        await desk.getByRole('link', { name: room, exact: room !== 'Inbox' && room !== 'Tasks' }).click();
        await desk.waitForFunction((title) => document.title.startsWith(title), room);
        await until(() => violations(desk), isEmpty, `axe finds nothing in ${room}`);
        await shot(`24-${room.toLowerCase()}`);
      }
      await desk.setViewportSize(PHONE);
      await desk.emulateMedia({ colorScheme: 'dark' });
      for (const room of ['Work', 'Inbox', 'Messages', 'Money', 'Discover']) {
        await desk.getByRole('link', { name: room, exact: room !== 'Inbox' && room !== 'Tasks' }).click();
        await desk.waitForFunction((title) => document.title.startsWith(title), room);
        await until(() => violations(desk), isEmpty, `axe finds nothing in ${room} on a phone in the dark`);
        assert.equal(await wider(desk), 0, `${room} fits`);
        await shot(`25-phone-${room.toLowerCase()}`);
      }
      assert.deepEqual(seen.seen, []);
      await desk.close();
    },
  );

  await keep('money comes in by a top-up, which is a case that is paid at the checkout', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/money`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    const form = desk.getByRole('form', { name: 'Top up' });
    await form.getByLabel('How much').fill('25');
    await form.getByText('25 TOKEN are yours as soon as it is paid.').waitFor();
    await form.getByText(/^You pay ₹[\d,.]+ at the provider’s page/).waitFor();
    await form.getByRole('button', { name: 'Top up' }).click();
    await desk.getByRole('heading', { name: 'Waiting for payment' }).waitFor();
    await shoot(desk, '26-top-up');
    const opened = context.waitForEvent('page');
    await desk.getByRole('link', { name: /^Pay ₹[\d,.]+ at the checkout/ }).click();
    await table.payBy('pay', opened);
    await desk.getByTestId('outcome').getByText('Paid').waitFor();
    await desk.getByRole('link', { name: 'Money', exact: true }).click();
    await desk.getByRole('row').filter({ hasText: '+25 TOKEN' }).first().waitFor();
    await desk.close();
  });

  await keep('money leaves by a payout: papers, where to, what arrives, and it may be taken back', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/money?way=try`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await desk.getByLabel('Money to try things with').fill('200000');
    await desk.getByRole('button', { name: 'Pour' }).click();
    await desk.getByRole('row').filter({ hasText: '+₹2,00,000.00' }).first().waitFor();
    await desk.getByRole('tab', { name: 'Pay out' }).click();
    await desk.getByLabel('Your name, as your bank has it').fill('Asha Rao');
    await desk.getByRole('button', { name: 'Show your papers' }).click();
    await desk.getByRole('button', { name: 'Add it' }).click();
    const form = desk.getByRole('form', { name: 'Pay out' });
    await form.getByLabel('Where to').getByText('Asha Rao').waitFor({ state: 'attached' });
    await form.getByLabel('How much').fill('1000000.00');
    await form.getByText('The wallet does not hold this amount.').waitFor();
    // So much that staff looks at it first: it waits, and is not on its way before it is taken back.
    await form.getByLabel('How much').fill('150000');
    await form.getByText(/₹[\d,.]+ arrive, after a fee of ₹[\d,.]+\. Staff looks at it first\./).waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a payout');
    await shoot(desk, '27-pay-out');
    await form.getByRole('button', { name: 'Pay out' }).click();
    await desk.getByRole('heading', { name: 'Asked for' }).waitFor();
    await shoot(desk, '27-payout');
    await desk.locator('[data-button="more"]').click();
    await desk.getByRole('menuitem', { name: 'Cancel' }).click();
    await desk.locator('form').getByText('₹1,50,000 back into your wallet, and no fee.').waitFor();
    await desk.locator('form [data-button="cancel"]').click();
    await desk.getByTestId('outcome').getByText('Cancelled').waitFor();
    await desk.close();
  });

  await keep('one writes to one, and makes a group of several; what is said is there at once', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/messages/new`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    const form = desk.getByRole('form', { name: 'Write to somebody' });
    await form.getByLabel('To whom').fill('demo_brand');
    await form.getByLabel('Message').fill('Shall we walk in the rain?');
    await form.getByRole('button', { name: 'Send' }).click();
    await desk.getByRole('log').getByText('Shall we walk in the rain?').waitFor();
    await desk.getByRole('textbox', { name: 'Message' }).fill('On Monday.');
    await desk.keyboard.press('Enter');
    await desk.getByRole('log').getByText('On Monday.').waitFor();
    await desk.getByRole('link', { name: 'Write to somebody' }).click();
    await form.getByLabel('To whom').fill('demo_brand');
    await form.getByLabel('A name for the group').fill('Rain walkers');
    await form.getByLabel('Message').fill('Hello all.');
    await form.getByRole('button', { name: 'Send' }).click();
    await desk.getByRole('heading', { name: 'Rain walkers' }).waitFor();
    await desk.getByRole('log').getByText('Hello all.').waitFor();
    await desk.getByRole('textbox', { name: 'Message' }).fill('@demo_brand, bring boots.');
    await desk.keyboard.press('Enter');
    await desk.getByRole('log').getByText('@demo_brand, bring boots.').waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a conversation');
    await shoot(desk, '28-messages');
    await desk.setViewportSize(PHONE);
    assert.equal(await wider(desk), 0, 'a conversation fits');
    await shoot(desk, '28-phone-messages');
    await desk.setViewportSize(WIDE);
    await desk.getByLabel('Find', { exact: true }).fill('rain');
    await desk.keyboard.press('Enter');
    await desk.getByRole('region', { name: 'Messages' }).getByRole('link', { name: 'Rain walkers' }).waitFor();
    await shoot(desk, '29-found');
    await desk.close();
  });

  await keep('one inbox has what is one’s turn, what was said and not read, and who named one', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/inbox`);
    await desk.getByRole('button', { name: 'Sign in as demo_brand' }).click();
    const unread = desk.getByRole('region', { name: 'Unread conversations' });
    await unread.getByRole('link', { name: 'Rain walkers' }).waitFor();
    const named = desk.getByRole('region', { name: 'Mentions' }).getByRole('article');
    await named.getByText('demo_influencer mentioned you').waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the inbox');
    await shoot(desk, '29-inbox');
    await named.getByRole('link', { name: 'Open it' }).click();
    await desk.getByRole('log').getByText('@demo_brand, bring boots.').waitFor();
    await desk.getByRole('link', { name: 'Inbox' }).click();
    await unread.getByRole('link', { name: 'Rain walkers' }).waitFor({ state: 'detached' });
    await desk.getByRole('region', { name: 'Mentions' }).waitFor({ state: 'detached' });
    await desk.close();
  });

  await keep('staff sees which parts are there, what is at risk, and that the books are right', async () => {
    const desk = await context.newPage();
    const shot = (name: string) => (pictures ? desk.screenshot({ path: join(pictures, `${name}.png`) }) : undefined);
    await desk.goto(`${url}/ops`);
    await desk.getByLabel('Handle').fill(admin.handle);
    await desk.locator('[name="password"]').fill(admin.password);
    await desk.getByRole('button', { name: 'Sign in' }).click();
    await desk.getByText('All parts are there.').waitFor();
    const ready = await desk.getByRole('link', { name: /^Holding money/ }).getAttribute('href');
    assert.equal(
      new URL(ready ?? '').searchParams.get('query'),
      "ExecutionStatus = 'Running' AND TandemHeld > 0",
      'the list of workflows is asked what matters',
    );
    await shot('30-health');
    await desk.getByRole('link', { name: 'Money', exact: true }).click();
    await desk.getByText(/^All \d+ checks hold/).waitFor();
    await shot('31-books');
    for (const [viewport, scheme] of [
      [WIDE, 'light'],
      [PHONE, 'dark'],
    ] as const) {
      await desk.setViewportSize(viewport);
      await desk.emulateMedia({ colorScheme: scheme });
      for (const room of ['Health', 'Tasks', 'Cases', 'Money', 'People']) {
        await desk.getByRole('link', { name: room, exact: room !== 'Inbox' && room !== 'Tasks' }).click();
        await desk.waitForFunction((title) => document.title.startsWith(title), room);
        await until(() => violations(desk), isEmpty, `axe finds nothing in ${room}`);
        assert.equal(await wider(desk), 0, `${room} fits`);
        await shot(`32-${room.toLowerCase()}-${scheme}`);
      }
    }
    await desk.close();
  });

  await keep('staff looks through accounts, what moved them and what providers told', async () => {
    const desk = await staffed(context, `${url}/ops/money`, admin);
    await desk.getByRole('tab', { name: 'Provider events' }).click();
    await desk.getByRole('row').filter({ hasText: 'Captured' }).first().waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in provider events');
    await shoot(desk, '33-provider-events');
    await desk.getByRole('tab', { name: 'Accounts' }).click();
    await desk.getByLabel('Search').fill('demo_influencer');
    await desk
      .getByRole('row')
      .filter({ hasText: 'INR' })
      .or(desk.getByRole('row').filter({ hasText: '₹' }))
      .first()
      .waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in accounts');
    await shoot(desk, '33-accounts');
    await desk
      .getByRole('row')
      .filter({ hasText: '₹' })
      .filter({ hasText: 'wallet/' })
      .getByRole('link')
      .first()
      .click();
    const moved = desk.getByRole('article').first();
    await moved
      .getByText(/^[+−]₹/)
      .first()
      .waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in transfers');
    await shoot(desk, '33-transfers');
    await desk.getByRole('tab', { name: 'Reconciliation' }).click();
    const balances = desk.getByRole('region', { name: 'Balances by kind of account' });
    await balances
      .locator('[data-kind="wallet"]')
      .getByText(/₹[\d,.]+/)
      .waitFor();
    await shoot(desk, '33-balances');
    await desk.getByRole('tab', { name: 'Payouts' }).click();
    const pause = desk.getByRole('form', { name: 'Whether payouts leave' });
    await pause.getByLabel('Why').fill('The bank has a bad day.');
    await pause.getByRole('button', { name: 'Let none leave' }).click();
    await pause.getByText(/^No payout leaves since .*: The bank has a bad day\.$/).waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in payouts');
    await shoot(desk, '33-payouts');
    await pause.getByRole('button', { name: 'Let them leave again' }).click();
    await pause.getByText('Payouts leave as they fall due.').waitFor();
    for (const part of ['Reconciliation', 'Accounts', 'Payouts', 'Transfers', 'Provider events']) {
      await desk.setViewportSize(PHONE);
      await desk.getByRole('tab', { name: part }).click();
      assert.equal(await wider(desk), 0, `${part} fits`);
      await shoot(desk, `33-phone-${part.toLowerCase().replace(' ', '-')}`);
    }
    await desk.close();
  });

  await keep('staff finds anybody and anything, writes it down, blocks somebody and lets them in again', async () => {
    const desk = await staffed(context, `${url}/ops`, admin);
    await desk.getByLabel('Find', { exact: true }).fill('demo_infl');
    await desk.keyboard.press('Enter');
    await desk.getByRole('region', { name: 'Cases' }).locator('[data-case]').first().waitFor();
    await shoot(desk, '34-found');
    await desk.locator('[data-person="demo_influencer"]').click();
    const does = desk.getByRole('form', { name: 'What staff does' });
    await does.getByLabel('A note, or why').fill('Asked how payouts work.');
    await does.getByRole('button', { name: 'Write it down' }).click();
    await desk.getByRole('article').getByText('Asked how payouts work.').waitFor();
    await does.getByLabel('A note, or why').fill('Sold followers.');
    await does.getByRole('button', { name: 'Block' }).click();
    await desk.getByText('Blocked: Sold followers.').waitFor();
    await influencer.root.getByRole('button', { name: 'Sign in as demo_influencer' }).waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a person');
    await shoot(desk, '34-person');
    await desk.setViewportSize(PHONE);
    await desk.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await wider(desk), 0, 'a person fits');
    await shoot(desk, '34-phone-person');
    await does.getByLabel('A note, or why').fill('It was a mistake.');
    await does.getByRole('button', { name: 'Let in again' }).click();
    await does.getByRole('button', { name: 'Block' }).waitFor();
    await influencer.root.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await until(
      () => influencer.status(),
      (status) => status === 'Live',
      'live again',
    );
    await desk.close();
  });

  await keep('each door is loaded in less than 200 KB', async () => {
    for (const door of ['play', 'app', 'ops']) {
      const fresh = await context.newPage();
      const sizes: Promise<number>[] = [];
      fresh.on('response', (response) => {
        if (!/\.(js|css)$/.test(new URL(response.url()).pathname)) return;
        const url = response.url();
        sizes.push(
          fetch(url, { headers: { 'accept-encoding': 'br' } }).then((again) =>
            Number(again.headers.get('content-length')),
          ),
        );
      });
      await fresh.goto(`${url}/${door}`);
      await fresh.getByRole('heading', { name: 'Tandem' }).waitFor();
      await fresh.waitForLoadState('networkidle').catch(() => {});
      const total = (await Promise.all(sizes)).reduce((all, each) => all + each, 0);
      process.stdout.write(`      ${door}: ${Math.round(total / 1_024)} KB\n`);
      assert.ok(sizes.length > 0 && total > 0 && total < 200 * 1_024, `${door}: ${total} bytes`);
      await fresh.close();
    }
  });

  await keep('all through this the page broke nowhere, and asked nobody but Tandem', async () => {
    assert.deepEqual(troubles.seen, []);
  });

  await playWatching(context, url, { keep, admin });
  await playTrading(context, url, { keep, admin });
  await playPapers(context, url, { keep });
  await playChargedBack(context, url, { keep, admin });
  await playBreaking(context, url, { keep });
  await playClient(context, url, { keep });
  await playLive(context, url, { keep });
  await playTogether(context, url, { keep });

  await context.close();
  promises.end();
  return promises.failed > 0;
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

/** The tab says where it is. */
async function isCalled(page: Page, name: string): Promise<void> {
  await until(
    () => page.title(),
    (title) => title === `${name} · Tandem`,
    `the tab is called ${name}`,
  );
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
