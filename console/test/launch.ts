import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export const WIDE = { width: 1440, height: 900 };
const { CHROMIUM = '/usr/bin/chromium' } = process.env;

/** A browser of its own, without anybody's profile. CHROMIUM names it. */
export async function launch(): Promise<{ context: BrowserContext; remove(): void }> {
  const profile = mkdtempSync(join(tmpdir(), 'tandem-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    viewport: WIDE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  context.setDefaultTimeout(12_000);
  return { context, remove: () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }) };
}
