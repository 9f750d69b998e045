import assert from 'node:assert/strict';
import type { BrowserContext } from 'playwright-core';
import { violations } from './legible.ts';
import { isEmpty, PHONE, shoot, staffed, wider } from './look.ts';
import { type Keep, until } from './promises.ts';
import type { Stack } from './stack.ts';

/** Videos: posted by one, watched by another who earns by it, and ruled by the staff. */
export async function playWatching(
  context: BrowserContext,
  url: string,
  { keep, admin }: Keep & { admin: Stack['admin'] },
): Promise<void> {
  await keep('a creator posts a video and sees how it goes', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/discover/channel`);
    await desk.getByRole('button', { name: 'Sign in as demo_influencer' }).click();
    await desk.getByRole('button', { name: 'Post a video' }).click();
    await desk.getByRole('button', { name: 'Fill in an example' }).click();
    await desk.getByRole('button', { name: 'Post the video' }).click();
    await desk.getByText('Nobody has watched it yet.').waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in a channel');
    await shoot(desk, '42-channel');
    await desk.close();
  });

  await keep('who watches it earns, and sees the wallet move', async () => {
    const desk = await context.newPage();
    await desk.goto(`${url}/app/discover/watch`);
    await desk.getByRole('button', { name: 'Sign in as demo_brand' }).click();
    const balance = desk.locator('[data-earned="balance"]');
    const before = Number(await balance.getAttribute('data-amount'));
    await desk.getByRole('list', { name: 'Videos' }).getByRole('link', { name: 'Walking in the rain' }).first().click();
    await desk.getByRole('button', { name: 'Play' }).click();
    await desk.getByText('+0.5 LYK for 25 % watched').waitFor({ timeout: 40_000 });
    await until(
      async () => Number(await balance.getAttribute('data-amount')),
      (now) => now >= before + 0.5,
      'the wallet has moved',
    );
    await desk.getByText('+1 LYK for an ad shown to its end').waitFor({ timeout: 40_000 });
    await until(() => violations(desk), isEmpty, 'axe finds nothing at a video');
    await shoot(desk, '43-watch');
    await desk.getByRole('button', { name: 'Like' }).click();
    await desk.getByRole('button', { name: 'Liked' }).waitFor();
    await desk.getByRole('button', { name: 'Tip', exact: true }).click();
    await desk.getByText('demo_influencer has it.').waitFor();
    await desk.setViewportSize(PHONE);
    assert.equal(await wider(desk), 0, 'a video fits');
    await shoot(desk, '43-phone-watch');
    await desk.close();
  });

  await keep('staff changes a rule, with why, and every version stays to be read', async () => {
    const desk = await staffed(context, `${url}/ops/money?part=points&rule=daily_login`, admin);
    const form = desk.getByRole('form', { name: 'Change the rule' });
    await form.getByLabel('LYK').fill('2');
    await form.getByLabel('Why').fill('Monsoon week.');
    await form.getByRole('button', { name: 'Change it from now on' }).click();
    const newest = desk.getByRole('article').first();
    await newest.getByText('Monsoon week.').waitFor();
    await newest.getByText('in force').waitFor();
    await until(() => violations(desk), isEmpty, 'axe finds nothing in the rules');
    await shoot(desk, '44-rules');
    await desk.setViewportSize(PHONE);
    await desk.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await wider(desk), 0, 'the rules fit');
    await shoot(desk, '44-phone-rules');
    await desk.close();
  });
}
