/** A process that writes pairs' books and nothing else, for a test to kill. */
import { pino } from 'pino';
import { createPool } from '#db/pool.ts';
import { createBus } from '#realtime/bus.ts';
import { startMatching } from '../matching.ts';

const log = pino({ level: 'silent' });
const pool = createPool(process.env.DATABASE_URL as string, { size: 4 });
const bus = createBus({ redisUrl: null, log });
startMatching({ pool, bus, log, now: () => new Date(), leaseMs: Number(process.env.LEASE_MS) });
