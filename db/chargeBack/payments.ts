import { z } from 'zod';
import type { Kind } from '#workflows/kinds.ts';
import type { Asset } from '#workflows/money.ts';
import { asSubscription } from '#workflows/subscription/terms.ts';
import { asTopUp } from '#workflows/topUp/terms.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import type { StoredProcess } from '../process/stored.ts';

/** Who paid whom, and what whoever was paid has of it. */
export type Sides = {
  payer: string | null;
  payee: string;
  /** What the payee has of it: money of the currency itself, or so many of an asset of ours for the whole price. */
  asset: Asset;
  bought: { quantity: bigint; price: bigint } | null;
};

/** What payments are made for, by the kind of process; left out are kinds that nobody pays a provider for. */
const SIDES: { readonly [Of in Kind]?: (stored: StoredProcess) => Sides } = {
  deal: ({ process, seats }) => ({
    payer: seats.brand_owner as string,
    payee: seats.influencer as string,
    asset: process.asset,
    bought: null,
  }),
  // Whoever paid was given a month for it, which stays: they owe the tokens that it cost.
  subscription({ process, seats }) {
    const { terms } = asSubscription(process);
    const bought = { quantity: BigInt(terms.price), price: BigInt(terms.order_price ?? '1') };
    return { payer: null, payee: seats.subscriber as string, asset: 'TOKEN', bought };
  },
  topUp({ process, seats }) {
    const { terms, asset } = asTopUp(process);
    const bought = { quantity: BigInt(terms.quantity), price: BigInt(terms.price) };
    return {
      payer: null,
      payee: seats.buyer as string,
      asset: terms.asset,
      bought: terms.asset === asset ? null : bought,
    };
  },
};

export function sidesOf(stored: StoredProcess): Sides | null {
  return SIDES[stored.process.kind as Kind]?.(stored) ?? null;
}

/** What of a loss is whose, in what the payee has: a part of a unit counts as one. */
export function partOf(amount: bigint, { bought }: Sides): bigint {
  if (!bought) return amount;
  return (amount * bought.quantity + bought.price - 1n) / bought.price;
}

/**
 * What somebody was given for a payment and does not answer for yet, by another dispute about it. Nothing while it lies
 * in what was paid for.
 */
export async function answerableFor(
  executor: Executor,
  { payee, asset }: Pick<Sides, 'payee' | 'asset'>,
  { paymentProcessId, except }: { paymentProcessId: string; except: string },
): Promise<bigint> {
  const units = await executor.oneFirst(sql.type(z.object({ units: z.bigint() }))`
    SELECT (
      SELECT coalesce(sum(entry.amount), 0) FROM ledger_transfers AS transfer
      JOIN ledger_entries AS entry ON entry.transfer_id = transfer.id
      JOIN ledger_accounts AS account ON account.id = entry.account_id AND account.kind = 'wallet'
        AND account.owner_id = ${payee} AND account.asset = ${asset}
      WHERE transfer.conversation_id = ${paymentProcessId}
    )::bigint - (
      SELECT coalesce(sum(greatest(due, processes.held)), 0)::bigint
      FROM charge_backs JOIN processes ON processes.id = process_id
      WHERE payment_process_id = ${paymentProcessId} AND process_id <> ${except}
    ) AS units
  `);
  return units > 0n ? units : 0n;
}

const open = z.object({ residual: z.bigint(), inside: z.bigint(), waived: z.boolean() });

/**
 * Of the payment that a dispute is about: what the bank took and nothing has made up for, what still lies in what was
 * paid for, and whether an operator let that go on for good.
 */
export async function findOpenLoss(executor: Executor, disputeId: string): Promise<z.infer<typeof open>> {
  return executor.one(sql.type(open)`
    SELECT (
        SELECT coalesce(sum(other.lost), 0)::bigint FROM disputes AS other
        WHERE other.provider = dispute.provider AND other.payment_id = dispute.payment_id
      ) - (
        SELECT coalesce(sum(refunds.amount), 0)::bigint FROM refunds WHERE refunds.capture_id = dispute.capture_id AND covers
      ) - (
        SELECT coalesce(sum(settled), 0)::bigint FROM charge_backs JOIN disputes AS other ON other.id = charge_backs.dispute_id
        WHERE other.provider = dispute.provider AND other.payment_id = dispute.payment_id
      ) AS residual,
      (
        SELECT coalesce(sum(balance), 0)::bigint FROM ledger_accounts
        WHERE code IN ('escrow/' || dispute.process_id, 'refund_clearing/' || dispute.process_id)
          AND asset = dispute.currency
      ) AS inside,
      dispute.waived_at IS NOT NULL AS waived
    FROM disputes AS dispute WHERE dispute.id = ${disputeId}
  `);
}

/** Of two amounts: `Math.min` takes no bigint. */
export function lesser(one: bigint, other: bigint): bigint {
  if (one < other) return one;
  return other;
}

/** Accounts that are looked at before they are moved, in the order of locks; those that are not there yet are left out. */
export async function lockAccounts(transaction: Transaction, codes: readonly string[], asset: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE code = ANY(${sql.array([...codes], 'text')}) AND asset = ${asset}
    ORDER BY code FOR NO KEY UPDATE
  `);
}
