import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import { getReadings } from '#db/operation/readings.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { findOldestPromise } from '#db/process/promises.ts';
import { findRelayLag, retellAll, ringDue } from '#db/process/relays.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { newUser, startDealing } from '../../db/deal/testing/dealing.ts';
import type { Closing } from '../clicks/closing.ts';
import { quantile } from '../clicks/numbers.ts';
import { type Finding, type Plan, seconds } from './finding.ts';

/** What the sweep, a retelling and the readings cost on very many open processes, half of them behind and past their deadlines. */

const ROUNDS = 30;
const SWEEP_LIMIT = 256;
/** The sweep comes round so often. */
const SWEEP_MS = 2_000;
/** A statement of the pool has ten seconds. */
const CHUNK = 10_000;

export async function measureScale(dir: string, closing: Closing, { rows }: Plan): Promise<Finding[]> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const postgres = await startPostgres({
    dir: join(dir, 'postgres'),
    port: await freePort(),
    log: join(dir, 'postgres.log'),
  });
  closing.add(() => postgres.stop());
  await migrate(postgres.url);
  const pool = createPool(postgres.url, { size: 12 });
  closing.add(() => pool.end());
  const dealing = startDealing(pool, await newUser(pool, 'admin'));
  const pair = await dealing.newPair();
  const id = await dealing.open('bid', pair);
  for (let made = 0; made < rows; made += CHUNK) await copy(pool, id, Math.min(CHUNK, rows - made));
  await tidy(postgres.url);

  const now = () => dealing.clock.now.toISOString();
  const rung = new Set<string>();
  const sweeps = await timed(ROUNDS, async () => {
    for (const each of await ringDue(pool, now(), SWEEP_LIMIT)) rung.add(each);
    dealing.clock.now = new Date(dealing.clock.now.getTime() + SWEEP_MS);
  });
  const looks = await timed(ROUNDS, () =>
    Promise.all([findRelayLag(pool, now()), getReadings(pool), findOldestPromise(pool, now())]),
  );
  const opened: number[] = [];
  let retelling = true;
  const beside = (async () => {
    while (retelling) {
      const began = performance.now();
      await dealing.open('bid', pair);
      opened.push(performance.now() - began);
    }
  })();
  const began = performance.now();
  const retold = await retellAll(pool);
  const took = performance.now() - began;
  retelling = false;
  await beside;
  return findings({ rows, rung: rung.size, sweeps, looks, retold, took, opened: Float64Array.from(opened).sort() });
}

/** As Postgres does by itself in a while. */
async function tidy(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE relays');
  await client.query('ANALYZE processes');
  await client.end();
}

type Found = {
  rows: number;
  rung: number;
  sweeps: Float64Array;
  looks: Float64Array;
  retold: number;
  took: number;
  opened: Float64Array;
};

function findings({ rows, rung, sweeps, looks, retold, took, opened }: Found): Finding[] {
  const many = rows.toLocaleString('en');
  const of = (sorted: Float64Array) =>
    `p50 ${quantile(sorted, 0.5).toFixed(0)} ms, most ${(sorted.at(-1) ?? 0).toFixed(0)} ms`;
  const most = (sorted: Float64Array) => sorted.at(-1) ?? Number.POSITIVE_INFINITY;
  return [
    {
      what: `a sweep over ${many} open processes, half behind, half past their deadlines`,
      before: 'half a million behind: 6 s; a million deadlines: never',
      now: `${of(sweeps)}; ${rung.toLocaleString('en')} different ones rung for in ${ROUNDS} sweeps`,
      holds: most(sweeps) < SWEEP_MS && rung >= ROUNDS * SWEEP_LIMIT,
    },
    {
      what: 'what /metrics reads there',
      before: '250 ms',
      now: of(looks),
      holds: most(looks) < 250,
    },
    {
      what: 'all of them told anew, while deals are opened beside it',
      before: 'fails at 10 s from 500,000',
      now: `${retold.toLocaleString('en')} in ${seconds(took)}; a deal was opened in ${of(opened)}`,
      holds: retold >= rows && most(opened) < 2_000,
    },
  ];
}

async function timed(rounds: number, work: () => Promise<unknown>): Promise<Float64Array> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  return Float64Array.from(took).sort();
}

/** Copies of a deal as a long outage leaves them: every second one is behind, and every second past its deadline. */
async function copy(pool: Pool, id: string, many: number): Promise<void> {
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`SET LOCAL session_replication_role = replica`);
    await transaction.query(sql.typeAlias('void')`
      WITH many AS (SELECT uuidv7() AS id, n FROM generate_series(1, ${many}::integer) AS n), opened AS (
        INSERT INTO processes SELECT (jsonb_populate_record(process, jsonb_build_object('id', many.id))).*
        FROM many, processes AS process WHERE process.id = ${id}
      )
      INSERT INTO relays (process_id, kind, version, told, deadline, look_at, behind)
      SELECT many.id, 'deal', 0, CASE WHEN n % 2 = 0 THEN -1 ELSE 0 END, deadline, deadline, n % 2 = 0
      FROM many, LATERAL (
        SELECT CASE WHEN n % 4 < 2 THEN timestamptz '2026-02-01' ELSE timestamptz '2026-05-01' END AS deadline
      ) AS due
    `);
  });
}
