import { createPool } from '#db/pool.ts';
import { retellAll } from '#db/process/relays.ts';
import { runningDatabase } from './running.ts';

/**
 * `npm run retell`: has every process that is not over told to Temporal again, from Postgres. For when Temporal's store
 * was lost; harmless at any other time. A running worker does the rest within seconds.
 */
const pool = createPool(runningDatabase(), { size: 1 });
const told = await retellAll(pool);
await pool.end();
console.log(`${told} ${told === 1 ? 'process is' : 'processes are'} told anew.`);
