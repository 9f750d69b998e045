import { setTimeout as wait } from 'node:timers/promises';
import { checkInvariants } from '#db/invariants.ts';
import { createPool } from '#db/pool.ts';
import type { Finding } from '../reliability/finding.ts';
import { rowsOf, type Servers } from './servers.ts';
import type { Open } from './ways.ts';

/** What became of everything that was open. */

const LOOK_MS = 250;

/** Until all are where they should be and nothing is owed or untold. Answers how long that took; null where it did not come to it. */
export async function untilOver(servers: Servers, opened: readonly Open[], withinMs: number): Promise<number | null> {
  const began = performance.now();
  while (performance.now() - began < withinMs) {
    if ((await elsewhere(servers, opened)).length === 0 && (await unfinished(servers)) === 0) {
      return performance.now() - began;
    }
    await wait(LOOK_MS);
  }
  return null;
}

/** Those that are not where they should be, in words. */
export async function elsewhere(servers: Servers, opened: readonly Open[]): Promise<string[]> {
  const ids = opened.map(({ id }) => id);
  const rows = await rowsOf<{ id: string; state: string }>(
    servers,
    'SELECT id, state FROM processes WHERE id = ANY($1)',
    ids,
  );
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  return opened.flatMap(({ id, way }) => {
    const state = states.get(id) ?? 'nowhere';
    return way.states.includes(state) ? [] : [`${way.kind} ${id} is ${state}`];
  });
}

/** Promises that are open, steps that no workflow was told, facts that are not booked. */
async function unfinished(servers: Servers): Promise<number> {
  const [row] = await rowsOf<{ many: string }>(
    servers,
    `SELECT (SELECT count(*) FROM promises WHERE done_at IS NULL) + (SELECT count(*) FROM relays WHERE behind) AS many`,
  );
  return Number(row?.many);
}

export async function findingsOf(
  servers: Servers,
  opened: readonly Open[],
  seen: {
    over: number | null;
    differences: readonly string[];
    repeated: number;
    begunAnew: readonly string[];
    /** Brought to their ends before the last move. */
    givenBefore: number;
  },
): Promise<Finding[]> {
  const others = await elsewhere(servers, opened);
  const tasks = await rowsOf<{ kind: string; many: string }>(
    servers,
    `SELECT kind, count(*) AS many FROM tasks
     WHERE kind IN ('parked_deal', 'activity_fails', 'refund_failed') GROUP BY kind`,
  );
  const twice = await rowsOf<{ command: string }>(
    servers,
    `SELECT command FROM steps WHERE process_id = ANY($1) AND command = ANY($2)
     GROUP BY process_id, command HAVING count(*) > 1`,
    opened.map(({ id }) => id),
    [...new Set(opened.flatMap(({ way }) => way.acts.map(({ on }) => on)))],
  );
  const broken = await brokenIn(servers);
  const { over, differences, repeated, begunAnew, givenBefore } = seen;
  const some = (all: readonly string[]) => all.slice(0, 3).join('; ');
  const finding = (what: string, holds: boolean, now: string): Finding => ({ what, before: null, now, holds });
  return [
    finding(
      `${opened.length} processes, each brought to its end meanwhile`,
      over !== null && others.length === 0,
      over === null
        ? `${others.length} are not where they should be: ${some(others)}`
        : `all are where they should be ${(over / 1_000).toFixed(1)} s after the last was given`,
    ),
    finding(
      'the load lasted longer than the moves',
      givenBefore < opened.length,
      `${opened.length - givenBefore} were still to be brought to their ends when the last move began`,
    ),
    finding(
      'parked, or for an operator to look at',
      tasks.length === 0,
      tasks.map(({ kind, many }) => `${many} × ${kind}`).join(', ') || 'none',
    ),
    finding(
      'runs that a release did not replay, and began anew',
      begunAnew.length === 0,
      begunAnew.length === 0 ? '0' : `${begunAnew.length}: ${some(begunAnew)}`,
    ),
    finding(
      'each request at two APIs at once with one key',
      differences.length === 0,
      `${differences.length === 0 ? 'answered alike' : `${differences.length} not alike: ${some(differences)}`}; ${repeated} had no answer and were sent again`,
    ),
    finding('done twice', twice.length === 0, twice.map(({ command }) => command).join(', ') || 'nothing'),
    finding('invariants of the books and the processes', broken.length === 0, broken.join(', ') || 'all hold'),
  ];
}

async function brokenIn({ databaseUrl }: Servers): Promise<string[]> {
  const pool = createPool(databaseUrl, { size: 1 });
  try {
    return (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  } finally {
    await pool.end();
  }
}
