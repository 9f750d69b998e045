import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { ROUTING_KEYS } from '#db/event/publications.ts';
import { createPool } from '#db/pool.ts';
import { createBroker } from '#worker/broker.ts';
import { replayInto } from '#worker/replaying.ts';
import { findRunning } from './running.ts';

/**
 * `npm run events:replay -- --queue <queue> --from <instant> [--until <instant>] [--key boost.event] [--about gig/<id>]`:
 * sends what happened in that time once more, into that queue alone.
 */

const USAGE =
  'npm run events:replay -- --queue <queue> --from <instant> [--until <instant>] [--key boost.event|credit.event] [--about gig/<id>]';

const { values } = parseArgs({
  options: {
    queue: { type: 'string' },
    from: { type: 'string' },
    until: { type: 'string' },
    key: { type: 'string' },
    about: { type: 'string' },
  },
});

function instant(name: 'from' | 'until', otherwise?: Date): string {
  const given = values[name];
  const at = given === undefined ? otherwise : new Date(given);
  if (!at || Number.isNaN(at.getTime())) stop(`--${name} is an instant, such as 2026-03-01T09:00:00Z.`);
  return at.toISOString();
}

function stop(why: string): never {
  console.error(`${why}\n${USAGE}`);
  process.exit(2);
}

if (!values.queue) stop('--queue is missing.');
if (values.key !== undefined && !(ROUTING_KEYS as readonly string[]).includes(values.key)) {
  stop(`--key can be ${ROUTING_KEYS.join(', ')}.`);
}
const range = {
  from: instant('from'),
  until: instant('until', new Date()),
  routingKey: values.key ?? null,
  about: values.about ?? null,
};
const stack = findRunning();
const databaseUrl = process.env.DATABASE_URL || stack?.databaseUrl;
const amqpUrl = process.env.AMQP_URL || stack?.amqpUrl;
if (!databaseUrl || !amqpUrl) stop('Neither is Tandem running here, nor are DATABASE_URL and AMQP_URL set.');
const pool = createPool(databaseUrl);
const broker = createBroker(amqpUrl, pino({ level: 'warn' }));
try {
  const sent = await replayInto(pool, broker, values.queue, range);
  console.log(`${sent} events were sent into ${values.queue}.`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await broker.close();
  await pool.end();
}
