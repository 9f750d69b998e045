import { z } from 'zod';
import type { Step } from '#workflows/collaboration/flow.ts';
import type { ReportedFact } from '#workflows/collaboration/told.ts';
import { listStepsOfMany } from './deals.ts';
import { listWaitingFactsOfMany } from './inbox.ts';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';

/** What a deal's workflow has not been told: steps after `told`, and the facts that wait for it. */
export type Untold = {
  conversationId: string;
  epoch: number;
  told: number;
  version: number;
  steps: Step[];
  facts: ReportedFact[];
};

const idRow = z.object({ id: z.string() });
const relayRow = z.object({
  conversation_id: z.string(),
  told: z.int(),
  epoch: z.int(),
  version: z.int(),
  facts_wait: z.boolean(),
});

/**
 * Takes deals for telling, skipping those another relay is at, and reads what each is to be told. What is taken is an
 * advisory lock until the transaction ends, not the row: clicks on the deal write that meanwhile.
 */
export async function takeUntold(transaction: Transaction, conversationIds: readonly string[]): Promise<Untold[]> {
  const taken = await transaction.any(sql.prepared('lock_relays', idRow)`
    SELECT id FROM unnest(${sql.array([...conversationIds], 'uuid')}) AS id
    WHERE pg_try_advisory_xact_lock(hashtextextended(id::text, 0))
  `);
  // A statement of its own: it has to see what was committed before the lock was had.
  const rows = await transaction.any(sql.prepared('read_relays', relayRow)`
    SELECT conversation_id, told, epoch, version,
      EXISTS (SELECT FROM inbox WHERE inbox.conversation_id = relays.conversation_id AND booked_at IS NULL) AS facts_wait
    FROM relays WHERE conversation_id = ANY(${sql.array(
      taken.map((row) => row.id),
      'uuid',
    )})
  `);
  const behind = rows.filter((row) => row.told < row.version);
  const ids = behind.map((row) => row.conversation_id);
  const after = behind.map((row) => Math.max(row.told, 0));
  const waitedFor = rows.filter((row) => row.facts_wait).map((row) => row.conversation_id);
  const steps = Map.groupBy(
    ids.length > 0 ? await listStepsOfMany(transaction, ids, after) : [],
    (row) => row.conversation_id,
  );
  const facts = Map.groupBy(
    waitedFor.length > 0 ? await listWaitingFactsOfMany(transaction, waitedFor) : [],
    (row) => row.conversation_id,
  );
  return rows.map(({ conversation_id: conversationId, facts_wait: _, ...rest }) => ({
    conversationId,
    ...rest,
    steps: (steps.get(conversationId) ?? []).map((row) => row.step),
    facts: (facts.get(conversationId) ?? []).map(({ id, fact: { kind, amount, currency } }) => ({
      id: id.toString(),
      kind,
      amount,
      currency,
    })),
  }));
}

const toldRow = z.object({ conversation_id: z.string(), more: z.boolean() });

/**
 * After workflows acknowledged: each was told up to a step, unless it is to be told everything again since. Answers
 * those that have steps beyond it; what is committed after this rings for itself.
 */
export async function setTold(
  transaction: Transaction,
  told: readonly { untold: Untold; last: number }[],
): Promise<string[]> {
  const rows = await transaction.any(sql.prepared('set_told', toldRow)`
    WITH acknowledged AS (
      SELECT relays.conversation_id, last
      FROM unnest(
      ${sql.array(
        told.map(({ untold }) => untold.conversationId),
        'uuid',
      )},
      ${sql.array(
        told.map(({ untold }) => untold.epoch),
        'int4',
      )},
      ${sql.array(
        told.map(({ last }) => last),
        'int4',
      )}
      ) AS sent (conversation_id, epoch, last)
      JOIN relays ON relays.conversation_id = sent.conversation_id AND relays.epoch = sent.epoch
      ORDER BY relays.conversation_id FOR UPDATE OF relays
    )
    UPDATE relays SET told = GREATEST(told, acknowledged.last), behind = GREATEST(told, acknowledged.last) < version
    FROM acknowledged WHERE relays.conversation_id = acknowledged.conversation_id
    RETURNING relays.conversation_id, behind AS more
  `);
  return rows.filter(({ more }) => more).map((row) => row.conversation_id);
}

/**
 * An activity's answer brings its workflow the steps after `known`: where the relay has told it all up to there, it need
 * not tell these.
 */
export async function setHeard(
  executor: Executor,
  conversationId: string,
  known: number,
  heard: number,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE relays SET told = ${heard}, behind = ${heard} < version
    WHERE conversation_id = ${conversationId} AND told >= ${known} AND told < ${heard}
  `);
}

/**
 * Deals that something waits for, whatever their workflow was told: a step it may not know, a promise that is not
 * done (of ended deals too; a refund that failed waits for an operator), a deadline that has passed, a fact that is not
 * booked. Each rings less often the longer nothing happens to it: from every 2 s to every 10 s while something is to be
 * told, as Temporal may be back any moment, and to every 5 min where all was told and it is the workflow's to carry out.
 */
export async function ringDue(pool: Pool, now: string, limit: number): Promise<string[]> {
  await lookLater(pool, now);
  const rows = await pool.any(sql.type(due)`
    WITH waiting AS (
      SELECT conversation_id, interval '10 seconds' AS at_most FROM relays WHERE behind
      UNION ALL
      SELECT conversation_id, '10 seconds' FROM inbox WHERE booked_at IS NULL AND conversation_id IS NOT NULL
      UNION ALL
      SELECT conversation_id, '5 minutes' FROM relays WHERE look_at <= ${now}::timestamptz AND deadline <= ${now}::timestamptz
      UNION ALL
      SELECT promises.conversation_id, '5 minutes' FROM promises LEFT JOIN refunds ON refunds.promise_id = promises.id
      WHERE done_at IS NULL AND refunds.status IS DISTINCT FROM 'failed'
    ), deals AS (
      SELECT conversation_id, min(at_most) AS at_most FROM waiting GROUP BY conversation_id
    ), picked AS (
      SELECT relays.conversation_id, at_most FROM relays JOIN deals USING (conversation_id)
      WHERE ring_after <= ${now}::timestamptz
      ORDER BY ring_after LIMIT ${limit} FOR UPDATE OF relays SKIP LOCKED
    )
    UPDATE relays SET tries = tries + 1,
      ring_after = ${now}::timestamptz + LEAST(interval '2 seconds' * power(2, LEAST(tries, 10)), at_most)
    FROM picked WHERE relays.conversation_id = picked.conversation_id
    RETURNING relays.conversation_id
  `);
  return rows.map((row) => row.conversation_id);
}

/** Of these deals, those that wait for something: a deadline, or money that was promised. */
export async function listAwaited(executor: Executor, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await executor.any(sql.type(due)`
    SELECT conversation_id FROM relays
    WHERE conversation_id = ANY(${sql.array([...ids], 'uuid')}) AND (
      deadline IS NOT NULL
      OR EXISTS (SELECT FROM promises WHERE promises.conversation_id = relays.conversation_id AND done_at IS NULL)
    )
  `);
  return rows.map((row) => row.conversation_id);
}

/** Clicks move deadlines without moving `look_at`, which an index knows: whoever looks too early does it for them. */
async function lookLater(pool: Pool, now: string): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    UPDATE relays SET look_at = deadline
    WHERE look_at <= ${now}::timestamptz AND deadline IS DISTINCT FROM look_at
      AND (deadline IS NULL OR deadline > ${now}::timestamptz)
  `);
}

const due = z.object({ conversation_id: z.string() });

/**
 * Has every deal that is not over told anew, from nothing: after Temporal's store was lost. Answers how many. An
 * acknowledgement that is under way counts for nothing, its epoch being an older one. What was set aside because it
 * could not be booked is tried again.
 */
export async function retellAll(executor: Executor): Promise<number> {
  await executor.query(sql.typeAlias('void')`
    UPDATE inbox SET booked_at = NULL, outcome = NULL WHERE outcome = 'set_aside'
  `);
  const result = await executor.query(sql.typeAlias('void')`
    WITH open AS (
      SELECT relays.conversation_id FROM relays JOIN conversations ON conversations.id = relays.conversation_id
      WHERE flow_state NOT IN ('real_time', 'chat_closed')
        OR EXISTS (SELECT FROM promises WHERE promises.conversation_id = conversations.id AND done_at IS NULL)
        OR EXISTS (SELECT FROM inbox WHERE inbox.conversation_id = conversations.id AND booked_at IS NULL)
      ORDER BY relays.conversation_id FOR UPDATE OF relays
    )
    UPDATE relays SET told = -1, behind = true, epoch = epoch + 1, tries = 0, ring_after = '-infinity'
    FROM open WHERE open.conversation_id = relays.conversation_id
  `);
  return result.rowCount;
}

const lag = z.object({ deals: z.bigint(), seconds: z.number().nullable() });

/** How many deals have steps their workflow may not know, and the age in seconds of the oldest such. */
export async function findRelayLag(executor: Executor, now: string): Promise<z.infer<typeof lag>> {
  return executor.one(sql.type(lag)`
    SELECT count(*) AS deals, extract(epoch FROM ${now}::timestamptz - min(stepped_at))::float8 AS seconds
    FROM relays JOIN conversations ON conversations.id = relays.conversation_id WHERE behind
  `);
}
