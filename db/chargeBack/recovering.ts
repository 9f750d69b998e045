import { debtLimit } from '#workflows/chargeBack/policy.ts';
import { isAsset } from '#workflows/money.ts';
import { type Account, accounts, type Leg, type Transfer, transfer } from '../money/ledger.ts';
import { balanceOf } from '../money/walletEvents.ts';
import type { Transaction } from '../pool.ts';
import { type ChargeBackRow, debtOf, NOTHING_LOST, type Reckoned, setReckoned } from './chargeBacks.ts';
import { answerableFor, findOpenLoss, lesser, lockAccounts, partOf, type Sides } from './payments.ts';

/**
 * What becomes of a loss: all that the bank took is settled, by what the payee had frozen, has in the wallet or owes from
 * now on, and by us. Each function books it and answers with the transfers, for whoever is told of them.
 */
export type Booked = { reckoned: Reckoned; moves: Transfer[] };

const least = (...amounts: bigint[]): bigint => amounts.reduce(lesser);
const some = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** What moves for a charge-back is named after it and the step that tells of it. */
function moveOf(row: ChargeBackRow, what: string, n: number, legs: Leg[], now: string): Transfer {
  return { key: `${what}_${row.process_id}_${n}`, reason: what, conversationId: row.process_id, occurredAt: now, legs };
}

const walletOf = ({ payee_id, asset }: ChargeBackRow): Account => accounts.wallet(payee_id as string, asset);
const debtAccount = ({ payee_id, asset }: ChargeBackRow): Account => accounts.debt(payee_id as string, asset);

/** Whether the payee has something of ours and no money: then it is taken back, and the sale is undone. */
const isSold = ({ asset, currency }: ChargeBackRow): boolean => asset !== currency;

export type Losing = {
  row: ChargeBackRow;
  sides: Sides | null;
  /** What the bank took. */
  lost: bigint;
  /** What is frozen. */
  held: bigint;
  /** Number of the step that will tell of it. */
  n: number;
  now: string;
};

/** The bank took it: what of it is settled now, and what waits for what was paid for to come to its end. */
export async function bookLoss(
  transaction: Transaction,
  { row, sides, lost, held, n, now }: Losing,
): Promise<Booked & { taken: bigint; pending: bigint }> {
  const { residual, inside, waived } = await findOpenLoss(transaction, row.dispute_id);
  const settled = least(lost, some(residual - inside));
  const due = waived || !sides ? 0n : await dueOf(transaction, row, sides, settled);
  const taken = least(held, due);
  const fromWallet = least(due - taken, await freeOf(transaction, row, due - taken, now));
  const owed = least(due - taken - fromWallet, due === 0n ? 0n : await roomFor(transaction, row));
  const written_off = due - taken - fromWallet - owed;
  const borne = due > 0n && isSold(row) ? 0n : settled - due;
  const reckoned = { due, taken: taken + fromWallet, owed, written_off, settled, borne };
  const hold = due === 0n ? [] : [{ account: accounts.hold(row.payee_id as string, row.asset), amount: -taken }];
  const moves = movesOf(
    { row, reckoned: { ...reckoned, taken: fromWallet }, n, now, what: 'charge_back_recovered' },
    hold,
  );
  for (const move of moves) await transfer(transaction, move);
  await setReckoned(transaction, row.process_id, reckoned);
  return { reckoned, moves, taken, pending: lost - settled };
}

/** The payee's part of it. */
async function dueOf(transaction: Transaction, row: ChargeBackRow, sides: Sides, settled: bigint): Promise<bigint> {
  if (row.payment_process_id === null) return 0n;
  const about = { paymentProcessId: row.payment_process_id, except: row.process_id };
  return least(partOf(settled, sides), await answerableFor(transaction, sides, about));
}

/** What is in the wallet, locked until the transaction ends; nothing where nothing is asked for. */
async function freeOf(transaction: Transaction, row: ChargeBackRow, asked: bigint, now: string): Promise<bigint> {
  if (asked <= 0n) return 0n;
  const userId = row.payee_id as string;
  await lockAccounts(
    transaction,
    ['debt', 'hold', 'wallet'].map((kind) => `${kind}/${userId}`),
    row.asset,
  );
  return (await balanceOf(transaction, userId, row.asset, now)).available;
}

async function roomFor(transaction: Transaction, { payee_id, asset }: ChargeBackRow): Promise<bigint> {
  return some(debtLimit(asset) - (await debtOf(transaction, payee_id as string, asset)));
}

type Moving = { row: ChargeBackRow; reckoned: Reckoned; n: number; now: string; what: string };

/** What is settled, by whom; `sign` -1 takes it all back. */
function movesOf({ row, reckoned, n, now, what }: Moving, more: Leg[], sign: 1n | -1n = 1n): Transfer[] {
  const { taken, owed, written_off, settled, borne } = reckoned;
  const { provider, currency, asset } = row;
  const recovery = { account: accounts.recovery(provider, currency), amount: sign * settled };
  const theirs: Leg[] =
    row.payee_id === null
      ? []
      : [
          ...more,
          { account: walletOf(row), amount: -sign * taken },
          { account: debtAccount(row), amount: -sign * owed },
        ];
  const due = -sum(theirs) + sign * written_off;
  if (!isSold(row) || due === 0n) {
    const loss = { account: accounts.loss(provider, currency), amount: -sign * (written_off + borne) };
    return settled === 0n ? [] : [moveOf(row, what, n, [...theirs, loss, recovery], now)];
  }
  const loss = { account: accounts.loss(provider, asset), amount: -sign * written_off };
  const undone = { account: accounts.issuance(asset, row.payment_process_id ?? row.process_id), amount: due };
  const spent = {
    account: accounts.spent(row.payment_process_id ?? row.process_id, currency),
    amount: -sign * settled,
  };
  return [moveOf(row, what, n, [...theirs, loss, undone], now), moveOf(row, `${what}_sale`, n, [spent, recovery], now)];
}

const sum = (legs: readonly Leg[]): bigint => legs.reduce((all, { amount }) => all + amount, 0n);

/** It was lost and is won after all: everybody has again what they had. */
export async function undoLoss(
  transaction: Transaction,
  row: ChargeBackRow,
  n: number,
  now: string,
): Promise<Transfer[]> {
  const moves = movesOf({ row, reckoned: row, n, now, what: 'charge_back_undone' }, [], -1n);
  for (const move of moves) await transfer(transaction, move);
  await setReckoned(transaction, row.process_id, NOTHING_LOST);
  return moves;
}

/** Takes of a debt what is in the wallet. Null where nothing is. */
export async function collect(
  transaction: Transaction,
  row: ChargeBackRow,
  n: number,
  now: string,
): Promise<{ amount: bigint; move: Transfer } | null> {
  const amount = least(row.owed, await freeOf(transaction, row, row.owed, now));
  if (amount <= 0n) return null;
  const legs = [
    { account: walletOf(row), amount: -amount },
    { account: debtAccount(row), amount },
  ];
  const move = moveOf(row, 'debt_collected', n, legs, now);
  await transfer(transaction, move);
  await setReckoned(transaction, row.process_id, { ...row, taken: row.taken + amount, owed: row.owed - amount });
  return { amount, move };
}

/** What is owed for too long is owed no more: it is ours to bear. */
export async function writeOff(transaction: Transaction, row: ChargeBackRow, n: number, now: string): Promise<void> {
  const legs = [
    { account: accounts.loss(row.provider, row.asset), amount: -row.owed },
    { account: debtAccount(row), amount: row.owed },
  ];
  await transfer(transaction, moveOf(row, 'debt_written_off', n, legs, now));
  await setReckoned(transaction, row.process_id, { ...row, written_off: row.written_off + row.owed, owed: 0n });
}

/**
 * What was paid for has gone on: of what waited for that, refunds that need not be made have made up for a part, and the
 * rest is ours to bear, as an operator let it be paid out. Answers how much waits no more.
 */
export async function resolve(
  transaction: Transaction,
  row: ChargeBackRow,
  { pending, n, now }: { pending: bigint; n: number; now: string },
): Promise<bigint> {
  const { residual, inside } = await findOpenLoss(transaction, row.dispute_id);
  const borne = least(pending, some(residual - inside));
  if (borne > 0n) {
    const legs = [
      { account: accounts.loss(row.provider, row.currency), amount: -borne },
      { account: accounts.recovery(row.provider, row.currency), amount: borne },
    ];
    await transfer(transaction, moveOf(row, 'charge_back_borne', n, legs, now));
    await setReckoned(transaction, row.process_id, {
      ...row,
      settled: row.settled + borne,
      borne: row.borne + borne,
    });
  }
  const left = least(pending - borne, some(residual - borne));
  return pending - left;
}

/** Whether something of a currency can be frozen or owed. */
export function assetFor(currency: string, sides: Sides | null): ChargeBackRow['asset'] {
  return sides?.asset ?? (isAsset(currency) ? currency : 'INR');
}
