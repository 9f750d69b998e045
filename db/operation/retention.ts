import { deleteViews } from '../boost/targets.ts';
import { deleteEvents } from '../event/forgetting.ts';
import { deletePublications } from '../event/publications.ts';
import { deleteNotifications, deletePushes } from '../notification/forgetting.ts';
import { deleteLeft } from '../people/accounts.ts';
import { deleteSessions } from '../people/sessions.ts';
import { type Executor, sql } from '../pool.ts';
import { deleteAnswers } from '../process/answers.ts';
import { deletePages } from '../recommendation/pages.ts';
import { deletePairs, deleteRefused, sumUpGranted } from '../reward/forgetting.ts';
import { deleteDeliveries } from '../webhook/deliveries.ts';
import { type Asked, deleteOldest, type Round, round } from './round.ts';

const DAY_MS = 86_400_000;
/** Rows at once, so that no statement holds up others for long. */
export const FORGOTTEN_AT_ONCE = 5_000;

/** What is forgotten is not the same in every deployment. */
export type Deployment = {
  /** Whether other services are told of what happens. */
  hasBroker: boolean;
};

/**
 * What need not be remembered for ever, and for how long it is. Each forgets up to so many rows in a round. Nothing is
 * partitioned: ids are v7, so that a table can be cut by them on the day that it has to be.
 */
export const RETENTION: readonly {
  what: string;
  /** Where its rows lie. */
  tables: readonly string[];
  keptMs: number;
  /** Why so long, and why no longer. */
  why: string;
  forget(executor: Executor, asked: Asked, deployment: Deployment): Promise<Round>;
}[] = [
  // As the API promises: a key may be used anew after that.
  {
    what: 'answers',
    tables: ['answers'],
    keptMs: 30 * DAY_MS,
    why: 'an Idempotency-Key is remembered so long, as promised',
    forget: deleteAnswers,
  },
  // Longer than a refresh token lives, so that a late reuse is still recognized as one.
  {
    what: 'sessions',
    tables: ['sessions', 'refresh_tokens'],
    keptMs: 60 * DAY_MS,
    why: 'with their refresh tokens, from their end on; a late reuse is recognized so long',
    forget: deleteSessions,
  },
  // Longer than an access token of any issuer lives.
  {
    what: 'left subjects',
    tables: ['left_subjects'],
    keptMs: 30 * DAY_MS,
    why: 'a token from before somebody deleted their account makes no new one; of an outside issuer, as SHA-256',
    forget: deleteLeft,
  },
  {
    what: 'pages of recommendations',
    tables: ['recommendation_pages'],
    keptMs: DAY_MS,
    why: 'nobody reads on in a list for longer',
    forget: deletePages,
  },
  {
    what: 'outbox',
    tables: ['outbox'],
    keptMs: 90 * DAY_MS,
    why: 'a client that was away for longer reads everything anew',
    forget: deleteEvents,
  },
  {
    what: 'refused rewards',
    tables: ['rewards'],
    keptMs: 90 * DAY_MS,
    why: 'why something earned nothing is asked soon or never; how often is kept',
    forget: deleteRefused,
  },
  {
    what: 'granted rewards',
    tables: ['rewards'],
    keptMs: 400 * DAY_MS,
    why: 'of what is earned anew every day; a year of questions and corrections, then their sums',
    forget: sumUpGranted,
  },
  {
    what: 'pairs of rewards',
    tables: ['reward_pairs'],
    keptMs: 30 * DAY_MS,
    why: 'what one may earn by another is limited by day',
    forget: deletePairs,
  },
  {
    what: 'publications',
    tables: ['publications'],
    keptMs: 90 * DAY_MS,
    why: 'a service that lost a quarter is sent it once more; what a broker has not taken is kept until it does',
    forget: deletePublications,
  },
  {
    what: 'webhook deliveries',
    tables: ['webhook_deliveries', 'webhook_attempts'],
    keptMs: 30 * DAY_MS,
    why: 'what customers were sent and what they answered, from its end on; to be looked at and sent again for a month',
    forget: deleteDeliveries,
  },
  {
    what: 'pushes',
    tables: ['pushes', 'deliveries'],
    keptMs: 90 * DAY_MS,
    why: 'with what became of them on each device; why something did not arrive is asked soon or never',
    forget: deletePushes,
  },
  {
    what: 'notifications that are in no list',
    tables: ['notifications', 'notification_triggers'],
    keptMs: 180 * DAY_MS,
    why: 'put away, taken back or never shown, with what caused them; half a year to be found again',
    forget: deleteNotifications,
  },
  {
    what: 'views of profiles, gigs and clans',
    tables: ['target_views'],
    keptMs: 3 * 366 * DAY_MS,
    why: 'a boost lasts a year at most, and is compared with as long before and after it',
    forget: deleteViews,
  },
  {
    what: 'webhook bodies',
    tables: ['webhooks'],
    keptMs: 400 * DAY_MS,
    why: 'a year of questions about a payment; that it came stays known for ever, or it could be booked twice',
    forget: forgetBodies,
  },
  {
    what: 'ended relays',
    tables: ['relays'],
    keptMs: 30 * DAY_MS,
    why: 'of processes that are over and owe nothing',
    forget: deleteEndedRelays,
  },
  {
    what: 'sandbox deliveries',
    tables: ['sandbox_deliveries'],
    keptMs: 30 * DAY_MS,
    why: 'the sandbox’s own',
    forget: deleteSandboxDeliveries,
  },
  {
    what: 'sandbox orders',
    tables: ['sandbox_orders', 'sandbox_payments', 'sandbox_refunds'],
    keptMs: 400 * DAY_MS,
    why: 'the sandbox’s own, with their payments and refunds',
    forget: deleteSandboxOrders,
  },
];

/** That it came stays known, or it could be booked twice; what it said is in the inbox. */
function forgetBodies(executor: Executor, { before, limit, after }: Asked): Promise<Round> {
  return executor.one(sql.type(round)`
    WITH old AS MATERIALIZED (
      SELECT id, received_at FROM webhooks
      WHERE body IS NOT NULL AND received_at < ${before}::timestamptz
        AND received_at >= ${after ?? '-infinity'}::timestamptz
      ORDER BY received_at LIMIT ${limit}
    ), forgotten AS (
      UPDATE webhooks SET body = NULL FROM old WHERE webhooks.id = old.id
    )
    SELECT count(*) AS rows, CASE WHEN count(*) = ${limit} THEN max(received_at)::text END AS last FROM old
  `);
}

/**
 * Of processes that are over, with nothing owed; should something happen to one after all, it has a row again. Most are
 * not over, or not for long: so many are looked at in a round, by their ids, and each once in all rounds together.
 */
async function deleteEndedRelays(executor: Executor, { before, limit, after }: Asked): Promise<Round> {
  return executor.one(sql.type(round)`
    WITH next AS MATERIALIZED (
      SELECT process_id FROM relays
      WHERE process_id > ${after ?? '00000000-0000-0000-0000-000000000000'}::uuid ORDER BY process_id LIMIT ${limit}
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

function deleteSandboxDeliveries(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, { from: 'sandbox_deliveries', age: sql.fragment`ended_at` });
}

/** With their payments and refunds: nobody asks for them after so long. */
function deleteSandboxOrders(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'sandbox_orders',
    age: sql.fragment`created_at`,
    where: sql.fragment`NOT EXISTS (
      SELECT FROM sandbox_deliveries WHERE order_id = sandbox_orders.id AND ended_at IS NULL
    )`,
    also: sql.fragment`refunds AS (
      DELETE FROM sandbox_refunds WHERE order_id IN (SELECT id FROM old)
    ), payments AS (
      DELETE FROM sandbox_payments WHERE order_id IN (SELECT id FROM old)
    )`,
  });
}
