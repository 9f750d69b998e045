import type { BrowserContext, Page } from 'playwright-core';
import { violations } from './legible.ts';
import { isEmpty, shoot } from './look.ts';
import { type Keep, until } from './promises.ts';

/** The sandbox's own doings: parts that are broken and come back, and a table at which nothing has happened yet. */
export async function playBreaking(context: BrowserContext, url: string, { keep }: Keep): Promise<void> {
  const page = await context.newPage();

  await keep('a part that is broken is seen to go and to come back, and what was under way goes on', async () => {
    await page.goto(`${url}/play`);
    await page.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    await page.getByText('Break a part and watch it come back').click();
    for (const name of ['worker', 'temporal', 'redis', 'postgres', 'api']) await breakPart(page, name);
    await page.getByRole('list', { name: 'Parts' }).scrollIntoViewIfNeeded();
    await until(() => violations(page), isEmpty, 'axe finds nothing in the parts');
    await shoot(page, '40-parts');
    await page.getByLabel('Bring me a case where').selectOption('deal:paid');
    await page.getByRole('button', { name: 'Bring it' }).click();
    await page.getByTestId('state').waitFor();
  });

  await keep('starting over seats two new people, with nothing behind them', async () => {
    await page.goto(`${url}/play`);
    await page.getByRole('button', { name: 'Start over with two new people' }).click();
    for (const side of ['brand_owner', 'influencer']) {
      const seat = page.locator(`[data-part="${side}"]`);
      await seat.getByText(new RegExp(`^${side}_[0-9a-f]{8}$`)).waitFor();
      await until(
        () => seat.locator('[data-balance]').getAttribute('data-balance'),
        (balance) => Number(balance) === 0,
        'nothing in the wallet',
      );
    }
    await shoot(page, '41-anew');
    await page.close();
  });
}

async function breakPart(page: Page, name: string): Promise<void> {
  const part = page.locator(`[data-part-name="${name}"]`);
  const ended = async () => Number(await part.locator('[data-ended]').getAttribute('data-ended'));
  const before = await ended();
  await part.getByRole('button').click();
  // A quick one is back between two looks: that it has ended is told all the same.
  await until(ended, (times) => times === before + 1, `${name} is seen to end`, 60_000);
  if (name === 'temporal') await shoot(page, '40-broken');
  await until(
    () => part.getAttribute('data-state'),
    (state) => state === 'runs',
    `${name} is back`,
    60_000,
  );
}
