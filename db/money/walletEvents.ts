import type { BalanceView, Deduction } from '#workflows/money/contract.ts';
import type { Asset } from '#workflows/money.ts';
import { formatDecimal } from '#workflows/money.ts';
import { type Announcement, announce } from '../event/announce.ts';
import type { Executor, Transaction } from '../pool.ts';
import { type Balance, type Leg, listBalances, type Transfer } from './ledger.ts';

/** What somebody hears of beside their balance and the transaction; amounts in minor units. */
export type WalletNews =
  | {
      name: 'points_deducted';
      userId: string;
      action: Deduction;
      reason: string;
      metadata: { itemId?: string; itemName?: string; [field: string]: unknown };
    }
  | { name: 'wallet_update'; userId: string; reason: string };

export function viewBalance({ asset, available, held }: Balance): BalanceView {
  const text = (units: bigint) => formatDecimal(units, asset as Asset);
  return { asset, available: text(available), held: text(held), total: text(available + held) };
}

/** What a user has of one asset: nothing, where there is no account. */
export async function balanceOf(executor: Executor, userId: string, asset: string, now: string): Promise<Balance> {
  const balances = await listBalances(executor, userId, now);
  return balances.find((balance) => balance.asset === asset) ?? { asset, available: 0n, held: 0n };
}

/** Tells somebody what they have of an asset now, where money went between wallet and hold. To be called last. */
export async function tellOfBalance(
  transaction: Transaction,
  userId: string,
  asset: string,
  now: string,
): Promise<void> {
  const balance = viewBalance(await balanceOf(transaction, userId, asset, now));
  await announce(transaction, [{ user_id: userId, name: 'balance_update', data: { userId, balance } }]);
}

/**
 * Tells everybody whose wallet a transfer moved, in the transaction that moved it and after it: what they have now, what
 * was booked, and what else is told of it. To be called last, as `announce` is. Whom to ring for.
 */
export async function tellOfTransfer(
  transaction: Transaction,
  move: Transfer,
  told: WalletNews[] = [],
): Promise<string[]> {
  const events = await eventsOfTransfer(transaction, move, told);
  await announce(transaction, events);
  return [...new Set(events.map((event) => event.user_id))];
}

/** The same, to be announced with others. */
export async function eventsOfTransfer(
  transaction: Transaction,
  move: Transfer,
  told: WalletNews[] = [],
): Promise<Announcement[]> {
  const events: Announcement[] = [];
  for (const leg of walletsOf(move)) {
    const { account, amount } = leg;
    const balance = await balanceOf(transaction, account.ownerId as string, account.asset, move.occurredAt);
    events.push(...eventsOfLeg(move, leg, balance));
    const standing = standingOf(move, balance, amount);
    const theirs = told.filter(({ userId }) => userId === account.ownerId);
    events.push(...theirs.map((one) => eventOf(one, standing, account.asset as Asset, amount)));
  }
  return events;
}

const walletsOf = ({ legs }: Transfer): Leg[] =>
  legs.filter(({ account }) => account.kind === 'wallet' && account.ownerId !== null);

/** Of one wallet what it holds now, and what was booked there. */
function eventsOfLeg(move: Transfer, { account, amount }: Leg, after: Balance): Announcement[] {
  const userId = account.ownerId as string;
  const asset = account.asset as Asset;
  const view = viewBalance(after);
  const other = walletsOf(move).find((leg) => leg.account.ownerId !== userId);
  return [
    { user_id: userId, name: 'balance_update', data: { userId, balance: view } },
    {
      user_id: userId,
      name: 'transaction_complete',
      data: {
        transactionId: move.key,
        details: {
          kind: move.reason,
          asset,
          amount: formatDecimal(amount, asset),
          balance_after: view.available,
          counterparty_id: other?.account.ownerId ?? null,
          memo: move.more?.memo ?? null,
          occurred_at: move.occurredAt,
        },
      },
    },
  ];
}

function standingOf({ occurredAt }: Transfer, after: Balance, amount: bigint): Omit<Standing, 'userId' | 'reason'> {
  const text = (units: bigint) => Number(formatDecimal(units, after.asset as Asset));
  return {
    newBalance: text(after.available),
    previousBalance: text(after.available - amount),
    timestamp: occurredAt,
  };
}

type Standing = {
  userId: string;
  newBalance: number;
  previousBalance: number;
  reason: string;
  timestamp: string;
};

function eventOf(
  one: WalletNews,
  after: Omit<Standing, 'userId' | 'reason'>,
  asset: Asset,
  amount: bigint,
): Announcement {
  const { userId, reason } = one;
  const standing: Standing = { userId, ...after, reason };
  if (one.name === 'wallet_update') {
    const data = { ...standing, asset };
    return {
      user_id: userId,
      name: 'wallet_update',
      data: { type: 'wallet_update', eventType: 'wallet:balance:updated', recipientIds: [userId], data },
    };
  }
  const { action, metadata } = one;
  const data = { ...standing, action, points: Number(formatDecimal(-amount, asset)), metadata };
  return {
    user_id: userId,
    name: 'points_deducted',
    data: { type: 'points_deducted', eventType: 'wallet:points:deducted', recipientIds: [userId], data },
  };
}
