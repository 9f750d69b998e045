import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { WIDE } from './launch.ts';
import { violations } from './legible.ts';
import { isEmpty, PHONE, shoot, wider } from './look.ts';
import { type Keep, until } from './promises.ts';
import { Table } from './table.ts';

/** What is left of money once it has moved: invoices, what a payout was earned from, and the statement as one asks for it. */
export async function playPapers(context: BrowserContext, url: string, { keep }: Keep): Promise<void> {
  const [play, desk] = [await context.newPage(), await context.newPage()];
  const table = new Table(context, play);

  await keep('a deal that was released has an invoice, which is read in the page and printed alone', async () => {
    await play.goto(`${url}/play`);
    await play.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    await bring(play, 'deal:approved');
    await table.hasMoved('Escrow −₹5,000.00', 'Fee +₹500.00', 'Wallet +₹4,500.00');
    await desk.goto(`${url}/app/money?part=invoices`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    const newest = (kind: string) => desk.locator(`[data-invoice="${kind}"]`).first();
    await newest('deal_fee').getByText('Tandem to demo_influencer').waitFor();
    await newest('deal').getByText('demo_influencer to demo_brand').waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the invoices');
    await shoot(desk, '60-invoices');
    await newest('deal').getByRole('link').click();
    const paper = desk.getByRole('article', { name: /^Invoice / });
    await paper.locator('[data-total="5000.00"]').getByText('₹5,000.00').waitFor();
    await paper.getByText('by demo_influencer to demo_brand').waitFor();
    await desk.waitForFunction(() => /^Invoice \S+ · Tandem$/.test(document.title));
    await until(() => violations(desk), isEmpty, 'axe finds nothing in an invoice');
    await shoot(desk, '61-invoice');
    await desk.emulateMedia({ media: 'print' });
    assert.ok(await paper.getByText('₹5,000.00').first().isVisible(), 'what is due is printed');
    for (const [what, left] of [
      ['the header', desk.getByRole('banner')],
      ['the rooms', desk.getByRole('navigation', { name: 'Rooms' })],
      ['the button that prints', paper.getByRole('button', { name: 'Print it' })],
    ] as const)
      assert.ok(!(await left.isVisible()), `${what} is not printed`);
    await shoot(desk, '61-invoice-printed');
    await desk.emulateMedia({ media: 'screen' });
    // Back in the browser is back in the list, at the part that was open.
    await desk.goBack();
    await newest('deal').waitFor();
  });

  await keep('a payout that was paid has a statement whose lines sum to what arrived', async () => {
    await play.goto(`${url}/play`);
    await bring(play, 'payout:asked');
    await table.deal.getByTestId('outcome').getByText('Paid').waitFor({ timeout: 60_000 });
    await desk.goto(`${url}/app/money?part=payouts`);
    const newest = desk.locator('[data-payout="paid"]').first();
    await newest.waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the payouts');
    await shoot(desk, '62-payouts');
    await newest.getByRole('link', { name: 'Statement' }).click();
    const paper = desk.getByRole('article', { name: 'Statement of a payout' });
    await paper.getByText('To demo_influencer').waitFor();
    await paper.getByRole('row').filter({ hasText: 'Left the wallet' }).getByText('₹500.00').waitFor();
    const net = await sumsUp(paper);
    assert.ok(net > 0n && net < 50_000n, `${net} paise have arrived, and a fee was taken`);
    assert.equal(await paper.getByRole('alert').count(), 0);
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a statement');
    await shoot(desk, '62-payout-statement');
    await desk.setViewportSize(PHONE);
    assert.equal(await wider(desk), 0, 'a statement fits');
    await shoot(desk, '62-phone-payout-statement');
    await desk.setViewportSize(WIDE);
  });

  await keep('a payout that came back has a second statement, which takes all of the first back', async () => {
    await desk.goto(`${url}/app/money?way=out&part=payouts`);
    await desk.getByRole('button', { name: 'Be paid somewhere else' }).click();
    const place = desk.getByRole('form', { name: 'Add where you are paid' });
    await place.getByLabel('Account').fill('reverses');
    await place.getByRole('button', { name: 'Add it' }).click();
    const form = desk.getByRole('form', { name: 'Pay out' });
    await form.getByLabel('How much').fill('200');
    await form.getByText(/arrive, after a fee of/).waitFor();
    await form.getByRole('button', { name: 'Pay out' }).click();
    await desk.getByTestId('outcome').getByText('Came back').waitFor({ timeout: 60_000 });
    const sums: bigint[] = [];
    for (const [link, title] of [
      ['Statement', 'Statement of a payout'],
      ['Taken back', 'Statement of a payout that came back'],
    ] as const) {
      await desk.goto(`${url}/app/money?part=payouts`);
      await desk.locator('[data-payout="reversed"]').first().getByRole('link', { name: link }).click();
      sums.push(await sumsUp(desk.getByRole('article', { name: title, exact: true })));
      await shoot(desk, `63-${link === 'Statement' ? 'paid' : 'came-back'}`);
    }
    const [arrived = 0n, back = 0n] = sums;
    assert.ok(arrived > 0n);
    assert.equal(back, -arrived);
  });

  await keep('the statement shows one kind, or some days, and is the same after a reload and as a file', async () => {
    await desk.goto(`${url}/app/money`);
    const statement = desk.getByRole('region', { name: 'Statement', exact: true });
    const kinds = () =>
      statement.locator('tr[data-line]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-line')));
    await until(kinds, (seen) => new Set(seen).size > 1, 'lines of several kinds');
    await shoot(desk, '64-statement');
    await statement.getByLabel('Kind').selectOption('money_released');
    const onlyReleased = (seen: readonly unknown[]) =>
      seen.length > 0 && seen.every((kind) => kind === 'money_released');
    await until(kinds, onlyReleased, 'what was released, and nothing else');
    await desk.waitForURL(/kind=money_released/);
    await statement.getByLabel('From').fill(dayFromNow(1));
    await statement.getByText('Nothing came or went so.').waitFor();
    await statement.getByLabel('From').fill(dayFromNow(0));
    await until(kinds, onlyReleased, 'what was released today');
    await statement.getByLabel('Until').fill(dayFromNow(0));
    await until(kinds, onlyReleased, 'today is asked for whole');
    await desk.reload();
    const shown = await until(kinds, onlyReleased, 'the same after a reload');
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a filtered statement');
    await shoot(desk, '64-statement-filtered');
    const handed = desk.waitForEvent('download');
    await statement.getByRole('button', { name: 'As a CSV file' }).click();
    const file = await handed;
    assert.equal(file.suggestedFilename(), 'statement.csv');
    const [names = '', ...lines] = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.equal(lines.length, shown.length);
    const kind = names.split(',').indexOf('kind');
    assert.ok(kind >= 0, `a column says which kind: ${names}`);
    for (const line of lines) assert.equal(line.split(',')[kind], 'money_released');
    await statement.getByRole('button', { name: 'All of it' }).click();
    await until(kinds, (seen) => new Set(seen).size > 1, 'all of it again');
    assert.doesNotMatch(desk.url(), /kind=|from=/);
    for (const each of [play, desk]) await each.close();
  });
}

async function bring(page: Page, name: string): Promise<void> {
  await page.getByLabel('Bring me a case where').selectOption(name);
  await page.getByRole('button', { name: 'Bring it' }).click();
  await page.getByTestId('state').waitFor({ timeout: 60_000 });
}

/** What a paper says that its lines come to, once they do; in paise. */
async function sumsUp(paper: Locator): Promise<bigint> {
  const said = paise(await paper.locator('[data-sum]').getAttribute('data-sum'));
  const lines = await paper
    .locator('[data-line]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-line')));
  assert.ok(lines.length > 1, 'what was earned, and the fee');
  assert.equal(
    lines.reduce((sum, amount) => sum + paise(amount), 0n),
    said,
  );
  return said;
}

function paise(amount: string | null): bigint {
  assert.match(amount ?? '', /^-?\d+\.\d\d$/);
  return BigInt((amount ?? '').replace('.', ''));
}

/** A day as a date field takes it: today, or so many later. */
function dayFromNow(later: number): string {
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + later, 12);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
