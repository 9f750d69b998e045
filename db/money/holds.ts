import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { type Account, accounts, type Leg, listLegs, transfer } from './ledger.ts';
import { tellOfBalance } from './walletEvents.ts';

/**
 * Held money: reserved out of a wallet, then posted (whole or in part), voided or expired. Whoever has the hold's row
 * first decides; the others are told what it has become. What is open of all holds of a user is "hold/<user>". Whoever
 * reserves, posts or releases tells the user, at the end of the transaction (`tellOfBalance`, `tellOfTransfer`).
 */

const holdRow = z.object({
  id: z.string(),
  user_id: z.string(),
  asset: z.string(),
  amount: z.bigint(),
  posted: z.bigint(),
  returned: z.bigint(),
  reason: z.string(),
  state: z.enum(['open', 'posted', 'voided', 'expired']),
  made_at: z.string(),
  expires_at: z.string().nullable(),
  ended_at: z.string().nullable(),
});
export type Hold = z.infer<typeof holdRow>;

const COLUMNS = sql.fragment`id, user_id, asset, amount, posted, returned, reason, state, made_at, expires_at, ended_at`;

export type Reservation = {
  /** The caller's: the same id is the same hold. */
  id: string;
  userId: string;
  asset: string;
  amount: bigint;
  reason: string;
  /** When it returns by itself; null where somebody else sees to that. */
  expiresAt: string | null;
  now: string;
};

/** Sets money of a wallet aside. The same reservation again answers the same hold. INSUFFICIENT_FUNDS, CONFLICT. */
export async function reserve(transaction: Transaction, reservation: Reservation): Promise<Hold> {
  const { id, userId, asset, amount, reason, expiresAt, now } = reservation;
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO ledger_holds (id, user_id, asset, amount, reason, made_at, expires_at)
    VALUES (${id}, ${userId}, ${asset}, ${amount}, ${reason}, ${now}, ${expiresAt})
    ON CONFLICT (id) DO NOTHING
  `);
  const hold = await getHold(transaction, id);
  if (rowCount === 0) {
    const same =
      hold.user_id === userId &&
      hold.asset === asset &&
      hold.amount === amount &&
      hold.reason === reason &&
      hold.expires_at === (expiresAt && new Date(expiresAt).toISOString());
    if (!same) throw new Failure('CONFLICT', 'This hold was made with other terms.');
    return hold;
  }
  await transfer(transaction, {
    key: `hold_${id}`,
    reason,
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(userId, asset), amount: -amount },
      { account: accounts.hold(userId, asset), amount },
    ],
    more: { hold: id },
  });
  return hold;
}

export type Posting = {
  id: string;
  /** Tells one posting of a hold from another: the same `n` is the same posting. */
  n: number;
  /** Whom it goes to, in the hold's asset. They sum to what is posted. */
  to: Leg[];
  reason: string;
  /** What is left goes back, and the hold is over. Else it stays open for more. */
  final: boolean;
  now: string;
};

/**
 * Pays held money out: all that is left of it or less. A posting that was made is made; an ended or expired hold is
 * CONFLICT, with its state in `details`, and so is more than is left of it.
 */
export async function post(transaction: Transaction, { id, n, to, reason, final, now }: Posting): Promise<Hold> {
  const hold = await lockHold(transaction, id);
  const amount = to.reduce((sum, leg) => sum + leg.amount, 0n);
  const key = `hold_${id}_post_${n}`;
  const legs = [...to, { account: accounts.hold(hold.user_id, hold.asset), amount: -amount }];
  const moving = { key, reason, conversationId: null, occurredAt: now, legs, more: { hold: id } };
  if ((await listLegs(transaction, key)).length > 0) {
    await transfer(transaction, moving);
    return hold;
  }
  requireOpen(hold, now);
  if (to.some((leg) => leg.account.asset !== hold.asset || leg.amount <= 0n) || amount > leftOf(hold)) {
    throw new Failure('CONFLICT', 'More than the hold has left.', { details: { left: leftOf(hold).toString() } });
  }
  await transfer(transaction, moving);
  const posted = { ...hold, posted: hold.posted + amount };
  if (!final && leftOf(posted) > 0n) return updateHold(transaction, posted);
  return giveBack(transaction, posted, 'posted', now);
}

/** Gives back what is left. A hold that was voided before stays so; one that ended otherwise is CONFLICT. */
export async function release(transaction: Transaction, id: string, now: string): Promise<Hold> {
  const hold = await lockHold(transaction, id);
  if (hold.state === 'voided') return hold;
  if (hold.state !== 'open') throw over(hold);
  return giveBack(transaction, hold, 'voided', now);
}

/** Ends holds whose time is up, the oldest first, each in a transaction of its own. Answers those that it ended. */
export async function expireHolds(pool: Pool, now: string, limit: number): Promise<Hold[]> {
  const due = await pool.anyFirst(sql.typeAlias('id')`
    SELECT id FROM ledger_holds WHERE state = 'open' AND expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}
  `);
  const ended: Hold[] = [];
  for (const id of due) {
    const hold = await pool.transaction((transaction) => expireHold(transaction, id, now));
    if (hold) ended.push(hold);
  }
  return ended;
}

/** Null when it is over already, or its time is not up. The user is told of what is free again. */
export async function expireHold(transaction: Transaction, id: string, now: string): Promise<Hold | null> {
  const hold = await lockHold(transaction, id);
  if (hold.state !== 'open' || hold.expires_at === null || hold.expires_at > now) return null;
  const expired = await giveBack(transaction, hold, 'expired', now);
  await tellOfBalance(transaction, hold.user_id, hold.asset, now);
  return expired;
}

/** NOT_FOUND. */
export async function getHold(executor: Executor, id: string): Promise<Hold> {
  return given(await executor.maybeOne(sql.type(holdRow)`SELECT ${COLUMNS} FROM ledger_holds WHERE id = ${id}`));
}

/** NOT_FOUND. Comes before accounts in the order of locks. */
async function lockHold(transaction: Transaction, id: string): Promise<Hold> {
  return given(
    await transaction.maybeOne(sql.type(holdRow)`
      SELECT ${COLUMNS} FROM ledger_holds WHERE id = ${id} FOR NO KEY UPDATE
    `),
  );
}

function given(hold: Hold | null): Hold {
  if (!hold) throw new Failure('NOT_FOUND', 'There is no such hold.');
  return hold;
}

const leftOf = (hold: Hold) => hold.amount - hold.posted - hold.returned;

function over(hold: Hold): Failure {
  return new Failure('CONFLICT', 'This hold is over.', { details: { state: hold.state } });
}

/** What came too late is refused, whether or not the expiry was carried out yet. */
function requireOpen(hold: Hold, now: string): void {
  if (hold.state !== 'open') throw over(hold);
  if (hold.expires_at !== null && hold.expires_at <= now) throw over({ ...hold, state: 'expired' });
}

async function giveBack(
  transaction: Transaction,
  hold: Hold,
  state: 'posted' | 'voided' | 'expired',
  now: string,
): Promise<Hold> {
  const amount = leftOf(hold);
  if (amount > 0n) {
    const from: Account = accounts.hold(hold.user_id, hold.asset);
    await transfer(transaction, {
      key: `hold_${hold.id}_back`,
      reason: state === 'posted' ? 'hold_returned' : `hold_${state}`,
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: from, amount: -amount },
        { account: accounts.wallet(hold.user_id, hold.asset), amount },
      ],
      more: { hold: hold.id },
    });
  }
  return updateHold(transaction, { ...hold, state, returned: hold.returned + amount, ended_at: now });
}

async function updateHold(transaction: Transaction, hold: Hold): Promise<Hold> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE ledger_holds SET posted = ${hold.posted}, returned = ${hold.returned}, state = ${hold.state},
      ended_at = ${hold.ended_at}
    WHERE id = ${hold.id}
  `);
  return hold;
}
