import { z } from 'zod';
import type { News, OpenPromise } from '#workflows/collaboration/activities.ts';
import { type Deal, newDeal, type Step, type StepData, type Terms } from '#workflows/collaboration/flow.ts';
import type { CommandName, DealKind, Party, Role, State } from '#workflows/collaboration/table.ts';
import { minor } from '#workflows/money.ts';
import { type Executor, sql, type Transaction } from './pool.ts';

const dealRow = z.object({
  id: z.string(),
  kind: z.custom<DealKind>(),
  flow_state: z.custom<State>(),
  version: z.int(),
  entry: z.int(),
  entered_at: z.string(),
  stepped_at: z.string(),
  flow_data: z.custom<Terms>(),
  brand_owner_id: z.string(),
  influencer_id: z.string(),
  /** The capture that is in escrow: what a refund gives back. */
  capture_id: z.string().nullable(),
  /** Whether a provider's fact came in that is not booked yet. */
  facts_wait: z.boolean(),
});

/** A deal with what belongs to it and is not the machine's business. */
export type StoredDeal = {
  deal: Deal;
  parties: Record<Party, string>;
  captureId: string | null;
  factsWait: boolean;
};

const COLUMNS = sql.fragment`
  conversations.id, conversations.kind, flow_state, version, entry, entered_at, stepped_at, flow_data,
  brand_owner_id, influencer_id,
  (SELECT captures.id FROM captures
    WHERE captures.conversation_id = conversations.id AND disposition = 'escrow') AS capture_id,
  EXISTS (SELECT FROM inbox WHERE inbox.conversation_id = conversations.id AND booked_at IS NULL) AS facts_wait`;

/** The columns of a conversation that are its deal, as the machine sees it. */
export function dealOf(
  row: Pick<
    z.infer<typeof dealRow>,
    'id' | 'kind' | 'flow_state' | 'version' | 'entry' | 'entered_at' | 'stepped_at' | 'flow_data'
  >,
): Deal {
  return {
    id: row.id,
    kind: row.kind,
    state: row.flow_state,
    version: row.version,
    entry: row.entry,
    entered_at: row.entered_at,
    stepped_at: row.stepped_at,
    terms: row.flow_data,
  };
}

function toStoredDeal(row: z.infer<typeof dealRow>): StoredDeal {
  return {
    deal: dealOf(row),
    parties: { brand_owner: row.brand_owner_id, influencer: row.influencer_id },
    captureId: row.capture_id,
    factsWait: row.facts_wait,
  };
}

/** The deal of a conversation; null where there is none, direct conversations included. */
export async function findDeal(executor: Executor, id: string): Promise<StoredDeal | null> {
  const row = await executor.maybeOne(sql.prepared('find_deal', dealRow)`
    SELECT ${COLUMNS} FROM conversations WHERE conversations.id = ${id} AND kind <> 'direct'
  `);
  return row && toStoredDeal(row);
}

/** The same with the row locked until the transaction ends: first of the locks, before accounts and counters. */
export async function lockDeal(transaction: Transaction, id: string): Promise<StoredDeal | null> {
  // Locked first and read after, in two statements: one statement would read the capture as it was before the lock.
  await transaction.maybeOne(sql.typeAlias('id')`
    SELECT id FROM conversations WHERE id = ${id} FOR NO KEY UPDATE
  `);
  return findDeal(transaction, id);
}

const stepRow = z.object({
  n: z.int(),
  command: z.custom<CommandName>(),
  by_role: z.custom<Role>(),
  actor_id: z.string().nullable(),
  from_state: z.custom<State>(),
  to_state: z.custom<State>(),
  data: z.custom<StepData>(),
  at: z.string(),
  correlation_id: z.string().nullable(),
});

/** A deal's steps after number `after`, oldest first. */
export async function listSteps(executor: Executor, id: string, after: number, limit: number): Promise<Step[]> {
  const rows = await executor.any(sql.type(stepRow)`
    SELECT n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id
    FROM steps WHERE conversation_id = ${id} AND n > ${after} ORDER BY n LIMIT ${limit}
  `);
  return rows.map(toStep);
}

const stepOfDealRow = stepRow.extend({ conversation_id: z.string() });

/**
 * What workflows are told at once: so many steps of a deal, and of so many bytes of data. Temporal refuses a message of
 * 2 MB and grumbles at 256 KB, and one submission alone may have 45 KB; who missed more asks again.
 */
const STEPS_AT_ONCE = 500;
const BYTES_AT_ONCE = 192 * 1024;

/** The next steps of many deals, each after a number of its own: at least one where there is one, oldest first. */
export async function listStepsOfMany(
  executor: Executor,
  ids: readonly string[],
  after: readonly number[],
): Promise<{ conversation_id: string; step: Step }[]> {
  const rows = await executor.any(sql.prepared('list_steps_of_many', stepOfDealRow)`
    SELECT conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id
    FROM (
      SELECT steps.conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at, correlation_id, after,
        sum(octet_length(data::text)) OVER (PARTITION BY steps.conversation_id ORDER BY n) AS bytes
      FROM unnest(${sql.array([...ids], 'uuid')}, ${sql.array([...after], 'int4')}) AS asked (id, after)
      JOIN steps ON steps.conversation_id = asked.id AND n > asked.after AND n <= asked.after + ${STEPS_AT_ONCE}
    ) AS next
    WHERE n = after + 1 OR bytes <= ${BYTES_AT_ONCE}
    ORDER BY conversation_id, n
  `);
  return rows.map((row) => ({ conversation_id: row.conversation_id, step: toStep(row) }));
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
  kind: z.enum(['release', 'refund']),
  amount: z.bigint().transform(String),
  moved: z.boolean(),
  /** Of a refund: how far it is at the provider. */
  refund_id: z.string().nullable(),
  refund_status: z.string().nullable(),
  attempt: z.int().nullable(),
});

/** A deal's open promises: first those whose money has not moved, then the oldest. */
export async function listOpenPromises(executor: Executor, id: string): Promise<OpenPromise[]> {
  const rows = await executor.any(sql.type(openPromise)`
    SELECT promises.id, promises.kind, promises.amount, moved_at IS NOT NULL AS moved,
      refunds.id AS refund_id, refunds.status AS refund_status, refunds.attempt
    FROM promises LEFT JOIN refunds ON refunds.promise_id = promises.id
    WHERE promises.conversation_id = ${id} AND promises.done_at IS NULL
    ORDER BY moved_at IS NOT NULL, refunds.status IS NOT DISTINCT FROM 'failed', promises.step_n, promises.kind DESC
    LIMIT 100
  `);
  return [...rows];
}

/** What a deal's workflow does not know after step `known`. */
export async function readNews(executor: Executor, id: string, known: number): Promise<News> {
  // First, so that what is read after it is as new as it says, or newer.
  const { version } = await executor.one(sql.type(z.object({ version: z.int() }))`
    SELECT version FROM conversations WHERE id = ${id}
  `);
  const steps = (await listStepsOfMany(executor, [id], [known])).map((row) => row.step);
  return { steps, promises: await listOpenPromises(executor, id), version };
}

const openingRow = z.object({ kind: z.custom<DealKind>(), flow_data: z.custom<Terms>(), created_at: z.string() });

/** The deal as it was before its first step; null where there is none. */
export async function findOpening(executor: Executor, id: string): Promise<Deal | null> {
  const row = await executor.maybeOne(sql.type(openingRow)`
    SELECT kind, flow_data, created_at FROM conversations WHERE id = ${id} AND kind <> 'direct'
  `);
  return row && newDeal(id, row.kind, minor(row.flow_data.proposed), row.flow_data.policy, row.created_at);
}

const partiesRow = z.object({ brand_owner_id: z.string(), influencer_id: z.string() });

/** Who deals with whom; null for an unknown id. */
export async function findParties(executor: Executor, id: string): Promise<readonly [string, string] | null> {
  const row = await executor.maybeOne(sql.type(partiesRow)`
    SELECT brand_owner_id, influencer_id FROM conversations WHERE id = ${id}
  `);
  return row && [row.brand_owner_id, row.influencer_id];
}
