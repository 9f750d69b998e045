/**
 * Plays commands on wallets, holds and lots at random, on the ledger and on plain sums in memory; every answer and all
 * balances have to be the same, and the books in order at the end. Writes results.md, and fails with the shortest game
 * that comes to something else.
 *
 *   node bench/wallets/main.ts [--games 5000] [--commands 100] [--seed 7]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { migrate } from '#db/migrate.ts';
import { type Command, gameOf, play } from '#db/money/testing/games.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { forgetOtherPostgres } from '#local/environment.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';

const { values } = parseArgs({
  options: {
    games: { type: 'string', default: '5000' },
    commands: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
/** Games at the same time, each with people of its own. */
const AT_ONCE = 8;
const [games, commands, seed] = [Number(values.games), Number(values.commands), Number(values.seed)];
const say = (line: string) => process.stderr.write(`${line}\n`);

forgetOtherPostgres();
const dir = mkdtempSync(join(process.cwd(), '.tandem-bench-'));
// What is asked is what the ledger answers, and not how soon: nothing is synced.
const postgres = await startPostgres({ dir, port: await freePort(), log: join(dir, 'postgres.log'), durable: false });
await migrate(postgres.url);
const pool = createPool(postgres.url, { size: AT_ONCE });
try {
  await main(pool);
} finally {
  await pool.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function main(on: Pool): Promise<void> {
  const begun = Date.now();
  let played = 0;
  const round = fc.array(gameOf(commands), { minLength: AT_ONCE, maxLength: AT_ONCE });
  const property = fc.asyncProperty(round, async (each: Command[][]) => {
    await Promise.all(each.map((game) => play(on, game)));
    played += AT_ONCE;
    if (played % 400 === 0) say(`${played} games after ${Math.round((Date.now() - begun) / 1_000)} s`);
  });
  const result = await fc.check(property, { numRuns: Math.ceil(games / AT_ONCE), seed, endOnFailure: true });
  const broken = (await checkInvariants(on)).filter(({ ok }) => !ok);
  const rows = z.object({ transfers: z.int(), entries: z.int(), holds: z.int(), lots: z.int() });
  const counts = await on.one(sql.type(rows)`
    SELECT (SELECT count(*)::integer FROM ledger_transfers) AS transfers,
      (SELECT count(*)::integer FROM ledger_entries) AS entries,
      (SELECT count(*)::integer FROM ledger_holds) AS holds, (SELECT count(*)::integer FROM ledger_lots) AS lots
  `);
  const took = Math.round((Date.now() - begun) / 1_000);
  const report = `# Wallets against plain sums

Written by \`node bench/wallets/main.ts --games ${games} --commands ${commands} --seed ${seed}\` on ${new Date().toISOString().slice(0, 10)}, with a load of ${loadavg()[1]?.toFixed(1)}.

| what | |
| --- | --- |
| games, of ${commands} commands each | ${played} |
| that came to something else than plain sums | ${result.failed ? 1 : 0} |
| transfers and entries that they left | ${counts.transfers} and ${counts.entries} |
| holds, and lots that are left | ${counts.holds} and ${counts.lots} |
| invariants that were broken at the end | ${broken.map(({ name }) => name).join(', ') || 'none'} |
| seconds | ${took} |
`;
  writeFileSync(join(import.meta.dirname, 'results.md'), report);
  process.stdout.write(report);
  if (result.failed) {
    say(fc.defaultReportMessage(result) ?? 'a game failed');
    // Last, as the games before it are long: what went wrong in one of them.
    console.error(result.errorInstance);
  }
  if (result.failed || broken.length > 0) process.exitCode = 1;
}
