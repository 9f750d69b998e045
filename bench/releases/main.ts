import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forgetOtherPostgres } from '#local/environment.ts';
import { takeLock } from '#local/lock.mjs';
import { Closing } from '../clicks/closing.ts';
import type { Finding } from '../reliability/finding.ts';
import { type Checkout, checkOut, commitOf, lastRelease, migrationsSince, remove, TODAY } from './checkout.ts';
import { openClients } from './client.ts';
import { openMany, startLoad } from './crowd.ts';
import { findingsOf, untilOver } from './looking.ts';
import { resultsOf } from './report.ts';
import { type Rolled, roll } from './rolling.ts';
import { openServers, rowsOf, type Servers } from './servers.ts';
import { ADMIN, openSide, type Side } from './side.ts';

/**
 * `npm run releases -- [--before <commit>] [--deals 1000] [--seconds 60]`: an earlier release and this checkout side by
 * side on one database, one Redis and one Temporal. The earlier one opens so many processes of all kinds; then this one
 * migrates, comes beside, is taken into use, taken back and taken into use again, while each of them is brought to its
 * end at both APIs over so many seconds. Without `--before` the earlier one is the last that was cut, or HEAD where none
 * was. Writes `results.md`, and ends with 1 where anything is parked, lost, doubled or answered in two ways.
 */

const { values: flags } = parseArgs({
  options: {
    before: { type: 'string' },
    deals: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
  },
});
const [deals, seconds] = [Number(flags.deals), Number(flags.seconds)];
if (!(Number.isInteger(deals) && deals > 0 && seconds > 0)) stop('--deals and --seconds take how many.');
const RESULTS = join(import.meta.dirname, 'results.md');
const DIR = join(TODAY, '.tandem', 'releases');
const OVER_WITHIN_MS = 300_000;

forgetOtherPostgres();
mkdirSync(join(TODAY, '.tandem'), { recursive: true });
const lock = takeLock(`${DIR}.lock`);
if (!lock.release) stop(`Process ${lock.holder.pid} is at it already.`);
const closing = new Closing();
let ending: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));
try {
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true, mode: 0o700 });
  const findings = await play();
  await end(findings.every(({ holds }) => holds) ? 0 : 1);
} catch (error) {
  if (ending === null) console.error(error);
  await end(1);
}

async function play(): Promise<Finding[]> {
  const checkout = checkOut(flags.before ?? lastRelease(), join(DIR, 'before'), say);
  closing.add(() => remove(checkout));
  const { added, changed } = migrationsSince(checkout);
  if (changed.length > 0) {
    throw new Error(
      `${checkout.commit} has migrations that were changed since, so its database has no way here: ${changed.join(', ')}`,
    );
  }
  const servers = await openServers(DIR, closing, say);
  const today: Checkout = { folder: TODAY, commit: commitOf('HEAD') };
  const sides = {
    before: await openSide('before', checkout, `before-${checkout.commit}`, servers),
    today: await openSide('today', today, `today-${today.commit}`, servers),
  };
  for (const side of Object.values(sides)) closing.add(() => Promise.all([side.stopApi(), side.stopWorker()]));
  const { before } = sides;
  await before.prepare();
  await before.startApi();
  await before.startWorker();
  await before.use();
  const apis = () => Object.values(sides).flatMap(({ url }) => url ?? []);
  const clients = await openClients(() => apis().at(-1) as string, servers, ADMIN);
  say(`opening ${deals} processes of all kinds at ${checkout.commit} …`);
  const opened = await openMany(clients, deals);
  const load = startLoad(servers, clients, opened, { seconds, apis });
  const rolled = await roll(sides, load, {
    ...{ many: opened.length, say },
    migrate: () => migrate(sides.today, servers, added),
  });
  await load.done;
  const over = await untilOver(servers, opened, OVER_WITHIN_MS);
  const begunAnew = Object.values(sides).flatMap((side) => side.begunAnew());
  const findings = await findingsOf(servers, opened, {
    ...{ over, begunAnew, differences: load.differences, repeated: load.repeated() },
    givenBefore: rolled.at(-1)?.given ?? 0,
  });
  tell(findings, rolled, { before: checkout.commit, today: today.commit, seconds });
  return findings;
}

/** Today's migrations, as a deployment runs them; where there are none since, something that one might do. */
async function migrate(today: Side, servers: Servers, added: readonly string[]): Promise<string> {
  await today.prepare();
  if (added.length > 0) return `migrated, with ${added.join(', ')}`;
  await rowsOf(servers, 'ALTER TABLE processes ADD COLUMN of_a_later_release text');
  await rowsOf(servers, 'CREATE TABLE of_a_later_release (process_id uuid PRIMARY KEY REFERENCES processes (id))');
  return 'migrated, and as both releases have the same migrations, a column and a table that neither knows were added';
}

function tell(
  findings: readonly Finding[],
  rolled: readonly Rolled[],
  run: { before: string; today: string; seconds: number },
): void {
  for (const { what, now, holds } of findings) say(`${holds ? '✓' : '✗'} ${what}: ${now}`);
  writeFileSync(RESULTS, resultsOf(findings, rolled, run));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Stops everything, once: the first reason to end is the one that counts. */
async function end(code: number): Promise<void> {
  ending ??= (async () => {
    await closing.close();
    if (code === 0) rmSync(DIR, { recursive: true, force: true });
    if (lock.release) lock.release();
    process.exit(code);
  })();
  await ending;
}

function stop(sentence: string): never {
  say(sentence);
  process.exit(1);
}
