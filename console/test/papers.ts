import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { violations } from './legible.ts';
import { isEmpty, PHONE, shoot, wider } from './look.ts';
import { type Keep, until } from './promises.ts';

/** The papers of money: what came and went, invoices, and what a payout was earned from. */
export async function playPapers(context: BrowserContext, url: string, { keep }: Keep): Promise<void> {
  const desk = await context.newPage();

  await keep('what was paid out has a statement whose lines sum to what arrived, to be printed', async () => {
    const play = await context.newPage();
    await play.goto(`${url}/play`);
    await play.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    await bring(play, 'payout:asked');
    await play.getByLabel('How far to move the clock').selectOption('P1D');
    await play.getByRole('button', { name: 'Move its clock on' }).click();
    await until(
      () => play.getByTestId('state').textContent(),
      (state) => /paid/i.test(state ?? ''),
      'it is paid',
    );
    await play.goto(`${url}/play`);
    await bring(play, 'deal:approved');
    await play.getByText('Money released').first().waitFor();
    await play.close();

    await desk.goto(`${url}/app/money?part=payouts`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await desk.locator('[data-payout="paid"]').first().getByRole('link', { name: 'Statement' }).click();
    const net = await desk.locator('[data-sum]').getAttribute('data-sum');
    const lines = await desk
      .locator('[data-line]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('data-line')));
    assert.ok(lines.length >= 2, 'what was earned, and the fee');
    assert.equal(sumOf(lines).toFixed(2), net);
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a payout’s statement');
    await shoot(desk, '60-payout-statement');
    await desk.emulateMedia({ media: 'print' });
    assert.equal(await desk.getByRole('button', { name: 'Print it' }).isVisible(), false);
    assert.equal(await desk.getByRole('navigation', { name: 'Rooms' }).isVisible(), false);
    await shoot(desk, '60-printed');
    await desk.emulateMedia({ media: null });
  });

  await keep('each fee and each deal has an invoice, with the case that it is of', async () => {
    await desk.getByRole('link', { name: 'All payouts' }).click();
    await desk.getByRole('tab', { name: 'Invoices' }).click();
    // They are numbered a little after the money moved.
    await until(
      async () => {
        await desk.reload();
        await desk.locator('[data-invoice]').first().waitFor();
        return desk
          .locator('[data-invoice]')
          .evaluateAll((all) => all.map((each) => each.getAttribute('data-invoice')));
      },
      (kinds) => ['deal', 'deal_fee', 'payout_fee'].every((kind) => kinds.includes(kind)),
      'there is one of each kind',
    );
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the invoices');
    await shoot(desk, '61-invoices');
    await desk.locator('[data-invoice="deal"]').first().getByRole('link').click();
    await desk.locator('[data-total]').waitFor();
    await shoot(desk, '61-invoice');
    await desk.getByRole('link', { name: 'this case' }).click();
    await desk.getByTestId('state').waitFor();
  });

  await keep('a statement is looked through by kind and by day, and taken along as a file', async () => {
    await desk.goto(`${url}/app/money`);
    await desk.locator('[data-line="money_released"]').first().waitFor();
    await desk.getByLabel('Kind', { exact: true }).selectOption('money_released');
    await until(
      () =>
        desk
          .locator('[data-line]')
          .evaluateAll((all) => [...new Set(all.map((each) => each.getAttribute('data-line')))]),
      (kinds) => kinds.join() === 'money_released',
      'only what was released is left',
    );
    const file = desk.waitForEvent('download');
    await desk.getByRole('button', { name: 'As a CSV file' }).click();
    const text = await readFile(await (await file).path(), 'utf8');
    const [head, ...lines] = text.trim().split('\r\n');
    assert.match(head ?? '', /^id,transaction_id,/);
    assert.equal(lines.length, await desk.locator('[data-line]').count());
    assert.ok(lines.every((line) => line.includes('money_released')));
    await desk.getByLabel('Until').fill('2020-01-01');
    await desk.getByText('Nothing came or went so.').waitFor();
    assert.match(desk.url(), /kind=money_released.*until=2020-01-01/);
    await desk.getByRole('button', { name: 'All of it' }).click();
    await desk.locator('[data-line="faucet"]').first().waitFor();
    await shoot(desk, '62-statement');
    await desk.setViewportSize(PHONE);
    await desk.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await wider(desk), 0, 'the money room fits');
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the money room in the dark');
    await shoot(desk, '62-phone-statement');
    await desk.close();
  });
}

async function bring(play: Page, name: string): Promise<void> {
  await play.getByLabel('Bring me a case where').selectOption(name);
  await play.getByRole('button', { name: 'Bring it' }).click();
  // Many requests, one after the other.
  await play.getByTestId('state').waitFor({ timeout: 60_000 });
}

function sumOf(amounts: readonly (string | null)[]): number {
  return amounts.reduce((sum, amount) => sum + Number(amount), 0);
}
