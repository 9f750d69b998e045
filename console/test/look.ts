import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

/** What promises share when they look at a page. */

export const { KEEP_PICTURES: pictures } = process.env;
export const PHONE = { width: 390, height: 844 };

export async function shoot(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
}

export function isEmpty(found: readonly string[]): boolean {
  return found.length === 0;
}

/** By how many px a page is wider than its window. */
export function wider(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** A page of the staff's, signed in. */
export async function staffed(context: BrowserContext, url: string, admin: Stack['admin']): Promise<Page> {
  const desk = await context.newPage();
  await desk.goto(url);
  await desk.getByLabel('Handle').fill(admin.handle);
  await desk.locator('[name="password"]').fill(admin.password);
  await desk.getByRole('button', { name: 'Sign in' }).click();
  return desk;
}
