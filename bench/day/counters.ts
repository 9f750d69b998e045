import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Meter, memoryOf } from '../clicks/processes.ts';
import type { Stage } from './stage.ts';

/** What is counted beside CPU, as what it came to since the programs began. */
export type Counts = Record<CountName, number>;
export type CountName = (typeof COUNTS)[number];
export const COUNTS = [
  ...(['WAL bytes', 'database bytes', 'transactions', 'rows written'] as const),
  ...(['Signals', 'steps told', 'workflow tasks', 'activities', 'Temporal’s store bytes'] as const),
  ...(['Redis commands', 'Redis bytes out', 'socket events', 'socket bytes'] as const),
] as const;

const POSTGRES = `
  SELECT (pg_current_wal_lsn() - '0/0')::float8 AS wal, pg_database_size(current_database())::float8 AS size,
    xact_commit::float8 AS transactions, (tup_inserted + tup_updated + tup_deleted)::float8 AS rows
  FROM pg_stat_database WHERE datname = current_database()`;

async function count({ postgres, redis, worker, world, stack }: Stage): Promise<Counts> {
  const [{ rows }, info, metrics] = await Promise.all([
    postgres.query<{ wal: number; size: number; transactions: number; rows: number }>(POSTGRES),
    redis.info('stats'),
    fetch(`${worker.url}/metrics`).then((response) => response.text()),
  ]);
  const [of] = rows;
  const redisStat = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    ...{ 'WAL bytes': of?.wal ?? 0, 'database bytes': of?.size ?? 0, transactions: of?.transactions ?? 0 },
    'rows written': of?.rows ?? 0,
    Signals: metricIn(metrics, 'tandem_relay_signals_total'),
    'steps told': metricIn(metrics, 'tandem_relay_steps_total'),
    'workflow tasks': metricIn(metrics, 'temporal_workflow_task_execution_latency_count'),
    activities: metricIn(metrics, 'temporal_activity_execution_latency_count'),
    'Temporal’s store bytes': statSync(join(stack.dir, 'temporal', 'temporal.db')).size,
    'Redis commands': redisStat('total_commands_processed'),
    'Redis bytes out': redisStat('total_net_output_bytes'),
    'socket events': world.heard.events,
    'socket bytes': world.heard.bytes,
  };
}

/** Over all labels. */
function metricIn(text: string, name: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** What was used in a stretch of time. */
export type Used = { seconds: number; cpu: Record<string, number>; others: number; counts: Counts };

/** Counts from now on; what it answers with reads what was used until then, and may be asked more than once. */
export async function startCounting(stage: Stage): Promise<() => Promise<Used>> {
  const before = await count(stage);
  const began = performance.now();
  const meter = new Meter({ ...stage.pids });
  return async () => {
    const { used: cpu, others } = meter.read();
    const seconds = (performance.now() - began) / 1_000;
    const now = await count(stage);
    const counts = Object.fromEntries(COUNTS.map((name) => [name, now[name] - before[name]])) as Counts;
    return { seconds, cpu, others, counts };
  };
}

/** In MB, by process; of those who play, who have started all others, none. */
export function memoryOfAll({ pids }: Stage): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).flatMap(([name, pid]) => (pid === process.pid ? [] : [[name, memoryOf(pid)]])),
  );
}
