import { ApplicationFailure } from '@temporalio/activity';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { storeFound } from '#db/payment/inbox.ts';
import { findOrderToAsk, setAsked } from '#db/payment/orders.ts';
import { findProcess } from '#db/process/processes.ts';
import type { Origin } from '#db/process/stored.ts';
import { ProviderRefused } from '#payments/provider.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import type { ActivityDeps } from './deps.ts';

/**
 * Asks a provider what became of an order. What it says is a fact like one that a webhook told: stored, and booked.
 * Throws while it cannot be reached. An order that the provider does not know was not paid there.
 */
export async function askForOrder(
  deps: Pick<ActivityDeps, 'pool' | 'provider'>,
  orderId: string,
  origin: Origin,
): Promise<void> {
  const { pool } = deps;
  const order = await findOrderToAsk(pool, orderId);
  if (!order?.provider_order_id) return;
  const provider = deps.provider(order.provider);
  if (!provider) throw ApplicationFailure.retryable(`${order.provider} is not configured here`, 'UNAVAILABLE');
  for (const payment of await paymentsOf(provider.findOrder(order.provider_order_id))) {
    const receivedAt = await instantOf(deps, order.process_id, payment, origin.now);
    await storeFound(pool, order, [payment], () => new Date(receivedAt));
  }
  await setAsked(pool, orderId, origin.now);
  await bookWaitingFacts(pool, order.process_id, origin);
}

async function paymentsOf(found: Promise<{ payments: ProviderFact[] }>): Promise<ProviderFact[]> {
  try {
    return (await found).payments;
  } catch (error) {
    if (error instanceof ProviderRefused && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

/**
 * When a payment that was found counts as received: a deadline that waited for this answer has not closed what was paid
 * before it.
 */
async function instantOf(
  { pool }: Pick<ActivityDeps, 'pool'>,
  processId: string,
  { occurredAt }: ProviderFact,
  now: string,
): Promise<string> {
  const stored = await findProcess(pool, processId);
  const deadline = stored && machineOf(stored.process.kind).deadlineOf(stored.process);
  const waited = deadline !== null && now >= deadline && Date.parse(occurredAt) < Date.parse(deadline);
  return waited ? new Date(Date.parse(deadline) - 1).toISOString() : now;
}
