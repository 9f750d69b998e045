import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Asset } from '#workflows/money.ts';
import { subscriptionMachine } from '#workflows/subscription/machine.ts';
import {
  asSubscription,
  STATES,
  type Subscription,
  type SubscriptionOpening,
  shareOf,
} from '#workflows/subscription/terms.ts';
import { startedOf } from '#workflows/subscription/view.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { transfer } from '../money/ledger.ts';
import { eventsOfTransfer } from '../money/walletEvents.ts';
import { getPerson } from '../people/accounts.ts';
import { refuseBlocked } from '../people/blocks.ts';
import { brokenConstraint, type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { chargeOf } from './charging.ts';
import { getTier } from './tiers.ts';

/** What an order for a first month is: so much at a provider. */
export type FirstOrder = { price: bigint; currency: Asset; provider: string };

export type Subscribing = {
  creatorId: string;
  /** Who pays. */
  payerId: string;
  /** Whose it is to be; null: the payer's. */
  giftTo: string | null;
  tier: string;
  shareBps: number;
  /** What an order over so many tokens is; null where it is paid for in tokens. */
  order: ((tokens: bigint) => FirstOrder) | null;
  now: string;
};

/**
 * Subscribes, or gives somebody a month. In tokens it is paid for in this transaction; else its first month begins when
 * its order is paid. Its id, and whether it is new: one that waits for its payment is the answer to asking again.
 * NOT_FOUND, FORBIDDEN, CONFLICT (there is one), INSUFFICIENT_FUNDS. Last in its transaction.
 */
export async function openSubscription(
  transaction: Transaction,
  asked: Subscribing,
): Promise<{ id: string; isNew: boolean }> {
  const { creatorId, payerId, giftTo, tier: code, shareBps, now } = asked;
  const subscriberId = giftTo ?? payerId;
  await requireGivable(transaction, asked, subscriberId);
  const tier = await getTier(transaction, creatorId, code);
  const waiting = await findOpen(transaction, creatorId, subscriberId);
  if (waiting) {
    if (waiting.status === 'awaiting_payment' && waiting.tier === code && asked.order)
      return { id: waiting.id, isNew: false };
    throw subscribed(giftTo === null ? waiting.id : null);
  }
  const price = BigInt(tier.price);
  const order = asked.order?.(price) ?? null;
  const opened: SubscriptionOpening = {
    ...{ tier: code, price: price.toString(), share_bps: shareBps, gift: giftTo !== null },
    order_price: order?.price.toString() ?? null,
  };
  const seats = { subscriber: subscriberId, creator: creatorId, ...(giftTo !== null && { giver: payerId }) };
  const process = await openProcess(transaction, {
    ...{ id: uuid(), kind: 'subscription', by: payerId, variant: null, opened, seats, held: '0', now },
    asset: order?.currency ?? 'TOKEN',
  });
  const subscription = asSubscription(process);
  await insert(transaction, subscription, { ...asked, subscriberId });
  if (order) await insertOrder(transaction, subscription, payerId, order, now);
  else await payFirst(transaction, subscription, { ...asked, price, seats });
  return { id: process.id, isNew: true };
}

async function requireGivable(
  transaction: Transaction,
  { creatorId, payerId, giftTo }: Subscribing,
  subscriberId: string,
): Promise<void> {
  if (giftTo === payerId) throw new Failure('FORBIDDEN', 'A gift is for somebody else.');
  if (creatorId === subscriberId) throw new Failure('FORBIDDEN', 'Nobody subscribes to themselves.');
  await getPerson(transaction, creatorId);
  await refuseBlocked(transaction, payerId, creatorId);
  if (giftTo === null) return;
  await getPerson(transaction, giftTo);
  await refuseBlocked(transaction, payerId, giftTo);
  await refuseBlocked(transaction, giftTo, creatorId);
}

const openRow = z.object({ id: z.string(), status: z.enum(STATES), tier: z.string() });

function findOpen(executor: Executor, creatorId: string, subscriberId: string) {
  return executor.maybeOne(sql.type(openRow)`
    SELECT process_id AS id, status, tier FROM subscriptions
    WHERE creator_id = ${creatorId} AND subscriber_id = ${subscriberId}
      AND status IN ('awaiting_payment', 'active', 'due', 'past_due', 'ending')
  `);
}

function subscribed(id: string | null): Failure {
  const details = id === null ? {} : { subscription_id: id };
  return new Failure('CONFLICT', 'There is a subscription to this creator already.', { details });
}

async function insert(
  transaction: Transaction,
  { id, state, terms }: Subscription,
  { creatorId, payerId, giftTo, subscriberId, now }: Subscribing & { subscriberId: string },
): Promise<void> {
  const opens = state !== 'awaiting_payment';
  try {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO subscriptions (process_id, creator_id, subscriber_id, giver_id, tier, status, opens, opens_told, months,
        paid_until, created_at)
      VALUES (${id}, ${creatorId}, ${subscriberId}, ${giftTo === null ? null : payerId}, ${terms.tier}, ${state}, ${opens},
        ${opens}, ${terms.months}, ${terms.paid_until}::timestamptz, ${now}::timestamptz)
    `);
  } catch (error) {
    // Somebody was faster.
    if (brokenConstraint(error) === 'subscriptions_one') throw subscribed(null);
    throw error;
  }
}

async function insertOrder(
  executor: Executor,
  subscription: Subscription,
  payerId: string,
  { price, currency, provider }: FirstOrder,
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO payment_orders (id, process_id, payer_id, provider, amount, currency, description, expires_at, created_at)
    VALUES (${uuid()}, ${subscription.id}, ${payerId}, ${provider}, ${price}, ${currency}, 'Subscription',
      ${subscriptionMachine.deadlineOf(subscription)}::timestamptz, ${now}::timestamptz)
  `);
}

async function payFirst(
  transaction: Transaction,
  subscription: Subscription,
  paid: Subscribing & { price: bigint; seats: Readonly<Record<string, string>> },
): Promise<void> {
  const { id } = subscription;
  const { price, payerId, creatorId, shareBps, now, seats } = paid;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO subscription_charges (subscription_id, month, price, share, payer_id, at)
    VALUES (${id}, 1, ${price}, ${shareOf(price, shareBps)}, ${payerId}, ${now}::timestamptz)
  `);
  const move = chargeOf({ subscriptionId: id, month: 1, payerId, creatorId, price, shareBps, now });
  await transfer(transaction, move);
  const { name, data } = startedOf(subscription, seats);
  const started = [...new Set(Object.values(seats))].map((user_id) => ({ user_id, name, data }) as Announcement);
  await announce(transaction, [...(await eventsOfTransfer(transaction, move)), ...started]);
}

const row = z.object({
  id: z.string(),
  creator_id: z.string(),
  creator_handle: z.string(),
  subscriber_id: z.string(),
  subscriber_handle: z.string(),
  giver_id: z.string().nullable(),
  giver_handle: z.string().nullable(),
  code: z.string(),
  name: z.string(),
  perks: z.array(z.string()),
  status: z.enum(STATES),
  price: z.bigint().transform(Number),
  next_price: z.bigint().transform(Number).nullable(),
  paid_until: z.string().nullable(),
  deadline: z.string().nullable(),
  created_at: z.string(),
});
export type SubscriptionRow = z.infer<typeof row>;

const SELECT = sql.fragment`
  SELECT process_id AS id, subscriptions.creator_id, creator.handle AS creator_handle, subscriber_id,
    subscriber.handle AS subscriber_handle, giver_id, giver.handle AS giver_handle, code, name, perks, status,
    (terms ->> 'price')::bigint AS price, (terms ->> 'next_price')::bigint AS next_price, paid_until, deadline,
    subscriptions.created_at
  FROM subscriptions JOIN processes ON processes.id = process_id
  JOIN subscription_tiers AS tier ON tier.creator_id = subscriptions.creator_id AND tier.code = subscriptions.tier
  JOIN users AS creator ON creator.id = subscriptions.creator_id
  JOIN users AS subscriber ON subscriber.id = subscriber_id
  LEFT JOIN users AS giver ON giver.id = giver_id`;

/** Of whoever it is about. NOT_FOUND for all others. */
export async function getSubscription(executor: Executor, id: string, userId: string): Promise<SubscriptionRow> {
  const found = await executor.maybeOne(sql.type(row)`
    ${SELECT} WHERE process_id = ${id} AND ${userId} IN (subscriptions.creator_id, subscriber_id, giver_id)
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such subscription.');
  return found;
}

const SIDES = {
  subscriber: sql.fragment`subscriber_id`,
  giver: sql.fragment`giver_id`,
  creator: sql.fragment`subscriptions.creator_id`,
} as const;
export type Side = keyof typeof SIDES;

export type SubscriptionPage = {
  userId: string;
  side: Side;
  status: string | null;
  limit: number;
  before: string | null;
};

/** Somebody's, on one side of them, latest first. */
export function listSubscriptions(
  executor: Executor,
  { userId, side, status, limit, before }: SubscriptionPage,
): Promise<readonly SubscriptionRow[]> {
  return executor.any(sql.type(row)`
    ${SELECT} WHERE ${SIDES[side]} = ${userId} AND (${status}::text IS NULL OR status = ${status}::text)
      AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
}

/** Whoever is to be looked for in rooms again, as what a subscription of theirs opens has changed: counts as done. */
export function takeSubscribersChanged(executor: Executor, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    UPDATE subscriptions SET opens_told = opens WHERE process_id IN (
      SELECT process_id FROM subscriptions WHERE opens <> opens_told
      ORDER BY process_id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING subscriber_id AS id
  `);
}
