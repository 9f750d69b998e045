import { randomUUID } from 'node:crypto';
import { createPool } from '#db/pool.ts';
import { moveClock } from '#db/sandbox/clock.ts';
import { durationMs } from '#workflows/durations.ts';
import { Failure } from '#workflows/failures.ts';
import { runningHere } from './running.ts';

/**
 * `npm run clock -- advance <process> <duration>`: moves time on for one process of what `npm start` runs here, as
 * `POST /api/sandbox/processes/:id/clock` does for its parties. What falls due by it happens within seconds.
 */

const [verb, processId = '', duration = ''] = process.argv.slice(2);
const ms = durationMs(duration);
if (verb !== 'advance' || !/^[0-9a-f-]{36}$/i.test(processId) || !ms || ms < 1_000) {
  console.error('npm run clock -- advance <id of a process> <ISO 8601 duration such as P14D>');
  process.exit(1);
}
const systemUserId = process.env.SYSTEM_USER_ID || '00000000-0000-0000-0000-000000000000';
const pool = createPool(runningHere().databaseUrl, { size: 1 });
try {
  const caller = { accountId: systemUserId, roles: ['admin'] as const };
  const origin = { now: new Date().toISOString(), systemUserId, correlationId: `clock-${randomUUID()}` };
  await pool.transaction((transaction) =>
    moveClock(transaction, { processId: processId.toLowerCase(), caller, ms }, origin),
  );
  console.log(`Time was moved on by ${duration} for ${processId}.`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await pool.end();
}
