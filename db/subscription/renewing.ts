import { after } from '#workflows/durations.ts';
import { renewalAt } from '#workflows/subscription/machine.ts';
import { asSubscription, type Subscription, TRY_FOR } from '#workflows/subscription/terms.ts';
import { balanceOf } from '../money/walletEvents.ts';
import { findBlock } from '../people/blocks.ts';
import type { Transaction } from '../pool.ts';
import type { Moving } from '../process/kind.ts';
import type { StoredProcess } from '../process/stored.ts';
import { chargeOf } from './charging.ts';
import { findTier } from './tiers.ts';

/**
 * What a subscription comes to at its deadline. What is told a week before is the price of that day, and is what is
 * charged; a month is charged by the step that renews it and in its transaction, so neither is there without the other.
 */
export async function moveSubscription(transaction: Transaction, stored: StoredProcess, now: string): Promise<Moving> {
  const subscription = asSubscription(stored.process);
  const { state, terms } = subscription;
  if (state !== 'active' && state !== 'due' && state !== 'past_due') return step('expire');
  const price = await priceFor(transaction, stored);
  if (price === null) return step(state === 'past_due' ? 'expire' : 'withdraw');
  if (state === 'active') return step('expire', { price: String(price) });
  const renewal = await renew(transaction, subscription, stored.seats, now);
  if (renewal) return renewal;
  const isOver = state === 'past_due' && now >= after(terms.failed_at ?? now, TRY_FOR);
  return step(state === 'due' || isOver ? 'expire' : 'retry');
}

function step(on: string, data: Record<string, unknown> = {}): Moving {
  return { on, data, moves: [], tells: [] };
}

/** What its tier costs today; null where it is not sold any more, or not to this subscriber. */
async function priceFor(transaction: Transaction, { process, seats }: StoredProcess): Promise<number | null> {
  const { creator = '', subscriber = '' } = seats;
  if (await findBlock(transaction, subscriber, creator)) return null;
  return (await findTier(transaction, creator, asSubscription(process).terms.tier))?.price ?? null;
}

/** Null where the subscriber has not that much. Who spends it in the same instant undoes this, and it is tried again. */
async function renew(
  transaction: Transaction,
  { id, terms }: Subscription,
  { subscriber = '', creator = '' }: Readonly<Record<string, string>>,
  now: string,
): Promise<Moving | null> {
  const owed = renewalAt(terms, now);
  const price = BigInt(owed.price);
  const { available } = await balanceOf(transaction, subscriber, 'TOKEN', now);
  if (available < price) return null;
  const move = chargeOf({
    ...{ subscriptionId: id, month: owed.months, payerId: subscriber, creatorId: creator, price, now },
    shareBps: terms.share_bps,
  });
  return { ...step('renew', owed), moves: [move] };
}
