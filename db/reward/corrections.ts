import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { accounts, type Transfer, transferAll } from '../money/ledger.ts';
import { balanceOf, tellOfTransfer, type WalletNews } from '../money/walletEvents.ts';
import { getPerson } from '../people/accounts.ts';
import { sql, type Transaction } from '../pool.ts';

const rewardRow = z.object({ id: z.bigint(), points: z.bigint(), posting: z.string() });
const debtRow = z.object({ debt: z.bigint() });

export type Correction = { userId: string; rewardIds: readonly string[]; reason: string; by: string; now: string };
export type Corrected = { many: number; points: bigint; taken: bigint; debt: bigint };

/**
 * Takes back what was earned wrongly: what is there at once, naming the transfers that it puts right, and what was spent
 * as a debt, which the next awards pay. Each reward once, however often it is asked for. NOT_FOUND.
 */
export async function correctRewards(
  transaction: Transaction,
  { userId, rewardIds, reason, by, now }: Correction,
): Promise<Corrected> {
  await getPerson(transaction, userId);
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM reward_people WHERE user_id = ${userId} FOR NO KEY UPDATE
  `);
  const rewards = await listGranted(transaction, userId, rewardIds);
  const wallet = accounts.wallet(userId, 'LYK');
  // What is there may not leave between looking and taking.
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE code = ${wallet.code} AND asset = ${wallet.asset} FOR NO KEY UPDATE
  `);
  let { available } = await balanceOf(transaction, userId, 'LYK', now);
  const taken = rewards.map((row) => {
    const isThere = row.points <= available;
    const part = isThere ? row.points : available;
    available -= part;
    return { ...row, id: row.id.toString(), correction: uuid(), taken: part };
  });
  await insertCorrections(transaction, taken, { userId, reason, by, now });
  const sum = (of: (row: (typeof taken)[number]) => bigint) => taken.reduce((all, row) => all + of(row), 0n);
  const [points, back] = [sum((row) => row.points), sum((row) => row.taken)];
  const { debt } = await transaction.one(sql.type(debtRow)`
    UPDATE reward_people SET debt = debt + ${points - back}, earned = earned - ${points}
    WHERE user_id = ${userId} RETURNING debt
  `);
  const moves = movesOf(taken, { userId, reason, now });
  await transferAll(transaction, moves);
  const told: WalletNews = { name: 'wallet_update', userId, reason };
  for (const move of moves) await tellOfTransfer(transaction, move, [told]);
  return { many: rewards.length, points, taken: back, debt };
}

async function listGranted(
  transaction: Transaction,
  userId: string,
  rewardIds: readonly string[],
): Promise<readonly z.infer<typeof rewardRow>[]> {
  const ids = sql.array([...new Set(rewardIds)], 'int8');
  const known = await transaction.oneFirst(sql.type(z.object({ many: z.bigint() }))`
    SELECT count(*) AS many FROM rewards WHERE id = ANY(${ids}) AND user_id = ${userId} AND refused IS NULL
  `);
  if (known < BigInt(new Set(rewardIds).size)) throw new Failure('NOT_FOUND', 'There is no such reward of this user.');
  return transaction.any(sql.type(rewardRow)`
    SELECT id, points, posting FROM rewards
    WHERE id = ANY(${ids}) AND NOT EXISTS (SELECT FROM reward_corrections WHERE reward_id = rewards.id)
    ORDER BY id
  `);
}

type Taken = { id: string; correction: string; points: bigint; taken: bigint; posting: string };

async function insertCorrections(
  transaction: Transaction,
  taken: readonly Taken[],
  { userId, reason, by, now }: Omit<Correction, 'rewardIds'>,
): Promise<void> {
  const rows = taken.map((row) => ({ ...row, points: row.points.toString(), taken: row.taken.toString() }));
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_corrections (id, reward_id, user_id, points, taken, reason, corrected_by, corrected_at)
    SELECT correction, id, ${userId}::uuid, points, taken, ${reason}, ${by}::uuid, ${now}::timestamptz
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS made (correction uuid, id bigint, points bigint, taken bigint)
  `);
}

/** A transfer for each that is put right: it names one. */
function movesOf(
  taken: readonly Taken[],
  { userId, reason, now }: Pick<Correction, 'userId' | 'reason' | 'now'>,
): Transfer[] {
  const byPosting = Map.groupBy(
    taken.filter((row) => row.taken > 0n),
    ({ posting }) => posting,
  );
  return [...byPosting].map(([posting, theirs]) => {
    const amount = theirs.reduce((all, row) => all + row.taken, 0n);
    return {
      key: `correction_${theirs[0]?.correction}`,
      reason: 'reward_correction',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.issuance('LYK', userId), amount },
        { account: accounts.wallet(userId, 'LYK'), amount: -amount },
      ],
      more: { memo: reason, corrects: posting },
    };
  });
}
