import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import { WIDE } from './launch.ts';
import { violations } from './legible.ts';
import { isEmpty, PHONE, shoot, wider } from './look.ts';
import { type Keep, until } from './promises.ts';

/** A stream: announced, on air, written in, given to, kept in order and ended by one; watched by another. */
export async function playLive(context: BrowserContext, url: string, { keep }: Keep): Promise<void> {
  const [creator, fan] = [await context.newPage(), await context.newPage()];
  const chat = (desk: Page) => desk.getByRole('log', { name: 'What is written' });

  await keep('a creator announces a stream and goes on air from its page', async () => {
    await creator.goto(`${url}/app/discover/live`);
    await creator.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await creator.getByRole('button', { name: 'Announce a stream' }).click();
    await creator.getByRole('button', { name: 'Fill in an example' }).click();
    await creator.getByRole('button', { name: 'Announce it' }).click();
    await creator.getByRole('heading', { name: 'Cooking in the rain' }).waitFor();
    await shoot(creator, '50-announced');
    await creator.locator('button[data-button="start"]').click();
    await creator.locator('[data-screen="live"]').waitFor();
  });

  await keep('who watches is counted, writes, feels and gives, and both see it at once', async () => {
    await fan.goto(`${url}/app/money?way=try`);
    await fan.getByRole('button', { name: 'Sign in as demo_brand' }).click();
    await fan.getByLabel('Money to try things with').fill('500');
    await fan.getByLabel('Of which asset').selectOption('TOKEN');
    await fan.getByRole('button', { name: 'Pour' }).click();
    await fan.locator('[data-asset="TOKEN"]').waitFor();
    await fan.goto(`${url}/app/discover/live`);
    await fan
      .getByRole('link', { name: /Cooking in the rain/ })
      .first()
      .click();
    // The creator looks on as well.
    await creator.locator('[data-viewers="2"]').waitFor();
    await fan.getByLabel('Your words').fill('What is in the pot?');
    await fan.keyboard.press('Enter');
    await chat(creator).getByText('What is in the pot?').waitFor();
    await fan.getByRole('button', { name: 'love' }).click();
    await creator.locator('[data-mood="love"]').waitFor();

    // Nothing moves for whoever asked for that: what is given is there all the same.
    await fan.emulateMedia({ reducedMotion: 'reduce' });
    await fan.getByRole('button', { name: /^Rose/ }).click();
    await fan.getByLabel('How many').selectOption('3');
    await fan.getByLabel('With words (optional)').fill('Smells good');
    await fan.getByRole('button', { name: 'Give it for 15 TOKEN' }).click();
    for (const [desk, motion] of [
      [creator, 'moves'],
      [fan, 'stays'],
    ] as const) {
      const flying = desk.locator('[data-flying] > *');
      await flying.first().waitFor();
      const animation = await flying.first().evaluate((element) => getComputedStyle(element).animationName);
      assert.equal(animation === 'none' ? 'stays' : 'moves', motion);
      await chat(desk).locator('[data-gift="ROSE"][data-count="3"]').getByText('Smells good').waitFor();
    }
    await shoot(creator, '51-gift-flies');
    await fan.getByRole('button', { name: /^Confetti/ }).click();
    await fan.getByLabel('How many').selectOption('1');
    await fan.getByRole('button', { name: 'Give it for 25 TOKEN' }).click();
    await creator.locator('[data-trigger="confetti"]').waitFor();
    await creator.locator('[data-place="demo_brand"]').getByText('40 TOKEN').waitFor();
    await creator.locator('[data-figure="tokens"][data-value="40"]').waitFor();
    for (const desk of [creator, fan]) await until(() => violations(desk), isEmpty, 'axe finds nothing in a stream');
    await shoot(creator, '52-panel');
    await shoot(fan, '52-stream');
  });

  await keep('the creator keeps the chat in order, and it goes from every page', async () => {
    await creator.getByLabel('Slow mode').selectOption('300');
    await creator.getByText('Everybody writes here, once in 300 s.').waitFor();
    await fan.getByLabel('Your words').fill('And for how long?');
    await fan.keyboard.press('Enter');
    await fan.getByRole('alert').getByText('One message in 300 s.').waitFor();
    await creator.getByRole('button', { name: 'What to do about demo_brand’s message' }).click();
    await creator.getByRole('menuitem', { name: 'Put demo_brand out of the stream' }).click();
    await fan.getByText('You are not let into this stream.').waitFor();
    await chat(creator).getByText('What is in the pot?').waitFor({ state: 'detached' });
    await shoot(creator, '53-put-out');
    await creator.getByRole('button', { name: 'Let demo_brand in again' }).click();
    await creator.locator('[data-removed]').waitFor({ state: 'detached' });
    await fan.reload();
    await fan.locator('[data-screen="live"]').waitFor();
    assert.equal(await chat(fan).getByText('What is in the pot?').count(), 0);
  });

  await keep('a stream that is ended is over for all who watch', async () => {
    await creator.getByRole('textbox', { name: 'Words over the picture' }).fill('Thank you');
    await creator.getByRole('button', { name: 'Show them' }).click();
    await creator.locator('[data-screen="live"]').getByText('Thank you').waitFor();
    await fan.setViewportSize(PHONE);
    await fan.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await wider(fan), 0, 'a stream fits');
    await until(() => violations(fan), isEmpty, 'axe finds nothing in a stream in the dark');
    await shoot(fan, '54-phone-stream');
    await creator.locator('button[data-button="end"]').click();
    await creator.locator('form [data-button="end"]').click();
    for (const desk of [creator, fan]) await desk.locator('[data-screen="ended"]').waitFor();
    await fan.getByText('One writes here while the stream is on air.').waitFor();
    await fan.setViewportSize(WIDE);
  });

  await keep('a stream with tickets opens for who bought one', async () => {
    await creator.goto(`${url}/app/discover/live`);
    await creator.getByRole('button', { name: 'Announce a stream' }).click();
    await creator.getByLabel('Title').fill('An evening of ragas');
    const tomorrow = new Date(Date.now() + 24 * 60 * 60_000).toISOString().slice(0, 16);
    await creator.getByLabel('When (optional)').fill(tomorrow);
    await creator.getByRole('button', { name: 'Announce it' }).click();
    await creator.getByRole('button', { name: 'Sell tickets' }).click();
    await creator.locator('[data-sold="0"]').waitFor();
    await fan.goto(creator.url());
    await fan.getByText('It is for those with a ticket of demo_influencer.').waitFor();
    await shoot(fan, '55-without-ticket');
    await fan.getByRole('button', { name: 'Buy a ticket for 25 TOKEN' }).click();
    await fan.locator('[data-screen="scheduled"]').waitFor();
    await fan.locator('[data-ticket]').waitFor();
    await creator.locator('[data-sold="1"]').waitFor();
    await shoot(fan, '55-ticket');
  });

  await keep('months of a creator are sold, and bought from the page of a stream', async () => {
    const form = creator.getByRole('form', { name: 'Sell months' });
    await form.getByLabel('Called').fill('Gold');
    await form.getByLabel('TOKEN a month').fill('100');
    await form.getByRole('button', { name: 'Sell it' }).click();
    await creator.locator('[data-sold-tier]').getByText('Gold: 100 TOKEN a month').waitFor();
    await fan.reload();
    await fan.getByRole('button', { name: 'Pay 100 TOKEN a month' }).click();
    await fan.locator('[data-subscribed]').getByText('Renewed then for 100 TOKEN.').waitFor();
    for (const desk of [creator, fan]) await until(() => violations(desk), isEmpty, 'axe finds nothing where one pays');
    await shoot(fan, '56-subscribed');
    await shoot(creator, '56-selling');
    for (const desk of [creator, fan]) await desk.close();
  });
}
