import { z } from 'zod';
import { asUuid } from '#workflows/ids.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import { type Executor, type Pool, sql, type Transaction } from './pool.ts';

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
export type StoredWebhook = { stored: number; conversationIds: string[] };

type Addressed = { fact: ProviderFact; conversationId: string | null; orderId: string | null };

/**
 * Keeps a webhook and its facts, once per event. The deals it is about are locked in share mode while it is written:
 * an expiry either sees the fact or is before it, so what was received on time is on time.
 */
export async function storeWebhook(pool: Pool, webhook: ReceivedWebhook): Promise<StoredWebhook> {
  return pool.transaction(async (transaction) => {
    const addressed: Addressed[] = [];
    for (const fact of webhook.facts) addressed.push({ fact, ...(await findAddress(transaction, fact)) });
    const conversationIds = [...new Set(addressed.flatMap((each) => each.conversationId ?? []))].sort();
    for (const id of conversationIds) {
      await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM conversations WHERE id = ${id} FOR SHARE`);
    }
    // Under the lock, so that no expiry can fall between the instant and the row.
    const receivedAt = webhook.now().toISOString();
    const row = await transaction.maybeOne(sql.type(z.object({ id: z.bigint() }))`
      INSERT INTO webhooks (provider, event_id, type, body, received_at)
      VALUES (${webhook.provider}, ${webhook.eventId}, ${webhook.type}, ${webhook.body}, ${receivedAt}::timestamptz)
      ON CONFLICT (provider, event_id) DO NOTHING
      RETURNING id
    `);
    if (!row) return { stored: 0, conversationIds: [] };
    for (const { fact, conversationId, orderId } of addressed) {
      await transaction.query(sql.typeAlias('void')`
        INSERT INTO inbox (webhook_id, conversation_id, order_id, fact, correlation_id, received_at)
        VALUES (${row.id}, ${conversationId}, ${orderId}, ${sql.jsonb(fact)}, ${webhook.correlationId ?? null},
          ${receivedAt}::timestamptz)
      `);
    }
    await ringSoon(transaction, conversationIds);
    return { stored: addressed.length, conversationIds };
  });
}

/** Whatever the sweep gave these deals up to, now there is something new. */
async function ringSoon(transaction: Transaction, conversationIds: readonly string[]): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE relays SET tries = 0, ring_after = '-infinity'
    WHERE conversation_id = ANY(${sql.array([...conversationIds], 'uuid')})
  `);
}

/** Our refund's id in the key that the provider carries back (see `refundKey`); null where it carries none of ours. */
export function refundIdOf(fact: ProviderFact): string | null {
  return asUuid(fact.refundKey?.split('_')[0]);
}

const address = z.object({ conversation_id: z.string().nullable(), order_id: z.string().nullable() });

/** Which of our orders and deals a fact is about: by its order, else by the payment or the refund it names. */
async function findAddress(
  executor: Executor,
  fact: ProviderFact,
): Promise<{ conversationId: string | null; orderId: string | null }> {
  const row = await executor.maybeOne(sql.type(address)`
    SELECT conversation_id, order_id FROM (
      SELECT 1 AS rank, conversation_id, id AS order_id FROM payment_orders
      WHERE provider = ${fact.provider} AND provider_order_id = ${fact.orderId}
      UNION ALL
      -- Our own id, where the provider carries it back: its order may not be written down here yet.
      SELECT 2, conversation_id, id FROM payment_orders
      WHERE provider = ${fact.provider} AND id = ${asUuid(fact.reference)}::uuid
      UNION ALL
      SELECT 3, captures.conversation_id, captures.order_id FROM captures
      WHERE provider = ${fact.provider} AND payment_id = ${fact.paymentId}
      UNION ALL
      SELECT 4, captures.conversation_id, captures.order_id
      FROM refunds JOIN captures ON captures.id = refunds.capture_id
      WHERE captures.provider = ${fact.provider}
        AND (refunds.provider_refund_id = ${fact.refundId} OR refunds.id = ${refundIdOf(fact)}::uuid)
    ) AS known ORDER BY rank LIMIT 1
  `);
  return { conversationId: row?.conversation_id ?? null, orderId: row?.order_id ?? null };
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
  | 'charge_back'
  | 'set_aside';

const waiting = z.object({
  id: z.bigint(),
  conversation_id: z.string().nullable(),
  order_id: z.string().nullable(),
  fact: z.custom<ProviderFact>(),
  correlation_id: z.string().nullable(),
  received_at: z.string(),
});
export type WaitingFact = z.infer<typeof waiting>;

/** Facts of a deal that are not booked, in the order in which they came; for null, those of no deal. */
export async function listWaitingFacts(
  executor: Executor,
  conversationId: string | null,
  limit = 100,
): Promise<readonly WaitingFact[]> {
  return executor.any(sql.type(waiting)`
    SELECT id, conversation_id, order_id, fact, correlation_id, received_at FROM inbox
    WHERE booked_at IS NULL AND conversation_id IS NOT DISTINCT FROM ${conversationId}::uuid
    ORDER BY id LIMIT ${limit}
  `);
}

/** The same of many deals at once. */
export async function listWaitingFactsOfMany(
  executor: Executor,
  ids: readonly string[],
): Promise<readonly (WaitingFact & { conversation_id: string })[]> {
  return executor.any(sql.type(waiting.extend({ conversation_id: z.string() }))`
    SELECT id, conversation_id, order_id, fact, correlation_id, received_at FROM inbox
    WHERE booked_at IS NULL AND conversation_id = ANY(${sql.array([...ids], 'uuid')})
    ORDER BY id LIMIT 1000
  `);
}

/** Marks a fact as booked, in the transaction that booked it. */
export async function closeFact(executor: Executor, id: bigint, outcome: Outcome, now: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE inbox SET booked_at = ${now}::timestamptz, outcome = ${outcome} WHERE id = ${id} AND booked_at IS NULL
  `);
}

const lag = z.object({ seconds: z.number().nullable() });

/** Age in seconds of the oldest fact that is not booked; null when none waits. */
export async function findInboxLag(executor: Executor, now: string): Promise<number | null> {
  const row = await executor.one(sql.type(lag)`
    SELECT extract(epoch FROM ${now}::timestamptz - min(received_at))::float8 AS seconds FROM inbox WHERE booked_at IS NULL
  `);
  return row.seconds;
}
