import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { openBoost } from '#db/boost/boosts.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { type Pool, sql } from '#db/pool.ts';
import { newPeople } from '#db/talk/testing/crowd.ts';

const HOUR_MS = 3_600_000;
/** Connections that open boosts, and timers that are started at the same time. */
const AT_ONCE = 8;
const PATIENCE_MS = 900_000;
const STANDSTILL_MS = 60_000;

/** So many at the same time, until all are done. */
async function atOnce(many: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const loop = async () => {
    for (let n = next++; n < many; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
}

/** People with credits, who boost their own profiles. */
export async function newBoosters(pool: Pool, many: number): Promise<string[]> {
  const people = await newPeople(pool, many);
  const now = new Date().toISOString();
  await atOnce(many, (n) =>
    pool.transaction((transaction) =>
      earnCredits(transaction, { userId: people[n] as string, amount: 1_000n, reason: 'bench', now }),
    ),
  );
  return people;
}

/** Boosts, each until its instant (ms); answers their ids. */
export async function openBoosts(
  pool: Pool,
  people: readonly string[],
  many: number,
  until: (n: number) => number,
): Promise<string[]> {
  const ids: string[] = [];
  await atOnce(many, async (n) => {
    const boosterId = people[n % people.length] as string;
    const end = until(n);
    // An hour that began so that it ends then, or as many whole hours as it takes.
    const hours = Math.max(1, Math.ceil((end - Date.now()) / HOUR_MS));
    const opened = { target: 'profile' as const, target_id: boosterId, duration: hours, lasts: hours * HOUR_MS };
    const now = new Date(end - hours * HOUR_MS).toISOString();
    const { id } = await pool.transaction((transaction) =>
      openBoost(transaction, { boosterId, amount: 10n, opened, now }),
    );
    ids.push(id);
  });
  return ids;
}

/** Until every process was told to its workflow: given up when none was for a minute. */
export async function untilTold(pool: Pool): Promise<void> {
  let least = { behind: Number.POSITIVE_INFINITY, at: Date.now() };
  for (;;) {
    const behind = await pool.oneFirst(sql.type(z.object({ many: z.int() }))`
      SELECT count(*)::integer AS many FROM relays WHERE behind
    `);
    if (behind === 0) return;
    if (behind < least.behind) least = { behind, at: Date.now() };
    if (Date.now() - least.at > STANDSTILL_MS) throw new Error(`${behind} boosts were told to nobody`);
    await wait(500);
  }
}

const endedRow = z.object({ id: z.string(), ended: z.number(), moved: z.number().nullable() });

/** How late each boost ended (its own step), and its credits were used, in ms; until all have. */
export async function latenessOf(pool: Pool, ids: readonly string[]): Promise<{ ended: number[]; moved: number[] }> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const rows = await pool.any(sql.type(endedRow)`
      SELECT process_id AS id, (extract(epoch FROM steps.recorded_at - boosts.expires_at) * 1000)::float8 AS ended,
        (extract(epoch FROM promises.moved_at - boosts.expires_at) * 1000)::float8 AS moved
      FROM user_boost_events AS boosts
      JOIN steps USING (process_id) LEFT JOIN promises USING (process_id)
      WHERE steps.command = 'expire' AND process_id = ANY(${sql.array([...ids], 'uuid')})
    `);
    const moved = rows.flatMap((row) => row.moved ?? []);
    if (moved.length === ids.length) return { ended: rows.map(({ ended }) => ended), moved };
    if (Date.now() > deadline) throw new Error(`${ids.length - moved.length} boosts did not end`);
    await wait(1_000);
  }
}

/** Workflows that do nothing but wait, on the same server and a worker of their own: how late each went on, in ms. */
export async function timersLate(address: string, many: number, until: (n: number) => number): Promise<number[]> {
  const connection = await NativeConnection.connect({ address });
  const calls = await Connection.connect({ address });
  const taskQueue = `bare-${Date.now()}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('timers.ts', import.meta.url)),
  });
  const { workflow } = new Client({ connection: calls });
  try {
    return await worker.runUntil(async () => {
      const late: Promise<number>[] = [];
      await atOnce(many, async (n) => {
        const at = until(n);
        const options = { taskQueue, workflowId: `${taskQueue}-${n}`, args: [at] as [number] };
        const handle = await workflow.start('bareTimer', options);
        late.push(handle.result().then((went) => Number(went) - at));
      });
      return Promise.all(late);
    });
  } finally {
    await calls.close();
    await connection.close();
  }
}
