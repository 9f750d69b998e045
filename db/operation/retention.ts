import { z } from 'zod';
import { deleteLeftBefore } from '../people/accounts.ts';
import { deleteSessionsBefore } from '../people/sessions.ts';
import { type Executor, sql } from '../pool.ts';
import { deleteAnswersBefore } from '../process/answers.ts';
import { deletePagesBefore } from '../recommendation/pages.ts';
import { deletePairs, deleteRefused, sumUpGranted } from '../reward/forgetting.ts';

const DAY_MS = 86_400_000;
/** Rows at once, so that no statement holds up others for long. */
export const FORGOTTEN_AT_ONCE = 5_000;

type Round = {
  rows: number;
  /** Where it stopped, for the next one to go on from; empty where that begins anew, null where no more is there. */
  last: string | null;
};

/**
 * What need not be remembered for ever, and for how long it is. Each forgets up to so many rows in a round. Nothing is
 * partitioned: ids are v7, so that a table can be cut by them on the day that it has to be.
 */
export const RETENTION: readonly {
  what: string;
  keptMs: number;
  /** Why so long, and why no longer. */
  why: string;
  forget(executor: Executor, before: string, limit: number, after: string | null): Promise<Round>;
}[] = [
  // As the API promises: a key may be used anew after that.
  {
    what: 'answers',
    keptMs: 30 * DAY_MS,
    why: 'an Idempotency-Key is remembered so long, as promised',
    forget: fromTheOldest(deleteAnswersBefore),
  },
  // Longer than a refresh token lives, so that a late reuse is still recognized as one.
  {
    what: 'sessions',
    keptMs: 60 * DAY_MS,
    why: 'with their refresh tokens; a late reuse is recognized so long',
    forget: fromTheOldest(deleteSessionsBefore),
  },
  // Longer than an access token of any issuer lives.
  {
    what: 'left subjects',
    keptMs: 30 * DAY_MS,
    why: 'a token from before somebody deleted their account makes no new one; of an outside issuer, as SHA-256',
    forget: fromTheOldest(deleteLeftBefore),
  },
  {
    what: 'pages of recommendations',
    keptMs: DAY_MS,
    why: 'nobody reads on in a list for longer',
    forget: fromTheOldest(deletePagesBefore),
  },
  {
    what: 'outbox',
    keptMs: 90 * DAY_MS,
    why: 'a client that was away for longer reads everything anew',
    forget: fromTheOldest(deleteEvents),
  },
  {
    what: 'refused rewards',
    keptMs: 90 * DAY_MS,
    why: 'why something earned nothing is asked soon or never; how often is kept',
    forget: fromTheOldest(deleteRefused),
  },
  {
    what: 'granted rewards',
    keptMs: 400 * DAY_MS,
    why: 'of what is earned anew every day; a year of questions and corrections, then their sums',
    forget: fromTheOldest(sumUpGranted),
  },
  {
    what: 'pairs of rewards',
    keptMs: 30 * DAY_MS,
    why: 'what one may earn by another is limited by day',
    forget: fromTheOldest(deletePairs),
  },
  {
    what: 'publications',
    keptMs: 30 * DAY_MS,
    why: 'other services have long confirmed them',
    forget: fromTheOldest(deletePublications),
  },
  {
    what: 'webhook bodies',
    keptMs: 400 * DAY_MS,
    why: 'a year of questions about a payment; that it came stays known for ever, or it could be booked twice',
    forget: fromTheOldest(forgetBodies),
  },
  {
    what: 'ended relays',
    keptMs: 30 * DAY_MS,
    why: 'of processes that are over and owe nothing',
    forget: deleteEndedRelays,
  },
  {
    what: 'sandbox deliveries',
    keptMs: 30 * DAY_MS,
    why: 'the sandbox’s own',
    forget: fromTheOldest(deleteSandboxDeliveries),
  },
  {
    what: 'sandbox orders',
    keptMs: 400 * DAY_MS,
    why: 'the sandbox’s own, with their payments and refunds',
    forget: fromTheOldest(deleteSandboxOrders),
  },
];

/** What is forgotten is gone, so each round finds the oldest there is: as many as it may take, and there may be more. */
function fromTheOldest(forget: (executor: Executor, before: string, limit: number) => Promise<number>) {
  return async (executor: Executor, before: string, limit: number): Promise<Round> => {
    const rows = await forget(executor, before, limit);
    return { rows, last: rows < limit ? null : '' };
  };
}

/** A user's newest row stays, whatever its age: the counter is compared with it, and a reader may stand there. */
async function deleteEvents(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM outbox WHERE (user_id, last_seq) IN (
      SELECT user_id, outbox.last_seq FROM outbox JOIN user_sequences USING (user_id)
      WHERE outbox.created_at < ${before}::timestamptz AND outbox.last_seq < user_sequences.last_seq
        -- Never out of the middle: one that is kept is kept with all that came after it.
        AND NOT EXISTS (
          SELECT FROM outbox AS earlier
          WHERE earlier.user_id = outbox.user_id AND earlier.last_seq < outbox.last_seq
            AND earlier.created_at >= ${before}::timestamptz
        )
      ORDER BY user_id, outbox.last_seq LIMIT ${limit}
    )
  `);
  return rowCount;
}

async function deletePublications(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM publications WHERE id IN (
      SELECT id FROM publications WHERE published_at < ${before}::timestamptz ORDER BY id LIMIT ${limit}
    )
  `);
  return rowCount;
}

/** That it came stays known, or it could be booked twice; what it said is in the inbox. */
async function forgetBodies(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE webhooks SET body = NULL WHERE id IN (
      SELECT id FROM webhooks WHERE body IS NOT NULL AND received_at < ${before}::timestamptz
      ORDER BY received_at LIMIT ${limit}
    )
  `);
  return rowCount;
}

const walked = z.object({ last: z.string().nullable(), rows: z.bigint().transform(Number) });

/**
 * Of processes that are over, with nothing owed; should something happen to one after all, it has a row again. Most are
 * not over, or not for long: so many are looked at in a round, by their ids, and each once in all rounds together.
 */
async function deleteEndedRelays(
  executor: Executor,
  before: string,
  limit: number,
  after: string | null,
): Promise<Round> {
  return executor.one(sql.type(walked)`
    WITH next AS MATERIALIZED (
      SELECT process_id FROM relays
      WHERE process_id > ${after || '00000000-0000-0000-0000-000000000000'}::uuid ORDER BY process_id LIMIT ${limit}
    ), ended AS MATERIALIZED (
      SELECT relays.process_id FROM next JOIN relays USING (process_id) JOIN processes ON processes.id = process_id
      JOIN machine_states ON machine_states.kind = processes.kind AND machine_states.state = processes.state AND ends
      WHERE NOT behind AND look_at IS NULL AND stepped_at < ${before}::timestamptz
        AND NOT EXISTS (SELECT FROM promises WHERE promises.process_id = relays.process_id AND done_at IS NULL)
        AND NOT EXISTS (SELECT FROM inbox WHERE inbox.process_id = relays.process_id AND booked_at IS NULL)
      ORDER BY relays.process_id FOR UPDATE OF relays SKIP LOCKED
    ), deleted AS (
      DELETE FROM relays USING ended WHERE relays.process_id = ended.process_id RETURNING 1
    )
    SELECT (SELECT count(*) FROM deleted) AS rows,
      (SELECT process_id FROM next ORDER BY process_id OFFSET ${limit - 1} LIMIT 1) AS last
  `);
}

async function deleteSandboxDeliveries(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM sandbox_deliveries WHERE id IN (
      SELECT id FROM sandbox_deliveries WHERE ended_at < ${before}::timestamptz LIMIT ${limit}
    )
  `);
  return rowCount;
}

/** With their payments and refunds: nobody asks for them after so long. */
async function deleteSandboxOrders(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    WITH old AS MATERIALIZED (
      SELECT id FROM sandbox_orders WHERE created_at < ${before}::timestamptz
        AND NOT EXISTS (SELECT FROM sandbox_deliveries WHERE order_id = sandbox_orders.id AND ended_at IS NULL)
      LIMIT ${limit}
    ), refunds AS (
      DELETE FROM sandbox_refunds USING old WHERE order_id = old.id
    ), payments AS (
      DELETE FROM sandbox_payments USING old WHERE order_id = old.id
    )
    DELETE FROM sandbox_orders USING old WHERE sandbox_orders.id = old.id
  `);
  return rowCount;
}
