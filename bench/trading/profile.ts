/**
 * What an order costs: calls of the database, bytes, the processor's time in this process and in Postgres, and in which
 * functions there. Times of the processor say more than a rate on a machine that others use too.
 *
 *   node bench/trading/profile.ts [--clients 64] [--seconds 4] [--only Tandem]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { pino } from 'pino';
import { createPool, type Pool } from '#db/pool.ts';
import { drive, onPostgres, type Place } from './driving.ts';
import { byHand, ofTandem, type Variant } from './variants.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const [clients, seconds] = [Number(values.clients), Number(values.seconds)];
/** Of /proc: in one tick of the clock. */
const TICK_MS = 10;

await onPostgres(main);

async function main(place: Place): Promise<void> {
  const { postgres, pairs, users } = place;
  const asking = new Client({ connectionString: postgres.url });
  await asking.connect();
  await asking.query("ALTER DATABASE tandem SET track_functions = 'all'");
  // A pool made now has connections that count.
  const pool = createPool(postgres.url, { size: 6 });
  const counted = counting(pool);
  const log = pino({ level: 'warn' });
  const driven = { pairs: pairs.slice(0, 1), users, clients, seed: 1 };
  const variants: (() => Promise<Variant>)[] = [
    () => ofTandem({ pool: counted.pool, log }),
    () => byHand(postgres.url, users, pairs, clients),
  ];
  for (const make of variants) {
    const variant = await make();
    if (values.only === '' || values.only === variant.name) {
      await drive(variant, { ...driven, seconds: 2 });
      const before = await stand(asking, postgres.pid, counted.calls);
      const measured = await drive(variant, { ...driven, seconds });
      const after = await stand(asking, postgres.pid, counted.calls);
      report(variant.name, measured, before, after);
    }
    await variant.close();
  }
  await pool.end();
  await asking.end();
}

type Calls = Map<string, { many: number; bytes: number; ms: number }>;

/** The same pool, with what it is asked counted by the first words of each statement. */
function counting(pool: Pool): { pool: Pool; calls: Calls } {
  const calls: Calls = new Map();
  const count =
    (call: (query: Parameters<Pool['query']>[0]) => Promise<unknown>) =>
    async (query: Parameters<Pool['query']>[0]) => {
      const begun = performance.now();
      try {
        return await call(query);
      } finally {
        const name = query.sql.trim().replace(/\s+/g, ' ').slice(0, 44);
        const known = calls.get(name) ?? { many: 0, bytes: 0, ms: 0 };
        const bytes = query.values.reduce<number>((sum, value) => sum + String(value).length, query.sql.length);
        calls.set(name, {
          many: known.many + 1,
          bytes: known.bytes + bytes,
          ms: known.ms + performance.now() - begun,
        });
      }
    };
  const asked = ['any', 'anyFirst', 'maybeOne', 'query', 'oneFirst'] as const;
  const replaced = Object.fromEntries(asked.map((name) => [name, count((query) => pool[name](query as never))]));
  return { pool: { ...pool, ...replaced } as Pool, calls };
}

type Stand = {
  node: number;
  postgres: number;
  wal: number;
  functions: Map<string, { calls: number; total: number; self: number }>;
  calls: Calls;
};

async function stand(asking: Client, pid: number, calls: Calls): Promise<Stand> {
  await asking.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await asking.query(
    'SELECT funcname, sum(calls)::int AS calls, sum(total_time) AS total, sum(self_time) AS self FROM pg_stat_user_functions GROUP BY 1',
  );
  const { rows: wal } = await asking.query("SELECT (pg_current_wal_lsn() - '0/0')::bigint AS bytes");
  const { user, system } = process.cpuUsage();
  return {
    node: (user + system) / 1_000,
    postgres: cpuBelow(pid),
    wal: Number(wal[0].bytes),
    functions: new Map(
      rows.map(({ funcname, calls: many, total, self }) => [
        funcname,
        { calls: many, total: Number(total), self: Number(self) },
      ]),
    ),
    calls: new Map([...calls].map(([name, each]) => [name, { ...each }])),
  };
}

/** What a process and those that it started have used of the processor, in ms. */
function cpuBelow(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      const isBelow = Number(name) === pid || Number(fields[1]) === pid;
      // With what children that ended had used.
      if (isBelow) ticks += Number(fields[11]) + Number(fields[12]);
      if (Number(name) === pid) ticks += Number(fields[13]) + Number(fields[14]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK_MS;
}

function report(name: string, measured: { rate: number; p50: number; p99: number }, before: Stand, after: Stand): void {
  // Those of the warm-up are in what was used, too.
  const orders = measured.rate * seconds * ((seconds + 0.5) / seconds);
  const per = (amount: number) => (amount / orders).toFixed(3);
  const lines = [
    `${name}: ${clients} clients, ${measured.rate.toFixed(0)} orders a second, p50 ${measured.p50.toFixed(1)} ms`,
    `  an order: ${per(after.node - before.node)} ms of this process, ${per(after.postgres - before.postgres)} ms of Postgres, ${per(after.wal - before.wal)} bytes of WAL`,
  ];
  for (const [call, { many, bytes, ms }] of after.calls) {
    const known = before.calls.get(call) ?? { many: 0, bytes: 0, ms: 0 };
    const [times, size, took] = [many - known.many, bytes - known.bytes, ms - known.ms];
    if (times > 3)
      lines.push(
        `  ${call}: ${times} times, ${per(times)} an order, ${(took / times).toFixed(2)} ms each, ${per(size)} bytes an order`,
      );
  }
  for (const [called, { calls, total, self }] of after.functions) {
    const known = before.functions.get(called) ?? { calls: 0, total: 0, self: 0 };
    if (calls - known.calls > 3)
      lines.push(
        `  ${called}(): ${calls - known.calls} times, ${per(total - known.total)} ms an order, ${per(self - known.self)} its own`,
      );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
