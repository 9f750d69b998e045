import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { Meter } from '../clicks/processes.ts';
import { openCrowd } from './crowd.ts';
import { SECRET, type Servers, type Variant } from './variants.ts';

/** All clients lose their line, miss some events, and come back at once. */
export type Storm = {
  variant: string;
  clients: number;
  events: number;
  /** Until the last had everything, and how many had. */
  ms: number;
  /** Until the last was signed in again. */
  ready: number;
  complete: number;
  lost: number;
  doubled: number;
  serverMs: number;
  /** CPU of the generators. */
  generatorMs: number;
  /** Transactions of Postgres. */
  queries: number;
};

export async function measureStorm(
  variant: Variant,
  servers: Servers & { postgresUrl: string },
  clients: number,
  events: number,
): Promise<Storm> {
  const server = await variant.start(servers);
  const crowd = await openCrowd();
  try {
    const users = Array.from({ length: clients }, () => randomUUID());
    const at = { url: `http://127.0.0.1:${server.ready}`, kind: variant.kind, secret: SECRET };
    // At one's own channel alone.
    await crowd.open({ ...at, users, room: null });
    // One that all hear, as clients of Socket.IO recover only after one.
    await server.ask({ do: 'tell', users, many: 1, from: -1 });
    await wait(3_000);
    await crowd.leave();
    await wait(2_000);
    await server.ask({ do: 'tell', users, many: events, from: 0 });
    await wait(2_000);
    const before = await transactions(servers.postgresUrl);
    const meter = new Meter({ server: server.pid });
    const { cpuMs, ...back } = await crowd.comeBack({ asks: variant.asks, many: events });
    const { used } = meter.read();
    await wait(1_500);
    const queries = (await transactions(servers.postgresUrl)) - before;
    const spent = { serverMs: used.server ?? 0, generatorMs: cpuMs };
    return { variant: variant.name, clients, events, ...back, ...spent, queries };
  } finally {
    await crowd.close();
    await server.stop();
  }
}

async function transactions(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT sum(xact_commit)::int8 AS done FROM pg_stat_database');
  await client.end();
  return Number(rows[0].done);
}
