import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { after } from '#workflows/durations.ts';
import { Failure } from '#workflows/failures.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import { boundsOf, partsOf } from '#workflows/payout/policy.ts';
import type { Variant } from '#workflows/payout/states.ts';
import { asPayout, type Payout, type PayoutOpening } from '#workflows/payout/terms.ts';
import { announcementOf } from '#workflows/payout/view.ts';
import { debtOf } from '../chargeBack/chargeBacks.ts';
import { announce } from '../event/announce.ts';
import { accounts } from '../money/ledger.ts';
import { balanceOf, tellOfTransfer } from '../money/walletEvents.ts';
import { findPayee, NO_PAPERS } from '../payment/payees.ts';
import type { PayoutStatus, WaitsFor } from '../payment/payouts.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { lockPayee } from '../process/locks.ts';
import { openProcess } from '../process/opening.ts';
import { openTask } from '../task/tasks.ts';
import { findCommission } from './commissions.ts';
import { type DestinationRow, findDestination } from './destinations.ts';
import { approvalTask } from './rows.ts';

export type PayoutSettings = {
  feeBps: number;
  /** What a deployment makes of the upper bounds. */
  limitsPercent: number;
  /** ISO 8601: how long a payout may be taken back, and how long the first ones to a destination. */
  holdFor: string;
  holdForNew: string;
  /** The least that a provider pays out of an asset; null where it pays none of it out. */
  leastAt: (provider: ProviderName, asset: Asset) => bigint | null;
};

export type AskedPayout = { userId: string; asset: Asset; gross: bigint; destinationId: string; now: string };

/** What a payout would book, and what is in its way. */
export type Quote = {
  gross: bigint;
  fee: bigint;
  net: bigint;
  variant: Variant;
  holdFor: string;
  /** When it leaves, if nothing is in its way. */
  leavesAt: string;
  destination: DestinationRow;
  blocks: Failure[];
};

/** What a payout asked for now would book: the payout that is made of it books exactly this. NOT_FOUND. */
export async function quotePayout(executor: Executor, asked: AskedPayout, settings: PayoutSettings): Promise<Quote> {
  const { userId, asset, gross, destinationId, now } = asked;
  const destination = await findDestination(executor, userId, destinationId);
  if (!destination) throw new Failure('NOT_FOUND', 'There is no such destination.');
  const rule = await findCommission(executor, 'payout', userId, now);
  const parts = partsOf(gross, rule?.bps ?? settings.feeBps, rule?.fixed ?? 0n);
  const known = await findHistory(executor, userId, destinationId, asset, now);
  const bounds = boundsOf(asset, settings.limitsPercent);
  const holdFor = known.used ? settings.holdFor : settings.holdForNew;
  const balance = await balanceOf(executor, userId, asset, now);
  const leastAt = settings.leastAt(destination.provider, asset);
  const blocks = [
    papersBlock((await findPayee(executor, userId))?.kyc ?? NO_PAPERS),
    destinationBlock(destination),
    openBlock(known, now),
    debtBlock(asset, await debtOf(executor, userId, asset)),
    leastBlock(asset, parts, leastAt, gross === balance.available ? 1n : bounds.least),
    dailyBlock(asset, gross, known.today, bounds.daily, now),
    gross > balance.available ? insufficient(asset, balance.available) : null,
  ].filter((block) => block !== null);
  return {
    ...parts,
    variant: gross >= bounds.fourEyesFrom ? 'four_eyes' : 'direct',
    holdFor,
    leavesAt: after(now, holdFor),
    destination,
    blocks,
  };
}

type Papers = typeof NO_PAPERS;

/** While papers are looked at, what is asked for is set aside and leaves when they are in order. */
function papersBlock(kyc: Papers): Failure | null {
  if (kyc.status !== 'none' && kyc.status !== 'restricted') return null;
  return new Failure('CONFLICT', 'Your papers have to be in order before money is paid out.', {
    details: { reason: 'kyc', kyc },
  });
}

function destinationBlock({ status, reason }: DestinationRow): Failure | null {
  if (status === 'valid') return null;
  const said = { pending: 'is being checked', invalid: 'is not valid', failed: 'refused a payout: check it again' };
  return new Failure('CONFLICT', `This destination ${said[status]}.`, {
    details: { reason: `destination_${status}`, problem: reason },
  });
}

/** One in the making an account. */
function openBlock({ open_id, open_until }: History, now: string): Failure | null {
  if (open_id === null) return null;
  const retryAt = open_until && open_until > now ? open_until : after(now, 'PT1M');
  return new Failure('CONFLICT', 'Another payout of yours is under way.', {
    details: { reason: 'in_the_making', payout_id: open_id, retry_at: retryAt },
  });
}

/** What is owed goes first: it is taken from what is there within a minute. */
function debtBlock(asset: Asset, owed: bigint): Failure | null {
  if (owed === 0n) return null;
  const amount = formatDecimal(owed, asset);
  return new Failure('CONFLICT', `${amount} ${asset} is owed for a payment that was charged back, and goes first.`, {
    details: { reason: 'debt', owed: amount, asset },
  });
}

function leastBlock(asset: Asset, parts: { gross: bigint; net: bigint }, leastAt: bigint | null, least: bigint) {
  if (leastAt === null) {
    return new Failure('CONFLICT', `${asset} is not paid out there.`, { details: { reason: 'asset_not_paid_out' } });
  }
  if (parts.gross >= least && parts.net >= leastAt && parts.net > 0n) return null;
  const most = least > leastAt ? least : leastAt;
  return new Failure('LIMIT_REACHED', `A payout is of ${formatDecimal(most, asset)} ${asset} or more.`, {
    details: { limit: 'minimum', min: formatDecimal(most, asset), asset },
  });
}

function dailyBlock(asset: Asset, gross: bigint, today: bigint, daily: bigint, now: string): Failure | null {
  if (today + gross <= daily) return null;
  const text = (units: bigint) => formatDecimal(units, asset);
  return new Failure('LIMIT_REACHED', `No more than ${text(daily)} ${asset} is paid out a day.`, {
    details: {
      limit: 'daily',
      max: text(daily),
      used: text(today),
      asset,
      retry_at: `${after(now, 'P1D').slice(0, 10)}T00:00:00.000Z`,
    },
  });
}

function insufficient(asset: Asset, available: bigint): Failure {
  return new Failure('INSUFFICIENT_FUNDS', 'The wallet does not hold this amount.', {
    details: { available: formatDecimal(available, asset), asset },
  });
}

const history = z.object({
  today: z.bigint(),
  open_id: z.string().nullable(),
  open_until: z.string().nullable(),
  used: z.boolean(),
});
type History = z.infer<typeof history>;

/** What somebody was paid out before: today (UTC) of this asset, to this destination ever, and what is under way. */
async function findHistory(
  executor: Executor,
  userId: string,
  destinationId: string,
  asset: Asset,
  now: string,
): Promise<History> {
  return executor.one(sql.type(history)`
    WITH mine AS (
      SELECT payouts.process_id, destination_id, currency, gross, status, payouts.created_at, state, ends, deadline
      FROM payouts JOIN processes ON processes.id = process_id JOIN machine_states USING (kind, state)
      WHERE payouts.user_id = ${userId}
    )
    SELECT
      coalesce(sum(gross) FILTER (WHERE currency = ${asset} AND state NOT IN ('cancelled', 'failed')
        AND created_at >= date_trunc('day', ${now}::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), 0)::bigint AS today,
      (array_agg(process_id) FILTER (WHERE NOT ends))[1] AS open_id,
      (array_agg(deadline) FILTER (WHERE NOT ends))[1] AS open_until,
      coalesce(bool_or(destination_id = ${destinationId} AND status = 'processed'), false) AS used
    FROM mine
  `);
}

/**
 * Opens a payout: what it is of is set aside in the same transaction, and its payee is told. `net` is what the estimate
 * said, where somebody counts on it. NOT_FOUND, and whatever is in its way: CONFLICT, LIMIT_REACHED, INSUFFICIENT_FUNDS,
 * OFFER_STALE. Whom to ring for.
 */
export async function openPayout(
  transaction: Transaction,
  asked: AskedPayout & { net: bigint | null },
  settings: PayoutSettings,
): Promise<{ payout: Payout; ring: string[] }> {
  const { userId, asset, destinationId, now } = asked;
  await lockPayee(transaction, userId);
  const quote = await quotePayout(transaction, asked, settings);
  const { gross, fee, net, variant, destination } = quote;
  const [block] = quote.blocks;
  if (block) throw block;
  if (asked.net !== null && asked.net !== net) {
    throw new Failure('OFFER_STALE', 'What arrives is not what was estimated.', {
      details: { net: formatDecimal(net, asset), fee: formatDecimal(fee, asset) },
    });
  }
  const opened: PayoutOpening = {
    fee: fee.toString(),
    net: net.toString(),
    hold_for: quote.holdFor,
    provider: destination.provider,
    destination_id: destinationId,
  };
  const id = uuid();
  const legs = [
    { place: 'wallet:payee' as const, amount: `-${gross}` },
    { place: 'hold:payee' as const, amount: gross.toString() },
  ];
  const held = gross.toString();
  const seats = { payee: userId };
  const process = await openProcess(transaction, {
    id,
    kind: 'payout',
    by: userId,
    variant,
    opened,
    seats,
    held,
    asset,
    legs,
    now,
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO payouts (process_id, user_id, destination_id, provider, currency, gross, fee, net, status, created_at)
    VALUES (${id}, ${userId}, ${destinationId}, ${destination.provider}, ${asset}, ${gross}, ${fee}, ${net}, 'reserved',
      ${now}::timestamptz)
  `);
  const payout = asPayout(process);
  if (variant === 'four_eyes') await openTask(transaction, { ...approvalTask(payout), now });
  return { payout, ring: await tellOfOpening(transaction, payout, userId, destination, now) };
}

/** What left the wallet, and that it is on its way. Last in its transaction. Whom to ring for. */
async function tellOfOpening(
  transaction: Transaction,
  payout: Payout,
  userId: string,
  destination: DestinationRow,
  now: string,
): Promise<string[]> {
  const { asset } = payout;
  const gross = BigInt(payout.terms.gross);
  const move = {
    key: `opened_${payout.id}`,
    reason: 'payout_opened',
    conversationId: payout.id,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(userId, asset), amount: -gross },
      { account: accounts.hold(userId, asset), amount: gross },
    ],
  };
  const withdrawn = {
    name: 'points_deducted' as const,
    userId,
    action: 'withdrawal' as const,
    reason: 'withdrawal',
    metadata: { itemId: payout.id, itemName: destination.label },
  };
  const ring = await tellOfTransfer(transaction, move, asset === 'LYK' ? [withdrawn] : []);
  await announce(transaction, [{ user_id: userId, name: 'payout_update', data: announcementOf(payout, 'open') }]);
  return ring;
}

const details = z.object({
  destination_id: z.string(),
  destination_kind: z.string(),
  label: z.string(),
  holder: z.string().nullable(),
  status: z.custom<PayoutStatus>(),
  waits_for: z.custom<WaitsFor>().nullable(),
  provider_payout_id: z.string().nullable(),
  created_at: z.string(),
});
export type PayoutDetails = z.infer<typeof details>;

/** What payouts have beside their processes, by their ids. */
export async function listPayoutDetails(
  executor: Executor,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PayoutDetails>> {
  const rows = await executor.any(sql.type(details.extend({ process_id: z.string() }))`
    SELECT process_id, destination_id, details ->> 'kind' AS destination_kind, label, holder, payouts.status, waits_for,
      provider_payout_id, payouts.created_at
    FROM payouts JOIN payout_destinations ON payout_destinations.id = destination_id
    WHERE process_id = ANY(${sql.array([...ids], 'uuid')})
  `);
  return new Map(rows.map(({ process_id, ...row }) => [process_id, row]));
}
