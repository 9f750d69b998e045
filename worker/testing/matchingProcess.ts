/**
 * A writer of pairs' books and nothing else, for a test to kill; or it kills itself as it writes its n-th batch: DIES_AT is
 * "2 drawn" before that leaves, "2 sent" when it is under way, "2 written" when it is kept and nobody was told.
 */
import { pino } from 'pino';
import { createPool, type Pool } from '#db/pool.ts';
import { createBus } from '#realtime/bus.ts';
import { startMatching } from '../matching.ts';

const log = pino({ level: 'silent' });
const [dyingBatch, moment] = (process.env.DIES_AT ?? '0 never').split(' ');
const die = () => process.kill(process.pid, 'SIGKILL');
let batches = 0;

async function query(asked: Parameters<Pool['query']>[0]) {
  const isLast = asked.sql.includes('write_trading_batch') && ++batches === Number(dyingBatch);
  if (isLast && moment === 'drawn') die();
  const answer = pool.query(asked);
  // It has left this process by then, and whether Postgres has carried it out nobody here knows.
  if (isLast && moment === 'sent') setTimeout(die, 1);
  await answer;
  if (isLast) die();
  return answer;
}

const pool = createPool(process.env.DATABASE_URL as string, { size: 4 });
const bus = createBus({ redisUrl: null, log });
const watched = { ...pool, query } as Pool;
startMatching({ pool: watched, bus, log, now: () => new Date(), leaseMs: Number(process.env.LEASE_MS) });
