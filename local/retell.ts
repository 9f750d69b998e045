import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createPool } from '#db/pool.ts';
import { retellAll } from '#db/relays.ts';

/**
 * `npm run retell`: has every deal that is not over told to Temporal again, from Postgres. For when Temporal's store
 * was lost; harmless at any other time. A running worker does the rest within seconds.
 */
const databaseUrl = process.env.DATABASE_URL || ownDatabase();
const pool = createPool(databaseUrl, { size: 1 });
const deals = await retellAll(pool);
await pool.end();
console.log(`${deals} ${deals === 1 ? 'deal is' : 'deals are'} told anew.`);

function ownDatabase(): string {
  const file = join(resolve(process.env.TANDEM_HOME ?? '.tandem'), 'stack.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')).databaseUrl;
  } catch {
    console.error(`Nothing runs here (${file} is not there): start Tandem, or set DATABASE_URL.`);
    process.exit(1);
  }
}
