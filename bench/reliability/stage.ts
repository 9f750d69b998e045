import { setTimeout as wait } from 'node:timers/promises';
import { Connection, Client as Temporal } from '@temporalio/client';
import { Pool } from 'pg';
import { checkInvariants } from '#db/invariants.ts';
import { createPool } from '#db/pool.ts';
import { DATA } from '../clicks/click.ts';
import type { Closing } from '../clicks/closing.ts';
import { asPerson, atOnce, type ClickedDeal, dealsUnderWay, newPairs } from '../clicks/deals.ts';
import { type Program, type Stack, startStack } from '../clicks/stack.ts';

/** All of Tandem on servers of its own, without a worker at first, and what is asked of it. */
export type Stage = Stack & {
  api: Program;
  temporalClient: Temporal;
  /** One more worker, with settings of its own. */
  addWorker(environment?: Record<string, string>): Promise<Program>;
  /** One number that Postgres knows. */
  count(text: string, ...values: unknown[]): Promise<number>;
  run(text: string): Promise<void>;
};

const LOOK_MS = 50;
/** Each brand owner has many deals: passwords are hashed slowly on purpose. */
const PAIRS = 16;

export async function openStage(dir: string, closing: Closing, say: (line: string) => void): Promise<Stage> {
  const stack = await startStack(dir, say);
  closing.add(() => stack.stop());
  const postgres = new Pool({ connectionString: stack.postgres.url, max: 4 });
  // It may be stopped before this is closed.
  postgres.on('error', () => {});
  const connection = Connection.lazy({ address: stack.temporal.address });
  closing.add(() => Promise.all([postgres.end(), connection.close()]));
  return {
    ...stack,
    api: await stack.startApi(stack.postgres.url),
    temporalClient: new Temporal({ connection }),
    addWorker: (environment = {}) => stack.startWorker(stack.postgres.url, environment),
    async count(text, ...values) {
      const { rows } = await postgres.query<Record<string, string | null>>(text, values);
      return Number(Object.values(rows[0] ?? {})[0] ?? 0);
    },
    async run(text) {
      await postgres.query(text);
    },
  };
}

/** Deals that are paid and whose work was handed in, with nobody there who would tell their workflows. */
export async function submittedDeals(stage: Stage, many: number): Promise<ClickedDeal[]> {
  const deals = await dealsInWork(stage, many);
  await atOnce(many, async (number) => {
    const { id, influencer } = deals[number] as ClickedDeal;
    await asPerson(stage.api.url, influencer).click(id, 'submit_work', DATA.submit_work);
  });
  return deals;
}

export async function dealsInWork(stage: Stage, many: number): Promise<ClickedDeal[]> {
  const pairs = await newPairs(stage.api.url, Math.min(PAIRS, many));
  return dealsUnderWay(
    stage.api.url,
    Array.from({ length: many }, (_, number) => pairs[number % pairs.length] as (typeof pairs)[number]),
  );
}

export async function approve(stage: Stage, { id, brand }: ClickedDeal): Promise<void> {
  await asPerson(stage.api.url, brand).click(id, 'approve_work');
}

/** Until it is so. Answers how long that took, in ms; null where it took longer than it may. */
export async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<number | null> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > withinMs) return null;
    await wait(LOOK_MS);
  }
  return performance.now() - began;
}

export const idsOf = (deals: readonly ClickedDeal[]): string[] => deals.map(({ id }) => id);

/** How many of these deals have been paid, to the end. */
export function paid(stage: Stage, deals: readonly ClickedDeal[]): Promise<number> {
  return stage.count(`SELECT count(*) FROM processes WHERE state = 'real_time' AND id = ANY($1)`, idsOf(deals));
}

/** Until as many workflows run and show where they stand. */
export async function untilRunning(stage: Stage, many: number, state: string, withinMs = 120_000): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND TandemState = '${state}'`;
  const took = await until(async () => (await stage.temporalClient.workflow.count(query)).count >= many, withinMs);
  if (took === null) throw new Error(`not all ${many} workflows came to run in ${state}`);
}

/** No workflow has steps that it was not told. */
export const untilTold = (stage: Stage, withinMs: number) =>
  until(async () => (await stage.count('SELECT count(*) FROM relays WHERE behind')) === 0, withinMs);

/** Names of invariants that do not hold. */
export async function brokenIn(stage: Stage): Promise<string[]> {
  const pool = createPool(stage.postgres.url, { size: 1 });
  try {
    return (await checkInvariants(pool)).filter(({ ok }) => !ok).map(({ name }) => name);
  } finally {
    await pool.end();
  }
}

/** One of a program's own counters, over all of its labels. */
export async function metricOf({ url }: Program, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
