import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { WIDE } from './launch.ts';
import { violations } from './legible.ts';
import { PHONE, wider } from './look.ts';
import { until } from './promises.ts';

const FORMS = [
  { name: 'light', viewport: WIDE, scheme: 'light' },
  { name: 'dark', viewport: WIDE, scheme: 'dark' },
  { name: 'phone', viewport: PHONE, scheme: 'light' },
] as const;

const QUIET_MS = 4_000;

/** Pictures of rooms in three forms, and what is wrong with which; one that is wrong keeps nobody from the others. */
export class Album {
  readonly wrong: string[] = [];
  taken = 0;
  readonly #folder: string;
  readonly #only: string;

  /** `only`: how the names of those begin that are taken. */
  constructor(folder: string, only: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#only = only;
  }

  /** Whether any picture of these is wanted. */
  wants(names: string): boolean {
    return names.startsWith(this.#only) || this.#only.startsWith(names);
  }

  /** What fills a room: where it cannot be done, the rooms after it are looked at all the same. */
  async prepare(what: string, how: () => Promise<unknown>): Promise<void> {
    await how().catch((error: Error) => this.wrong.push(`${what}: ${error.message}`));
  }

  /** A picture of a room in each form, once nothing is being read any more. */
  async take(page: Page, name: string, address?: string): Promise<void> {
    if (!name.startsWith(this.#only)) return;
    if (address) {
      await page.goto(address);
      // Of a door that is still loaded nothing is there, and nothing is on its way for a moment.
      await this.prepare(`${name}, its door`, () => page.getByRole('main').waitFor());
      // What is loaded when it is entered says nothing while it comes; a page that goes on asking is looked at as it is.
      await page.waitForLoadState('networkidle', { timeout: QUIET_MS }).catch(() => {});
    }
    for (const form of FORMS) {
      const say = (what: string) => this.wrong.push(`${name}, ${form.name}: ${what}`);
      await page.setViewportSize(form.viewport);
      await page.emulateMedia({ colorScheme: form.scheme, reducedMotion: 'reduce' });
      await until(
        () => page.locator('[aria-label^="Reading"]').count(),
        (many) => many === 0,
        'all is read',
      ).catch((error: Error) => say(error.message));
      await page.screenshot({ path: join(this.#folder, `${name}-${form.name}.png`), fullPage: true });
      this.taken += 1;
      for (const found of await violations(page)) say(found);
      const over = await wider(page);
      if (over > 0) say(`${over} px wider than its window`);
    }
    await page.setViewportSize(WIDE);
  }
}
