import { z } from 'zod';
import { traceparent } from '#program/trace.ts';
import { asUuid } from '#workflows/ids.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { shareProcesses } from '../process/locks.ts';
import { ringSoon } from '../process/ringing.ts';

export type ReceivedWebhook = {
  provider: string;
  eventId: string;
  type: string;
  facts: readonly ProviderFact[];
  /** As it came, for whoever has to look. */
  body: string;
  /** Of the request that brought it. */
  correlationId?: string | null;
  now: () => Date;
};

/** What storing a webhook did: how many facts are new, and whose workflows are to be told. */
export type StoredWebhook = { stored: number; processIds: string[] };

type Address = { processId: string | null; orderId: string | null };
type Addressed = Address & { fact: ProviderFact };

/**
 * Keeps a webhook and its facts, once per event. The processes it is about are locked in share mode while it is written:
 * an expiry either sees the fact or is before it, so what was received on time is on time.
 */
export async function storeWebhook(pool: Pool, webhook: ReceivedWebhook): Promise<StoredWebhook> {
  return pool.transaction(async (transaction) => {
    const addressed: Addressed[] = [];
    for (const fact of webhook.facts) addressed.push({ fact, ...(await findAddress(transaction, fact)) });
    return store(transaction, webhook, addressed);
  });
}

/**
 * Keeps what a provider answered when it was asked about an order, as a webhook would have told it: by the order and the
 * payment, so that asking twice is finding once.
 */
export async function storeFound(
  pool: Pool,
  order: { id: string; process_id: string; provider: string },
  payments: readonly ProviderFact[],
  now: () => Date,
): Promise<StoredWebhook> {
  let all: StoredWebhook = { stored: 0, processIds: [] };
  for (const fact of payments) {
    const eventId = `asked_${order.id}_${fact.kind}_${fact.paymentId}`;
    const { provider } = order;
    const webhook = { provider, eventId, type: 'order.asked', facts: [fact], body: JSON.stringify(fact), now };
    const { stored, processIds } = await pool.transaction((transaction) =>
      store(transaction, webhook, [{ fact, processId: order.process_id, orderId: order.id }]),
    );
    all = { stored: all.stored + stored, processIds: [...new Set([...all.processIds, ...processIds])] };
  }
  return all;
}

async function store(
  transaction: Transaction,
  webhook: ReceivedWebhook,
  addressed: readonly Addressed[],
): Promise<StoredWebhook> {
  const processIds = [...new Set(addressed.flatMap((each) => each.processId ?? []))].sort();
  await shareProcesses(transaction, processIds);
  // Under the lock, so that no expiry can fall between the instant and the row.
  const receivedAt = webhook.now().toISOString();
  const row = await transaction.maybeOne(sql.type(z.object({ id: z.bigint() }))`
    INSERT INTO webhooks (provider, event_id, type, body, received_at)
    VALUES (${webhook.provider}, ${webhook.eventId}, ${webhook.type}, ${webhook.body}, ${receivedAt}::timestamptz)
    ON CONFLICT (provider, event_id) DO NOTHING
    RETURNING id
  `);
  if (!row) return { stored: 0, processIds: [] };
  for (const { fact, processId, orderId } of addressed) {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO inbox (webhook_id, process_id, order_id, fact, correlation_id, received_at, traceparent)
      VALUES (${row.id}, ${processId}, ${orderId}, ${sql.jsonb(fact)}, ${webhook.correlationId ?? null},
        ${receivedAt}::timestamptz, ${traceparent()})
    `);
  }
  await ringSoon(transaction, processIds, receivedAt);
  return { stored: addressed.length, processIds };
}

/** Our refund's id in the key that the provider carries back (see `refundKey`); null where it carries none of ours. */
export function refundIdOf(fact: ProviderFact): string | null {
  return asUuid(fact.refundKey?.split('_')[0]);
}

const address = z.object({ process_id: z.string().nullable(), order_id: z.string().nullable() });

/** Which of our orders and processes a fact is about: by its order, else by the payment, refund or dispute it names. */
export async function findAddress(executor: Executor, fact: ProviderFact): Promise<Address> {
  const row = await executor.maybeOne(sql.type(address)`
    SELECT process_id, order_id FROM (
      SELECT 1 AS rank, process_id, id AS order_id FROM payment_orders
      WHERE provider = ${fact.provider} AND provider_order_id = ${fact.orderId}
      UNION ALL
      -- Our own id, where the provider carries it back: its order may not be written down here yet.
      SELECT 2, process_id, id FROM payment_orders
      WHERE provider = ${fact.provider} AND id = ${asUuid(fact.reference)}::uuid
      UNION ALL
      SELECT 2, process_id, NULL FROM payouts
      WHERE provider = ${fact.provider}
        AND (provider_payout_id = ${fact.payoutId ?? null} OR process_id = ${asUuid(fact.reference)}::uuid)
      UNION ALL
      SELECT 3, captures.process_id, captures.order_id FROM captures
      WHERE provider = ${fact.provider} AND payment_id = ${fact.paymentId}
      UNION ALL
      SELECT 4, captures.process_id, captures.order_id
      FROM refunds JOIN captures ON captures.id = refunds.capture_id
      WHERE captures.provider = ${fact.provider}
        AND (refunds.provider_refund_id = ${fact.refundId} OR refunds.id = ${refundIdOf(fact)}::uuid)
      UNION ALL
      SELECT 5, process_id, NULL FROM disputes
      WHERE provider = ${fact.provider} AND dispute_id = ${fact.disputeId ?? null}
    ) AS known ORDER BY rank LIMIT 1
  `);
  return { processId: row?.process_id ?? null, orderId: row?.order_id ?? null };
}

const traced = z.object({ traceparent: z.string().nullable() });

/** What the process that a fact is about was last moved in: what the provider was asked to do there goes on with this. */
export async function findTrace(executor: Executor, facts: readonly ProviderFact[]): Promise<string | null> {
  for (const fact of facts) {
    const { processId } = await findAddress(executor, fact);
    if (processId === null) continue;
    const row = await executor.maybeOne(sql.type(traced)`
      SELECT coalesce(
        (SELECT traceparent FROM steps WHERE process_id = relays.process_id ORDER BY n DESC LIMIT 1), traceparent
      ) AS traceparent
      FROM relays WHERE process_id = ${processId}
    `);
    if (row?.traceparent) return row.traceparent;
  }
  return null;
}

/** What became of a fact. The word is kept with it. */
export type Outcome =
  | 'escrow'
  | 'returned'
  | 'suspense'
  | 'known'
  | 'noted'
  | 'settled'
  | 'refund_failed'
  | 'refund_reversed'
  | 'payout_failed'
  | 'payout_reversed'
  | 'charge_back'
  | 'set_aside';

const waiting = z.object({
  id: z.bigint(),
  process_id: z.string().nullable(),
  order_id: z.string().nullable(),
  fact: z.custom<ProviderFact>(),
  correlation_id: z.string().nullable(),
  received_at: z.string(),
  traceparent: z.string().nullable(),
});
export type WaitingFact = z.infer<typeof waiting>;

/** Facts of a process that are not booked, in the order in which they came; for null, those of none. */
export async function listWaitingFacts(
  executor: Executor,
  processId: string | null,
  limit = 100,
): Promise<readonly WaitingFact[]> {
  return executor.any(sql.type(waiting)`
    SELECT id, process_id, order_id, fact, correlation_id, received_at, traceparent FROM inbox
    WHERE booked_at IS NULL AND process_id IS NOT DISTINCT FROM ${processId}::uuid
    ORDER BY id LIMIT ${limit}
  `);
}

/** The same of many processes at once. */
export async function listWaitingFactsOfMany(
  executor: Executor,
  ids: readonly string[],
): Promise<readonly (WaitingFact & { process_id: string })[]> {
  return executor.any(sql.type(waiting.extend({ process_id: z.string() }))`
    SELECT id, process_id, order_id, fact, correlation_id, received_at, traceparent FROM inbox
    WHERE booked_at IS NULL AND process_id = ANY(${sql.array([...ids], 'uuid')})
    ORDER BY id LIMIT 1000
  `);
}

/** A fact that came before what it is about was known here has an address by now. */
export async function addressFact(executor: Executor, id: bigint, { processId, orderId }: Address): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE inbox SET process_id = ${processId}, order_id = coalesce(order_id, ${orderId}::uuid) WHERE id = ${id}
  `);
}

/** Marks a fact as booked, in the transaction that booked it. */
export async function closeFact(executor: Executor, id: bigint, outcome: Outcome, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE inbox SET booked_at = ${now}::timestamptz, outcome = ${outcome} WHERE id = ${id} AND booked_at IS NULL
  `);
}
