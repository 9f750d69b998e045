import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * `npm run fuzz -- [--rounds 20] [filter …]`: the tests that chance has a part in, each round with another SEED. It ends
 * at the first round that fails, with the line that repeats it.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
/** What a test imports where chance has a part in it. */
const CHANCE = /from '(fast-check|.*testSeed\.ts)'/;
const SEEDS = 1_000_000;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '20' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) stop('--rounds takes how many seeds are tried.');
const files = testsOfChance().filter((file) => positionals.length === 0 || positionals.some((at) => file.includes(at)));
if (files.length === 0) stop(`Chance has no part in any test whose path has ${positionals.join(' or ')}.`);

for (let round = 1; round <= rounds; round += 1) {
  const SEED = String(1 + Math.floor(Math.random() * SEEDS));
  console.log(`round ${round} of ${rounds}: SEED=${SEED}, ${files.length} files`);
  const command = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--retry=0', '--reporter=dot', ...files];
  const { status } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, SEED },
  });
  if (status !== 0) stop(`Once more: SEED=${SEED} npm test -- <the file that failed>`);
}
console.log(`${rounds} rounds passed`);

function testsOfChance(): string[] {
  const tests = globSync('**/*.test.ts', { cwd: root, exclude: ['**/node_modules', '.*', 'bench'] });
  return tests.filter((file) => CHANCE.test(readFileSync(join(root, file), 'utf8')));
}

function stop(why: string): never {
  console.error(why);
  process.exit(1);
}
