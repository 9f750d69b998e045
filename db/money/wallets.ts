import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Deduction } from '#workflows/money/contract.ts';
import { COOLING_OFF_MS, limitInTheWay } from '#workflows/money/limits.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { getPerson, type User } from '../people/accounts.ts';
import { refuseBlocked } from '../people/blocks.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { accounts, type Transfer, transfer } from './ledger.ts';
import { balanceOf, tellOfTransfer, type WalletNews } from './walletEvents.ts';

/** What people and operators do with wallets: each books one transfer and tells of it, in the caller's transaction. */

export type Booked = {
  /** The transfer's key, which is the transaction's id for whoever reads a statement. */
  id: string;
  asset: Asset;
  amount: bigint;
  occurredAt: string;
  /** What the wallet has after it. */
  available: bigint;
  held: bigint;
};

async function book(
  transaction: Transaction,
  userId: string,
  move: Transfer,
  told: WalletNews[] = [],
): Promise<Booked> {
  await transfer(transaction, move);
  await tellOfTransfer(transaction, move, told);
  const leg = move.legs.find(({ account }) => account.kind === 'wallet' && account.ownerId === userId);
  if (!leg) throw new TypeError(`${move.key} moves nothing of ${userId}`);
  const asset = leg.account.asset as Asset;
  const { available, held } = await balanceOf(transaction, userId, asset, move.occurredAt);
  return { id: move.key, asset, amount: leg.amount, occurredAt: move.occurredAt, available, held };
}

export type Sending = {
  from: string;
  to: string;
  asset: Asset;
  amount: bigint;
  memo: string | null;
  now: string;
  /** What the deployment makes of the limits, in percent. */
  percent: number;
  /** `gift_sent`: points given as a present, which are told of as such. */
  as: 'transfer' | 'gift_sent' | 'tip';
};

const KEY_OF = { transfer: 'transfer', gift_sent: 'gift', tip: 'tip' } as const;

/**
 * The transfer from one wallet to another, not made yet: counted within the sender's limits. NOT_FOUND (the recipient),
 * FORBIDDEN (who is blocked), LIMIT_REACHED.
 */
export async function prepareSending(
  transaction: Transaction,
  sending: Sending,
): Promise<{ move: Transfer; recipient: User }> {
  const { from, to, asset, amount, memo, now, as } = sending;
  const recipient = await getPerson(transaction, to);
  await refuseBlocked(transaction, from, to);
  await countSent(transaction, sending);
  const move: Transfer = {
    key: `${KEY_OF[as]}_${uuid()}`,
    reason: as,
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(from, asset), amount: -amount },
      { account: accounts.wallet(to, asset), amount },
    ],
    more: { memo: memo ?? undefined },
  };
  return { move, recipient };
}

/** From one wallet to another. NOT_FOUND (the recipient), FORBIDDEN, LIMIT_REACHED, INSUFFICIENT_FUNDS. */
export async function send(transaction: Transaction, sending: Sending): Promise<Booked & { recipient: User }> {
  const { from, to, memo, as } = sending;
  const { move, recipient } = await prepareSending(transaction, sending);
  const deducted: WalletNews = {
    name: 'points_deducted',
    userId: from,
    action: 'gift_sent',
    reason: `Gift to ${recipient.handle}`,
    metadata: { recipientId: to, ...(memo === null ? {} : { message: memo }) },
  };
  return { ...(await book(transaction, from, move, as === 'gift_sent' ? [deducted] : [])), recipient };
}

const day = z.object({ sent: z.bigint(), opened_at: z.string() });
const recipientRow = z.object({ first_at: z.string(), sent: z.bigint() });

/** Adds to what was sent today and to this recipient. LIMIT_REACHED, with the limit's name and what raises it. */
async function countSent(transaction: Transaction, { from, to, asset, amount, now, percent }: Sending): Promise<void> {
  const today = await transaction.one(sql.type(day)`
    INSERT INTO wallet_days AS today (user_id, asset, day, sent)
    VALUES (${from}, ${asset}, (${now}::timestamptz AT TIME ZONE 'UTC')::date, ${amount})
    ON CONFLICT (user_id, asset, day) DO UPDATE SET sent = today.sent + EXCLUDED.sent
    RETURNING sent, (SELECT created_at FROM users WHERE id = today.user_id) AS opened_at
  `);
  const before = await transaction.maybeOne(sql.type(recipientRow)`
    SELECT first_at, sent FROM wallet_recipients WHERE user_id = ${from} AND recipient_id = ${to} AND asset = ${asset}
  `);
  const limit = limitInTheWay({
    asset,
    amount,
    openedAt: today.opened_at,
    now,
    sentToday: today.sent - amount,
    sentSinceFirst: before?.sent ?? 0n,
    firstAt: before?.first_at ?? null,
    percent,
  });
  if (limit) {
    const text = (units: bigint) => formatDecimal(units, asset);
    const left = limit.allowed > limit.used ? limit.allowed - limit.used : 0n;
    const what = limit.name === 'daily' ? 'a day' : 'to a new recipient within a day';
    throw new Failure(
      'LIMIT_REACHED',
      `At most ${text(limit.allowed)} ${asset} ${what}; ${text(left)} is left. What raises it: ${limit.raisedBy}.`,
      {
        details: {
          limit: limit.name,
          asset,
          allowed: text(limit.allowed),
          used: text(limit.used),
          left: text(left),
          retry_at: limit.retryAt,
          raised_by: limit.raisedBy,
        },
      },
    );
  }
  const isNew = new Date(Date.parse(now) - COOLING_OFF_MS).toISOString();
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO wallet_recipients AS recipient (user_id, recipient_id, asset, first_at, sent)
    VALUES (${from}, ${to}, ${asset}, ${now}, ${amount})
    ON CONFLICT (user_id, recipient_id, asset) DO UPDATE SET sent = recipient.sent + EXCLUDED.sent
    WHERE recipient.first_at > ${isNew}
  `);
}

export type Spending = {
  userId: string;
  action: Deduction & ('purchase' | 'boost_post');
  amount: bigint;
  itemId: string;
  itemName: string | null;
  now: string;
};

/** Pays points for something of ours. INSUFFICIENT_FUNDS. */
export function spend(transaction: Transaction, spending: Spending): Promise<Booked> {
  const { userId, action, amount, itemId, itemName, now } = spending;
  const what = itemName ?? itemId;
  const move: Transfer = {
    key: `spend_${uuid()}`,
    reason: action,
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(userId, 'LYK'), amount: -amount },
      { account: accounts.spent(userId, 'LYK'), amount },
    ],
    more: { memo: what },
  };
  const reason = action === 'purchase' ? `Purchased ${what}` : `Boosted ${what}`;
  const metadata = { itemId, ...(itemName === null ? {} : { itemName }) };
  return book(transaction, userId, move, [{ name: 'points_deducted', userId, action, reason, metadata }]);
}

export type Penalty = { id: string; asked: bigint; taken: bigint; available: bigint };

/** Takes points for a violation, down to zero at most; what was not there is recorded. NOT_FOUND. */
export async function penalise(
  transaction: Transaction,
  { userId, amount, reason, by, now }: { userId: string; amount: bigint; reason: string; by: string; now: string },
): Promise<Penalty> {
  await getPerson(transaction, userId);
  const account = accounts.wallet(userId, 'LYK');
  // What is there may not leave between looking and taking.
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE code = ${account.code} AND asset = ${account.asset} FOR NO KEY UPDATE
  `);
  const { available } = await balanceOf(transaction, userId, 'LYK', now);
  const taken = available < amount ? available : amount;
  const id = uuid();
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO wallet_penalties (id, user_id, asked, taken, reason, given_by, given_at)
    VALUES (${id}, ${userId}, ${amount}, ${taken}, ${reason}, ${by}, ${now})
  `);
  if (taken === 0n) return { id, asked: amount, taken, available };
  const move: Transfer = {
    key: `penalty_${id}`,
    reason: 'penalty',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account, amount: -taken },
      { account: accounts.penalty(userId, 'LYK'), amount: taken },
    ],
    more: { memo: reason },
  };
  const told: WalletNews = { name: 'points_deducted', userId, action: 'penalty', reason, metadata: { penaltyId: id } };
  const booked = await book(transaction, userId, move, [told]);
  return { id, asked: amount, taken, available: booked.available };
}

export type Adjustment = {
  userId: string;
  asset: Asset;
  /** Negative takes. */
  amount: bigint;
  reason: string;
  /** The id of the transaction that it puts right. */
  corrects: string | null;
  now: string;
};

/** An operator puts a balance right, against the named account of adjustments. NOT_FOUND, INSUFFICIENT_FUNDS. */
export async function adjust(transaction: Transaction, adjustment: Adjustment): Promise<Booked> {
  const { userId, asset, amount, reason, corrects, now } = adjustment;
  await getPerson(transaction, userId);
  const move: Transfer = {
    key: `adjustment_${uuid()}`,
    reason: 'adjustment',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.adjustment(userId, asset), amount: -amount },
      { account: accounts.wallet(userId, asset), amount },
    ],
    more: { memo: reason, ...(corrects === null ? {} : { corrects }) },
  };
  return book(transaction, userId, move, [{ name: 'wallet_update', userId, reason }]);
}

/** Money to try things with: it comes from a world outside that is made up. */
export function pour(
  transaction: Transaction,
  { userId, asset, amount, now }: { userId: string; asset: Asset; amount: bigint; now: string },
): Promise<Booked> {
  return book(transaction, userId, {
    key: `faucet_${uuid()}`,
    reason: 'faucet',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.external('faucet', userId, asset), amount: -amount },
      { account: accounts.wallet(userId, asset), amount },
    ],
  });
}

const addressRow = z.object({ n: z.int(), address: z.string().nullable() });

/** The user's place in a source of addresses, and the address once it is known. The same ever after. */
export async function takeAddressNumber(
  pool: Pool,
  { userId, asset, now }: { userId: string; asset: string; now: string },
): Promise<z.infer<typeof addressRow>> {
  return pool.transaction(async (transaction) => {
    const find = () =>
      transaction.maybeOne(sql.type(addressRow)`
        SELECT n, address FROM wallet_addresses WHERE asset = ${asset} AND user_id = ${userId}
      `);
    const kept = await find();
    if (kept) return kept;
    // Numbers are given one after the other: two who ask at once would else take the same.
    await transaction.query(sql.typeAlias('void')`
      SELECT FROM pg_advisory_xact_lock(hashtext('wallet_addresses'), hashtext(${asset}))
    `);
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO wallet_addresses (asset, user_id, n, given_at)
      SELECT ${asset}, ${userId}, coalesce((SELECT max(n) + 1 FROM wallet_addresses WHERE asset = ${asset}), 0), ${now}
      ON CONFLICT (asset, user_id) DO NOTHING
    `);
    const given = await find();
    if (!given) throw new Error('the number that was given is gone');
    return given;
  });
}

/** Keeps the address that a source gave. The one that was kept first stays. */
export async function keepAddress(
  executor: Executor,
  { userId, asset, address }: { userId: string; asset: string; address: string },
): Promise<string> {
  return executor.oneFirst(sql.type(z.object({ address: z.string() }))`
    UPDATE wallet_addresses SET address = coalesce(address, ${address})
    WHERE asset = ${asset} AND user_id = ${userId}
    RETURNING address
  `);
}
