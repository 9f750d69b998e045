import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import { violations } from './legible.ts';
import { isEmpty, PHONE, shoot, staffed, wider } from './look.ts';
import { type Keep, until } from './promises.ts';
import type { Stack } from './stack.ts';

const ROOM = '/app/discover/trading/ETH-INR';

/** Trading: orders of two people that meet in the book, and an offer that is taken into escrow and disputed. */
export async function playTrading(
  context: BrowserContext,
  url: string,
  { keep, admin }: Keep & { admin: Stack['admin'] },
): Promise<void> {
  const [seller, buyer] = [await context.newPage(), await context.newPage()];

  await keep('two have something to trade with', async () => {
    for (const [desk, handle, asset, amount] of [
      [seller, 'demo_influencer', 'ETH', '2'],
      [buyer, 'demo_brand', 'INR', '500000'],
    ] as const) {
      await desk.goto(`${url}/app/money?way=try`);
      await desk.getByRole('button', { name: `Sign in as ${handle}` }).click();
      await desk.getByLabel('Money to try things with').fill(amount);
      await desk.getByLabel('Of which asset').selectOption(asset);
      await desk.getByRole('button', { name: 'Pour' }).click();
      await desk.locator(`[data-asset="${asset}"]`).waitFor();
      await desk.goto(`${url}${ROOM}`);
    }
  });

  await keep('what one orders lies in the other’s book at once, and what meets it is traded', async () => {
    for (const [price, amount] of [
      ['200100', '0.3'],
      ['200200', '0.5'],
    ] as const)
      await place(seller, 'Sell', price, amount);
    await place(buyer, 'Buy', '199900', '0.4');
    await buyer.locator('[data-level="200100.00"]').waitFor();
    await seller.locator('[data-level="199900.00"]').waitFor();
    await place(buyer, 'Buy', '200100', '0.2');
    await buyer.getByText('traded at once').waitFor();
    for (const desk of [seller, buyer])
      await until(
        () => desk.locator('[data-last]').getAttribute('data-last'),
        (last) => last === '200100.00',
        'the last price is there',
      );
    await buyer.locator('[data-order="filled"]').waitFor();
    await seller.locator('[data-order="partially_filled"]').waitFor();
    await buyer.getByRole('img', { name: /^Depth: / }).waitFor();
    await buyer.getByRole('img', { name: /^1 stretches from 200100/ }).waitFor();
    await until(() => violations(buyer), isEmpty, 'axe finds nothing at a pair');
    await shoot(buyer, '45-trading');
    await seller.locator('[data-order="partially_filled"]').getByRole('button', { name: 'Cancel' }).click();
    await buyer.locator('[data-level="200100.00"]').waitFor({ state: 'detached' });
  });

  await keep('an offer that is taken is a trade, with what it is about in escrow', async () => {
    await seller.getByRole('button', { name: 'Make an offer' }).click();
    const form = seller.getByRole('region', { name: 'Make an offer' });
    await form.getByLabel('At, INR').fill('201000');
    await form.getByLabel('In all').fill('0.5');
    await form.getByLabel('At once, at least').fill('0.1');
    await form.getByLabel('Where to, where you sell').fill('seller@bank');
    await form.getByRole('button', { name: 'Offer it' }).click();
    await seller.getByRole('article', { name: /^Sells 0.5/ }).waitFor();
    await buyer.reload();
    const offer = buyer.getByRole('article', { name: /^Sells 0.5/ });
    await offer.getByLabel('How much, ETH').fill('0.2');
    await shoot(buyer, '46-offer');
    await offer.getByRole('button', { name: 'Buy it, in escrow' }).click();
    await buyer.getByRole('heading', { name: 'Waiting for payment' }).waitFor();
    assert.match(buyer.url(), /\/app\/cases\//);
    await until(() => violations(buyer), isEmpty, 'axe finds nothing in the trade');
    await shoot(buyer, '46-escrow');
    await seller.reload();
    await seller.getByRole('article', { name: /^Sells 0.3/ }).waitFor();
    await seller.setViewportSize(PHONE);
    await seller.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await wider(seller), 0, 'a pair fits');
    await until(() => violations(seller), isEmpty, 'axe finds nothing at a pair in the dark');
    await shoot(seller, '45-phone-trading');
  });

  await keep('an offer that ended in a dispute is ruled on by staff, and each has their part', async () => {
    await buyer.locator('[data-button="confirm"]').click();
    await buyer.locator('form [data-button="confirm"]').click();
    await buyer.getByRole('heading', { name: 'Payment confirmed' }).waitFor();
    await seller.goto(buyer.url());
    await seller.locator('[data-button="more"]').click();
    await seller.getByRole('menuitem', { name: 'Open a dispute' }).click();
    const dispute = seller.getByRole('form', { name: 'Open a dispute' });
    await dispute.getByLabel('What went wrong').fill('Nothing has arrived.');
    await dispute.getByRole('button', { name: 'Open a dispute' }).click();
    await buyer.getByRole('heading', { name: 'In dispute' }).waitFor();
    const desk = await staffed(context, buyer.url().replace('/app/', '/ops/'), admin);
    const ruling = desk.getByRole('form', { name: 'Rule' });
    await ruling.getByLabel('Why').fill('Half of it was paid.');
    await ruling.getByRole('button', { name: 'Rule' }).click();
    for (const each of [buyer, seller]) {
      await each.getByRole('heading', { name: 'Split' }).waitFor();
      await each.getByRole('tab', { name: 'Money' }).click();
      await each.getByText('+0.1 ETH').first().waitFor();
    }
    for (const each of [seller, buyer, desk]) await each.close();
  });
}

async function place(desk: Page, way: 'Buy' | 'Sell', price: string, amount: string): Promise<void> {
  const form = desk.getByRole('form', { name: 'An order' });
  await form.getByText(way, { exact: true }).click();
  await form.getByLabel('Price, INR').fill(price);
  await form.getByLabel('Amount, ETH').fill(amount);
  // Of the table: headings have such an attribute too.
  const orders = desk.locator('tr[data-order]');
  const before = await orders.count();
  await form.getByRole('button', { name: `${way} ETH` }).click();
  await until(
    () => orders.count(),
    (many) => many === before + 1,
    'the order is there',
  );
}
