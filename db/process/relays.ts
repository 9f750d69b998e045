import { z } from 'zod';
import type { Step } from '#workflows/process/machine.ts';
import { listWaitingFactsOfMany } from '../payment/inbox.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { listStepsOfMany } from './processes.ts';

/** A provider's fact as the workflow's history shows it: enough for an operator to read; the inbox holds the rest. */
export type UntoldFact = { id: string; kind: string; amount: string; currency: string };

/** What a process's workflow has not been told: steps after `told`, and the facts that wait for it. */
export type Untold = {
  processId: string;
  kind: string;
  epoch: number;
  told: number;
  version: number;
  steps: Step[];
  facts: UntoldFact[];
  /** What it was opened in where nothing of it was told yet, then what its steps were taken in and its facts stored in. */
  traceparents: string[];
};

const idRow = z.object({ id: z.string() });
const relayRow = z.object({
  process_id: z.string(),
  kind: z.string(),
  told: z.int(),
  epoch: z.int(),
  version: z.int(),
  facts_wait: z.boolean(),
  traceparent: z.string().nullable(),
});

/**
 * Takes processes for telling, skipping those another relay is at, and reads what each is to be told. What is taken is an
 * advisory lock until the transaction ends, not the row: steps are written to that meanwhile.
 */
export async function takeUntold(transaction: Transaction, processIds: readonly string[]): Promise<Untold[]> {
  const taken = await transaction.any(sql.prepared('lock_relays', idRow)`
    SELECT id FROM unnest(${sql.array([...processIds], 'uuid')}) AS id
    WHERE pg_try_advisory_xact_lock(hashtextextended(id::text, 0))
  `);
  if (taken.length === 0) return [];
  // A statement of its own: it has to see what was committed before the lock was had.
  const rows = await transaction.any(sql.prepared('read_relays', relayRow)`
    SELECT process_id, kind, told, epoch, version, traceparent,
      EXISTS (SELECT FROM inbox WHERE inbox.process_id = relays.process_id AND booked_at IS NULL) AS facts_wait
    FROM relays WHERE process_id = ANY(${sql.array(
      taken.map((row) => row.id),
      'uuid',
    )})
  `);
  const behind = rows.filter((row) => row.told < row.version);
  const ids = behind.map((row) => row.process_id);
  const after = behind.map((row) => Math.max(row.told, 0));
  const waitedFor = rows.filter((row) => row.facts_wait).map((row) => row.process_id);
  const steps = Map.groupBy(
    ids.length > 0 ? await listStepsOfMany(transaction, ids, after) : [],
    (row) => row.process_id,
  );
  const facts = Map.groupBy(
    waitedFor.length > 0 ? await listWaitingFactsOfMany(transaction, waitedFor) : [],
    (row) => row.process_id,
  );
  return rows.map(({ process_id: processId, facts_wait: _, traceparent: opened, ...rest }) => ({
    processId,
    ...rest,
    traceparents: tracesOf([
      { traceparent: rest.told < 0 ? opened : null },
      ...(steps.get(processId) ?? []),
      ...(facts.get(processId) ?? []),
    ]),
    steps: (steps.get(processId) ?? []).map((row) => row.step),
    facts: (facts.get(processId) ?? []).map(({ id, fact: { kind, amount, currency } }) => ({
      id: id.toString(),
      kind,
      amount,
      currency,
    })),
  }));
}

/** Each once. */
function tracesOf(rows: readonly { traceparent: string | null }[]): string[] {
  return [...new Set(rows.flatMap(({ traceparent }) => traceparent ?? []))];
}

const toldRow = z.object({ process_id: z.string(), more: z.boolean() });

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
      SELECT relays.process_id, last
      FROM unnest(
      ${sql.array(
        told.map(({ untold }) => untold.processId),
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
      ) AS sent (process_id, epoch, last)
      JOIN relays ON relays.process_id = sent.process_id AND relays.epoch = sent.epoch
      ORDER BY relays.process_id FOR UPDATE OF relays
    )
    UPDATE relays SET told = GREATEST(told, acknowledged.last), behind = GREATEST(told, acknowledged.last) < version,
      ring_after = CASE WHEN GREATEST(told, acknowledged.last) < version THEN ring_after ELSE ${SOON} END
    FROM acknowledged WHERE relays.process_id = acknowledged.process_id
    RETURNING relays.process_id, behind AS more
  `);
  return rows.filter(({ more }) => more).map((row) => row.process_id);
}

/** Places in the line of those that are behind: see `relays.ring_after`. */
const SOON = sql.fragment`timestamptz '2000-01-01'`;
const AFTER_WHAT_IS_NEW = sql.fragment`timestamptz '2000-01-02'`;

/**
 * An activity's answer brings its workflow the steps after `known`: where the relay has told it all up to there, it need
 * not tell these.
 */
export async function setHeard(executor: Executor, processId: string, known: number, heard: number): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE relays SET told = ${heard}, behind = ${heard} < version
    WHERE process_id = ${processId} AND told >= ${known} AND told < ${heard}
  `);
}

/** Between rings for one that is behind: from 2 s, twice as long each time, as Temporal may be back any moment. */
const BEHIND_AT_MOST = sql.fragment`interval '10 seconds'`;
/** The same where all was told, and it is the workflow's to carry out. */
const OURS_AT_MOST = sql.fragment`interval '5 minutes'`;
/** The same where a provider was asked and it is its turn: the workflow asks it again by a timer of its own. */
const THEIRS_AT_MOST = sql.fragment`interval '1 hour'`;

const rung = z.object({ process_id: z.string() });
const inLine = rung.extend({ place: z.bigint() });

/**
 * Processes that something waits for, whatever their workflow was told: a step it may not know, money that is promised, a
 * deadline that has passed, a fact that is not booked. Of those that are behind, then of the others, so many at most of
 * each; what just happened goes before what is rung for again, money first, and of each kind as many as of any other
 * where there is more than fits. Each rings less often the longer nothing happens to it.
 *
 * Two statements, each of which reads so many index entries and no more, however many are behind: what was rung for
 * moves to the end of its line.
 */
export async function ringDue(executor: Executor, now: string, limit: number): Promise<string[]> {
  const behind = await ringBehind(executor, now, limit);
  const waiting = await lookAfter(executor, now, limit);
  return [...new Set([...behind, ...waiting])];
}

/** An update answers in whatever order it came by the rows: who has waited longest is told first. */
function firstFirst<Row extends z.infer<typeof inLine>>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => Number(one.place - other.place));
}

/**
 * By their ids, however many are expected: a plan that is kept was made for any limit, expects a tenth of all that could
 * be, and would read all of relays to join them (40 ms of 30,000).
 */
function among(these: 'picked' | 'ringing') {
  return sql.fragment`relays.process_id = ANY(ARRAY(SELECT process_id FROM ${sql.identifier([these])}))`;
}

async function ringBehind(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  const rows = await executor.any(sql.type(inLine)`
    WITH line AS (
      SELECT process_id, kind, ring_after, row_number() OVER (PARTITION BY kind ORDER BY ring_after) AS place
      FROM machines CROSS JOIN LATERAL (
        SELECT process_id, ring_after FROM relays
        WHERE relays.kind = machines.kind AND behind AND ring_after <= ${now}::timestamptz
        ORDER BY ring_after LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) AS first
    ), picked AS (
      SELECT process_id, place FROM line ORDER BY place LIMIT ${limit}
    )
    UPDATE relays SET tries = tries + 1,
      ring_after = ${now}::timestamptz + LEAST(interval '2 seconds' * power(2, LEAST(tries, 10)), ${BEHIND_AT_MOST})
    FROM picked WHERE relays.process_id = picked.process_id AND ${among('picked')}
    RETURNING relays.process_id, place
  `);
  return firstFirst(rows).map((row) => row.process_id);
}

/** So many more are looked at than rung for: clicks move deadlines on without moving `look_at`, and most are those. */
const LOOKED_AT = 4;

/**
 * Looks at those whose time to be looked at has come. Where something waits, it rings and looks again later; where only
 * the deadline moved on, so does the look.
 *
 * Postgres takes a table of a few kinds for hundreds, as it never looks at one so small: without a bound on all kinds
 * together it expected a million rows, and read all of relays to join them (3 s of a million).
 */
async function lookAfter(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  const rows = await executor.any(sql.type(inLine.extend({ rings: z.boolean() }))`
    WITH lines AS (
      SELECT process_id, deadline, row_number() OVER (PARTITION BY kind ORDER BY look_at) AS place
      FROM machines CROSS JOIN LATERAL (
        SELECT process_id, look_at, deadline FROM relays
        WHERE relays.kind = machines.kind AND look_at <= ${now}::timestamptz
        ORDER BY look_at LIMIT ${limit * LOOKED_AT} FOR UPDATE SKIP LOCKED
      ) AS first
    ), line AS (
      SELECT process_id, deadline, place FROM lines ORDER BY place LIMIT ${limit * LOOKED_AT}
    ), seen AS (
      SELECT line.process_id, place,
        deadline <= ${now}::timestamptz IS TRUE OR EXISTS (
          SELECT FROM inbox WHERE inbox.process_id = line.process_id AND booked_at IS NULL
        ) OR EXISTS (
          SELECT FROM promises WHERE promises.process_id = line.process_id AND moved_at IS NULL AND held_up_at IS NULL
        ) AS is_ours,
        EXISTS (
          SELECT FROM promises JOIN refunds ON refunds.promise_id = promises.id
          WHERE promises.process_id = line.process_id AND done_at IS NULL AND refunds.status <> 'failed'
        ) OR EXISTS (
          SELECT FROM payouts WHERE payouts.process_id = line.process_id AND status IN ('due', 'asked', 'pending')
        ) AS is_theirs
      FROM line
    ), ringing AS (
      SELECT process_id, place, is_ours, is_ours OR is_theirs AS rings,
        (is_ours OR is_theirs) AND count(*) FILTER (WHERE is_ours OR is_theirs) OVER (ORDER BY place, process_id) > ${limit}
          AS too_many
      FROM seen
    )
    UPDATE relays SET
      tries = CASE WHEN rings THEN tries + 1 ELSE tries END,
      look_at = CASE WHEN rings THEN ${now}::timestamptz + LEAST(interval '2 seconds' * power(2, LEAST(tries, 11)),
        CASE WHEN is_ours THEN ${OURS_AT_MOST} ELSE ${THEIRS_AT_MOST} END) ELSE deadline END
    FROM ringing WHERE relays.process_id = ringing.process_id AND NOT too_many AND ${among('ringing')}
    RETURNING relays.process_id, place, rings
  `);
  return firstFirst(rows.filter(({ rings }) => rings)).map((row) => row.process_id);
}

/** Of these processes, those that wait for something: a deadline, money that is promised, or a fact to be booked. */
export async function listAwaited(executor: Executor, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await executor.any(sql.type(rung)`
    SELECT process_id FROM relays
    WHERE process_id = ANY(${sql.array([...ids], 'uuid')}) AND (
      deadline IS NOT NULL
      OR EXISTS (SELECT FROM promises WHERE promises.process_id = relays.process_id AND done_at IS NULL)
      OR EXISTS (SELECT FROM inbox WHERE inbox.process_id = relays.process_id AND booked_at IS NULL)
    )
  `);
  return rows.map((row) => row.process_id);
}

/** Told anew by one statement: a hundredth of a second. */
const RETOLD_AT_ONCE = 2_000;

const chunk = z.object({ last: z.string().nullable(), retold: z.bigint().transform(Number) });

/**
 * Has every process that is not over told anew, from nothing: after Temporal's store was lost. Answers how many. An
 * acknowledgement that is under way counts for nothing, its epoch being an older one. What was set aside because it
 * could not be booked is tried again. In short statements, one after the other by id: what happens meanwhile is not
 * held up, and goes before what is told again.
 */
export async function retellAll(executor: Executor): Promise<number> {
  await bookAsideAgain(executor);
  let after: string | null = '00000000-0000-0000-0000-000000000000';
  let all = 0;
  while (after !== null) {
    const { last, retold }: z.infer<typeof chunk> = await executor.one(sql.type(chunk)`
      WITH next AS (
        SELECT process_id FROM relays WHERE process_id > ${after}::uuid ORDER BY process_id LIMIT ${RETOLD_AT_ONCE}
      ), open AS (
        SELECT relays.process_id FROM next JOIN relays USING (process_id)
        JOIN processes ON processes.id = relays.process_id
        JOIN machine_states ON machine_states.kind = processes.kind AND machine_states.state = processes.state
        WHERE NOT ends
          OR EXISTS (SELECT FROM promises WHERE promises.process_id = relays.process_id AND done_at IS NULL)
          OR EXISTS (SELECT FROM inbox WHERE inbox.process_id = relays.process_id AND booked_at IS NULL)
        ORDER BY relays.process_id FOR UPDATE OF relays
      ), retold AS (
        UPDATE relays SET told = -1, behind = true, epoch = epoch + 1, tries = 0, ring_after = ${AFTER_WHAT_IS_NEW}
        FROM open WHERE open.process_id = relays.process_id
        RETURNING 1
      )
      SELECT (SELECT process_id FROM next ORDER BY process_id DESC LIMIT 1) AS last, (SELECT count(*) FROM retold) AS retold
    `);
    after = last;
    all += retold;
  }
  return all;
}

const ASIDE_AT_ONCE = 1_000;

/** Those of no process too, which nobody rings for: the sweep books them. */
async function bookAsideAgain(executor: Executor): Promise<void> {
  for (;;) {
    const { rowCount } = await executor.query(sql.typeAlias('void')`
      UPDATE inbox SET booked_at = NULL, outcome = NULL
      WHERE id IN (SELECT id FROM inbox WHERE outcome = 'set_aside' ORDER BY id LIMIT ${ASIDE_AT_ONCE})
    `);
    if (rowCount < ASIDE_AT_ONCE) return;
  }
}

/** Counted exactly up to this many: a number an operator reads does not have to be right to the last digit. */
const COUNTED = 10_000;

const lag = z.object({ processes: z.bigint(), seconds: z.number().nullable() });

/**
 * How many processes have steps their workflow may not know, counted up to 10,000, and the age in seconds of the oldest
 * step among the first thousand of them.
 */
export async function findRelayLag(executor: Executor, now: string): Promise<z.infer<typeof lag>> {
  return executor.one(sql.type(lag)`
    SELECT (SELECT count(*) FROM (SELECT FROM relays WHERE behind LIMIT ${COUNTED}) AS counted) AS processes, (
      SELECT extract(epoch FROM ${now}::timestamptz - min(stepped_at))::float8
      FROM (SELECT process_id FROM relays WHERE behind ORDER BY kind, ring_after LIMIT 1000) AS first
      JOIN processes ON processes.id = process_id
    ) AS seconds
  `);
}
