import type { BrowserContext } from 'playwright-core';
import { violations } from './legible.ts';
import { isEmpty, shoot, staffed } from './look.ts';
import { type Keep, until } from './promises.ts';
import type { Stack } from './stack.ts';

/** A payment that its bank was asked to take back, answered by whoever had it. */
export async function playChargedBack(
  context: BrowserContext,
  url: string,
  { keep, admin }: Keep & { admin: Stack['admin'] },
): Promise<void> {
  await keep('a charge-back is answered from the page, and says what becomes of the money', async () => {
    const page = await context.newPage();
    await page.goto(`${url}/play`);
    await page.getByRole('button', { name: 'Sign in as both demo accounts' }).click();
    await page.getByLabel('Bring me a case where').selectOption('chargeBack:open');
    await page.getByRole('button', { name: 'Bring it' }).click();
    const seat = page.locator('[data-part="brand_owner"]');
    await page.getByTestId('state').waitFor();
    await until(() => violations(page), isEmpty, 'axe finds nothing in a charge-back');
    await shoot(page, '47-charge-back');
    const add = seat.locator('button[data-button="add_evidence"]:visible');
    await add.first().click();
    await seat.locator('[name="text"]').fill('The bill and the delivery note.');
    await add.last().click();
    await page.getByText('Something was added to the evidence.').first().waitFor();
    await until(
      () => seat.locator('[name="text"]').inputValue(),
      (text) => text === '',
      'what was said is not offered once more',
    );
    const desk = await staffed(context, page.url().replace('/play/', '/ops/'), admin);
    await desk.getByText('The bill and the delivery note.').first().waitFor();
    // It is the payee's turn: what staff may do meanwhile is not in the way.
    await desk.locator('button[data-button="more"]:visible').first().click();
    await desk.getByRole('menuitem', { name: 'Hand in the evidence' }).click();
    await shoot(desk, '47-charge-back-asked');
    await desk.locator('form [data-button="submit_evidence"]').click();
    await until(
      () => page.getByTestId('state').textContent(),
      (state) => state === 'At the bank',
      'the evidence is at the bank',
    );
    await shoot(page, '47-charge-back-answered');
    for (const each of [page, desk]) await each.close();
  });
}
