import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { takeLock } from '#local/lock.mjs';
import { Closing } from './closing.ts';
import { measureFollowing } from './follow.ts';
import { measureIdle } from './idle.ts';
import { FULL, measureClicks, QUICK } from './measure.ts';
import { installPeers } from './peers.ts';
import { openPlace } from './place.ts';
import { type Results, report } from './report.ts';
import { syncMs } from './syncMs.ts';
import { openVariants } from './variants.ts';

/**
 * `npm run bench`: what a click costs, beside the same work on others, and what follows it. Installs the peers, starts
 * every server it needs on free ports with synced writes, measures, stops everything and writes results.md.
 *
 * `--quick` measures one short round, to see whether it works; `--only clicks|follow|idle` (again for more than one)
 * leaves the rest out; `--profiles` takes CPU profiles of API and worker. With any of these it only prints.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Under the clone and not under /tmp, which is memory on many machines: nothing is synced there. */
const DIR = join(ROOT, '.tandem', 'bench');
const RESULTS = fileURLToPath(new URL('../results.md', import.meta.url));
const SECTIONS = ['clicks', 'follow', 'idle'];

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: SECTIONS },
    profiles: { type: 'boolean', default: false },
  },
});
const unknown = flags.only.find((section) => !SECTIONS.includes(section));
if (unknown !== undefined) fail(`--only takes ${SECTIONS.join(', ')}, and not ${unknown}.`);
const lock = takeLock(`${DIR}.lock`);
if (!lock.release) fail(`Process ${lock.holder.pid} is measuring already.`);

const closing = new Closing();
let ending: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));
try {
  const text = report(await measure());
  console.log(`\n${text}`);
  const whole = !flags.quick && !flags.profiles && flags.only.length === SECTIONS.length;
  if (whole) writeFileSync(RESULTS, text);
  await end(0);
} catch (error) {
  // What is being stopped fails, which is not worth a word.
  if (ending === null) console.error(error);
  await end(1);
}

async function measure(): Promise<Results> {
  const began = performance.now();
  const plan = flags.quick ? QUICK : FULL;
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true, mode: 0o700 });
  const results: Results = { plan, seconds: 0, syncMs: syncMs(DIR), durability: [] };
  if (flags.only.includes('clicks') || flags.only.includes('follow')) {
    const place = await openPlace(DIR, closing, console.log);
    // First: the peers leave their rows to the same Postgres, and it is busy with them for minutes.
    if (flags.only.includes('follow')) {
      console.log('What follows a click');
      results.following = await measureFollowing(place, plan, flags.profiles ? join(DIR, '..') : null);
    }
    if (flags.only.includes('clicks')) {
      installPeers(console.log);
      const peers = new Closing();
      closing.add(() => peers.close());
      const { variants, durability } = await openVariants(place, DIR, peers, console.log);
      console.log('Clicks');
      results.durability = durability;
      results.clicks = await measureClicks(variants, plan, console.log);
      await peers.close();
    }
    await closing.close();
  }
  if (flags.only.includes('idle')) {
    console.log('What open deals cost while nobody does anything');
    results.idle = await measureIdle(join(DIR, 'idle'), closing, plan.idleSeconds, console.log);
  }
  results.seconds = (performance.now() - began) / 1_000;
  return results;
}

/** Stops everything, once: the first reason to end is the one that counts. */
async function end(code: number): Promise<void> {
  ending ??= (async () => {
    await closing.close();
    rmSync(DIR, { recursive: true, force: true });
    lock.release?.();
    process.exit(code);
  })();
  await ending;
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
