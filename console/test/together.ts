import type { BrowserContext, Page } from 'playwright-core';
import { newCreator, PASSWORD } from './crowd.ts';
import { violations } from './legible.ts';
import { isEmpty, shoot } from './look.ts';
import { type Keep, until } from './promises.ts';

/** What a crowd does together in a stream: it votes, comes to what it is challenged to, asks, and looks on at a battle. */
export async function playTogether(context: BrowserContext, url: string, { keep }: Keep): Promise<void> {
  const [creator, fan] = [await context.newPage(), await context.newPage()];

  await keep('a poll is voted in by who watches, and both see how it stands', async () => {
    await creator.goto(`${url}/app/discover/live`);
    await creator.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await creator.getByRole('button', { name: 'Announce a stream' }).click();
    await creator.getByLabel('Title').fill('Questions and answers');
    await creator.getByRole('button', { name: 'Announce it' }).click();
    await creator.locator('button[data-button="start"]').click();
    await creator.locator('[data-screen="live"]').waitFor();
    await fan.goto(`${url}/app/money?way=try`);
    await fan.getByRole('button', { name: 'Sign in as demo_brand' }).click();
    await fan.getByLabel('Money to try things with').fill('100');
    await fan.getByLabel('Of which asset').selectOption('TOKEN');
    await fan.getByRole('button', { name: 'Pour' }).click();
    await fan.locator('[data-asset="TOKEN"]').waitFor();
    await fan.goto(creator.url());
    await fan.locator('[data-screen="live"]').waitFor();
    const form = creator.getByRole('form', { name: 'Ask the crowd' });
    await form.getByLabel(/^What/).fill('What is next?');
    await form.getByLabel('To choose from, one a line').fill('Rice\nNoodles');
    await form.getByRole('button', { name: 'Begin the poll' }).click();
    await fan.locator('[data-poll="open"] [data-option="0"]').click();
    await creator.locator('[data-option="0"][data-count="1"]').waitFor();
    await fan.locator('[data-poll="open"] [data-option="1"]').click();
    await creator.locator('[data-option="1"][data-count="1"]').waitFor();
    await creator.locator('[data-option="0"][data-count="0"]').waitFor();
    for (const desk of [creator, fan]) await until(() => violations(desk), isEmpty, 'axe finds nothing at a poll');
    await shoot(creator, '55-poll-panel');
    await shoot(fan, '55-poll');
  });

  await keep('the crowd is challenged, and what it gives counts at once', async () => {
    const form = creator.getByRole('form', { name: 'Challenge the crowd' });
    await form.getByLabel('For (optional)').fill('I sing what you like');
    await form.getByRole('button', { name: 'Challenge them' }).click();
    await fan.locator('[data-challenge="0"]').getByText('I sing what you like').waitFor();
    await fan.getByRole('button', { name: /^Rose/ }).click();
    await fan.getByRole('button', { name: 'Give it for 5 TOKEN' }).click();
    for (const desk of [creator, fan]) await desk.locator('[data-challenge="5"]').waitFor();
    await shoot(fan, '57-challenge');
  });

  await keep('a question is asked by who watches, and gone from both pages once it is answered', async () => {
    const asked = (desk: Page) => desk.locator('[data-question]');
    await fan.getByLabel('Your question').fill('Which rice is that?');
    await fan.getByRole('form', { name: 'Ask something' }).getByRole('button', { name: 'Ask' }).click();
    for (const desk of [creator, fan]) await asked(desk).getByText('Which rice is that?').waitFor();
    for (const desk of [creator, fan]) await until(() => violations(desk), isEmpty, 'axe finds nothing at a question');
    await shoot(creator, '58-question');
    await asked(creator).getByRole('button', { name: 'Answered' }).click();
    for (const desk of [creator, fan]) await asked(desk).waitFor({ state: 'detached' });
  });

  await keep('another creator finds a battle among their work and accepts it, and whoever watches votes', async () => {
    const { id, handle } = await newCreator(url, 'rival');
    const form = creator.getByRole('form', { name: 'Challenge a creator' });
    await form.getByLabel('Against').fill(id);
    await form.getByRole('button', { name: 'Challenge them' }).click();
    await form.getByText(`${handle} has it among their work`).waitFor();
    const rival = await context.newPage();
    await rival.goto(`${url}/app/work`);
    await rival.getByLabel('Handle').fill(handle);
    await rival.locator('[name="password"]').fill(PASSWORD);
    await rival.getByRole('button', { name: 'Sign in', exact: true }).click();
    await rival.getByRole('group', { name: 'Your turn' }).locator('[data-case]').first().click();
    await shoot(rival, '58-battle-asked');
    await rival.locator('button[data-button="accept"]').click();
    for (const desk of [creator, fan]) await desk.locator('[data-battle]').waitFor();
    await fan.getByRole('button', { name: `Vote for ${handle}` }).click();
    await fan.getByRole('button', { name: `You voted for ${handle}` }).waitFor();
    await creator.locator(`[data-side="${handle}"][data-points="1"]`).waitFor();
    for (const desk of [creator, fan, rival])
      await until(() => violations(desk), isEmpty, 'axe finds nothing at a battle');
    await shoot(fan, '58-battle');
    for (const desk of [creator, fan, rival]) await desk.close();
  });
}
