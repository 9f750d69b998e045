import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** All that was found of reliability, in one document: whatever is measured anew is taken into it. */

const BENCH = new URL('../', import.meta.url);
const SOURCES = ['soak/results.md', 'fuzz/results.md', 'reliability/results.md'];

const HEAD = [
  '# Reliability, in figures',
  '',
  'Written by `npm run soak`, `npm run fuzz:documents` and `npm run reliability`, whichever was run last: what each of them found when it was last run, word for word.',
].join('\n');

export function writeWhole(): void {
  const parts = SOURCES.map((name) => new URL(name, BENCH)).filter((file) => existsSync(file));
  const texts = parts.map((file) => lowered(readFileSync(file, 'utf8').trimEnd()));
  writeFileSync(fileURLToPath(new URL('reliability.md', BENCH)), `${[HEAD, ...texts].join('\n\n')}\n`);
}

/** With each heading a level lower. */
const lowered = (text: string): string => text.replaceAll(/^#/gm, '##');
