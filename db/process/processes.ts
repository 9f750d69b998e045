import { z } from 'zod';
import type { Call, News, OpenPromise } from '#workflows/process/activities.ts';
import type { Process, Step, StepData } from '#workflows/process/machine.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockProcessRow } from './locks.ts';
import type { StoredProcess } from './stored.ts';

/** A process as its row has it: what is read beside it extends this. */
export const processRow = z.object({
  id: z.string(),
  kind: z.string(),
  variant: z.string().nullable(),
  state: z.string(),
  version: z.int(),
  entry: z.int(),
  entered_at: z.string(),
  stepped_at: z.string(),
  terms: z.unknown(),
  held: z.bigint(),
  asset: z.custom<Process['asset']>(),
});
type ProcessRow = z.infer<typeof processRow>;

const storedRow = processRow.extend({
  seats: z.record(z.string(), z.string()),
  capture_id: z.string().nullable(),
  facts_wait: z.boolean(),
});

/** The columns that are a process as its machine sees it. */
export const PROCESS = sql.fragment`
  processes.id, processes.kind, variant, state, version, entry, entered_at, stepped_at, terms, held, asset`;

export function processOf(row: ProcessRow): Process {
  return {
    id: row.id,
    kind: row.kind,
    variant: row.variant,
    state: row.state,
    version: row.version,
    entry: row.entry,
    entered_at: row.entered_at,
    stepped_at: row.stepped_at,
    terms: row.terms,
    held: row.held.toString(),
    asset: row.asset,
  };
}

/** A process with what belongs to it; null where there is none. */
export async function findProcess(executor: Executor, id: string): Promise<StoredProcess | null> {
  const row = await executor.maybeOne(sql.prepared('find_process', storedRow)`
    SELECT ${PROCESS},
      (SELECT coalesce(json_object_agg(role, user_id), '{}') FROM seats WHERE process_id = processes.id) AS seats,
      (SELECT captures.id FROM captures
        WHERE captures.process_id = processes.id AND disposition = 'escrow') AS capture_id,
      EXISTS (SELECT FROM inbox WHERE inbox.process_id = processes.id AND booked_at IS NULL) AS facts_wait
    FROM processes WHERE processes.id = ${id}
  `);
  if (!row) return null;
  return { process: processOf(row), seats: row.seats, captureId: row.capture_id, factsWait: row.facts_wait };
}

/** The same with the row locked until the transaction ends: first of the locks. */
export async function lockProcess(transaction: Transaction, id: string): Promise<StoredProcess | null> {
  // Locked first and read after, in two statements: one statement would read the rest as it was before the lock.
  await lockProcessRow(transaction, id);
  return findProcess(transaction, id);
}

const listedRow = processRow.extend({ role: z.string(), deadline: z.string().nullable(), opened_at: z.string() });
/** A process in somebody's list, with the role that is theirs. */
export type ListedProcess = {
  process: Process;
  role: string;
  deadline: string | null;
  openedAt: string;
};

/** A user's processes of a kind, the newest first: by their ids, which say when they were opened. */
export async function listProcesses(
  executor: Executor,
  userId: string,
  filter: {
    kind: string;
    /** Null for any. */
    role: string | null;
    state: string | null;
    open: boolean | null;
    limit: number;
    before: string | null;
  },
): Promise<readonly ListedProcess[]> {
  const rows = await executor.any(sql.type(listedRow)`
    SELECT ${PROCESS}, role, deadline, opened_at
    FROM seats JOIN processes ON processes.id = process_id
    JOIN machine_states USING (kind, state)
    WHERE user_id = ${userId} AND processes.kind = ${filter.kind}
      AND (${filter.role}::text IS NULL OR role = ${filter.role})
      AND (${filter.state}::text IS NULL OR state = ${filter.state})
      AND (${filter.open}::boolean IS NULL OR ends <> ${filter.open})
      AND (${filter.before}::uuid IS NULL OR process_id < ${filter.before}::uuid)
    ORDER BY process_id DESC LIMIT ${filter.limit}
  `);
  return rows.map((row) => ({
    process: processOf(row),
    role: row.role,
    deadline: row.deadline,
    openedAt: row.opened_at,
  }));
}

const stepRow = z.object({
  n: z.int(),
  command: z.string(),
  by_role: z.string(),
  actor_id: z.string().nullable(),
  from_state: z.string(),
  to_state: z.string(),
  data: z.custom<StepData>(),
  at: z.string(),
  correlation_id: z.string().nullable(),
});

/** A process's steps after number `after`, oldest first. */
export async function listSteps(executor: Executor, id: string, after: number, limit: number): Promise<Step[]> {
  const rows = await executor.any(sql.type(stepRow)`
    SELECT n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id
    FROM steps WHERE process_id = ${id} AND n > ${after} ORDER BY n LIMIT ${limit}
  `);
  return rows.map(toStep);
}

const stepOfProcessRow = stepRow.extend({ process_id: z.string(), traceparent: z.string().nullable() });

/**
 * What workflows are told at once: so many steps of a process, and of so many bytes of data. Temporal refuses a message
 * of 2 MB and grumbles at 256 KB, and one submission alone may have 45 KB; who missed more asks again.
 */
const STEPS_AT_ONCE = 500;
const BYTES_AT_ONCE = 192 * 1024;

/** The next steps of many processes, each after a number of its own: at least one where there is one, oldest first. */
export async function listStepsOfMany(
  executor: Executor,
  ids: readonly string[],
  after: readonly number[],
): Promise<{ process_id: string; step: Step; traceparent: string | null }[]> {
  const rows = await executor.any(sql.prepared('list_steps_of_many', stepOfProcessRow)`
    SELECT process_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id, traceparent
    FROM (
      SELECT steps.process_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id, traceparent,
        after,
        sum(octet_length(data::text)) OVER (PARTITION BY steps.process_id ORDER BY n) AS bytes
      FROM unnest(${sql.array([...ids], 'uuid')}, ${sql.array([...after], 'int4')}) AS asked (id, after)
      JOIN steps ON steps.process_id = asked.id AND n > asked.after AND n <= asked.after + ${STEPS_AT_ONCE}
    ) AS next
    WHERE n = after + 1 OR bytes <= ${BYTES_AT_ONCE}
    ORDER BY process_id, n
  `);
  return rows.map((row) => ({ process_id: row.process_id, step: toStep(row), traceparent: row.traceparent }));
}

function toStep(row: z.infer<typeof stepRow>): Step {
  return {
    n: row.n,
    on: row.command,
    by: row.by_role,
    actor: row.actor_id,
    from: row.from_state,
    to: row.to_state,
    at: row.at,
    data: row.data,
    correlation_id: row.correlation_id,
  };
}

const openPromise = z.object({
  id: z.string(),
  kind: z.string(),
  amount: z.bigint().transform(String),
  asset: z.string(),
  moved: z.boolean(),
  held_up: z.boolean(),
  refund_id: z.string().nullable(),
  payout_id: z.string().nullable(),
  provider: z.string().nullable(),
  status: z.string().nullable(),
  attempt: z.int().nullable(),
});

/** A process's open promises: first those whose money has not moved, then the oldest. */
export async function listOpenPromises(executor: Executor, id: string): Promise<OpenPromise[]> {
  const rows = await executor.any(sql.type(openPromise)`
    SELECT promises.id, promises.kind, promises.amount, promises.asset, moved_at IS NOT NULL AS moved,
      held_up_at IS NOT NULL AS held_up, refunds.id AS refund_id,
      payouts.process_id AS payout_id, coalesce(captures.provider, payouts.provider) AS provider,
      coalesce(refunds.status, payouts.status) AS status, coalesce(refunds.attempt, payouts.rounds) AS attempt
    FROM promises
    LEFT JOIN refunds ON refunds.promise_id = promises.id LEFT JOIN captures ON captures.id = refunds.capture_id
    LEFT JOIN payouts ON payouts.promise_id = promises.id
    WHERE promises.process_id = ${id} AND promises.done_at IS NULL
    ORDER BY moved_at IS NOT NULL, held_up_at IS NOT NULL, refunds.status IS NOT DISTINCT FROM 'failed',
      promises.step_n, promises.kind DESC
    LIMIT 100
  `);
  return rows.map(({ refund_id, payout_id, provider, status, attempt, ...promise }) => ({
    ...promise,
    call:
      refund_id === null && payout_id === null
        ? null
        : ({
            id: refund_id ?? payout_id,
            kind: refund_id === null ? 'payout' : 'refund',
            provider: provider ?? '',
            status: status ?? '',
            attempt: attempt ?? 1,
          } as Call),
  }));
}

const standing = z.object({
  version: z.int(),
  order_id: z.string().nullable(),
  provider: z.string().nullable(),
});

/** What a process's workflow does not know after step `known`. */
export async function readNews(executor: Executor, id: string, known: number): Promise<News> {
  // First, so that what is read after it is as new as it says, or newer.
  const { version, order_id, provider } = await executor.one(sql.type(standing)`
    SELECT version, payment_orders.id AS order_id, provider
    FROM processes
    LEFT JOIN payment_orders ON process_id = processes.id AND closed_at IS NULL AND provider_order_id IS NOT NULL
    WHERE processes.id = ${id}
  `);
  const steps = (await listStepsOfMany(executor, [id], [known])).map((row) => row.step);
  const order = order_id !== null && provider !== null ? { id: order_id, provider } : null;
  return { steps, promises: await listOpenPromises(executor, id), version, order };
}
