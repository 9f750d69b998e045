import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { transfer } from '../money/ledger.ts';
import { eventsOfTransfer } from '../money/walletEvents.ts';
import { prepareSending } from '../money/wallets.ts';
import { notify } from '../notification/notify.ts';
import { getPerson } from '../people/accounts.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const tipRow = z.object({
  id: z.string(),
  sender_id: z.string(),
  sender_handle: z.string(),
  asset: z.string(),
  amount: z.bigint(),
  message: z.string().nullable(),
  at: z.string(),
});
export type TipRow = z.infer<typeof tipRow>;

export type Tipping = {
  creatorId: string;
  senderId: string;
  asset: Asset;
  amount: bigint;
  message: string | null;
  now: string;
  /** What the deployment makes of the limits, in percent. */
  percent: number;
};

/**
 * Gives a creator something, within the limits of transfers: it is on their socket with the commit. NOT_FOUND, FORBIDDEN,
 * LIMIT_REACHED, INSUFFICIENT_FUNDS. Last in its transaction.
 */
export async function tip(transaction: Transaction, tipping: Tipping): Promise<TipRow> {
  const { creatorId, senderId, asset, amount, message, now, percent } = tipping;
  if (creatorId === senderId) throw new Failure('FORBIDDEN', 'Nobody tips themselves.');
  const { handle } = await getPerson(transaction, senderId);
  const { move } = await prepareSending(transaction, {
    ...{ from: senderId, to: creatorId, asset, amount, memo: message, now, percent, as: 'tip' },
  });
  const row = { id: uuid(), sender_id: senderId, sender_handle: handle, asset, amount, message, at: now };
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO tips (id, creator_id, sender_id, asset, amount, message, posting, at)
    VALUES (${row.id}, ${creatorId}, ${senderId}, ${asset}, ${amount}, ${message}, ${move.key}, ${now})
  `);
  await transfer(transaction, move);
  const told = {
    user_id: creatorId,
    name: 'tip_received' as const,
    data: {
      creatorId,
      tip: {
        ...{ id: row.id, sender: { id: senderId, handle }, asset, amount: formatDecimal(amount, asset) },
        ...{ message, created_at: now },
      },
    },
  };
  const note = {
    ...{ userId: creatorId, kind: 'tip' as const, key: `tip_${row.id}`, actorId: senderId },
    ...{
      target: { type: 'tip', id: row.id },
      body: `${formatDecimal(amount, asset)} ${asset}${message ? `: ${message}` : ''}`,
    },
    data: { tipId: row.id, asset, amount: formatDecimal(amount, asset) },
  };
  await notify(transaction, [note], { now, beside: [...(await eventsOfTransfer(transaction, move)), told] });
  return row;
}

/** Tips to somebody, latest first. */
export function listTips(
  executor: Executor,
  creatorId: string,
  { limit, start }: { limit: number; start: { at: string; id: string } | null },
): Promise<readonly TipRow[]> {
  return executor.any(sql.type(tipRow)`
    SELECT tips.id, sender_id, handle AS sender_handle, asset, amount, message, at
    FROM tips JOIN users ON users.id = sender_id
    WHERE creator_id = ${creatorId} AND (${start?.id ?? null}::uuid IS NULL
      OR (at, tips.id) < (${start?.at ?? null}::timestamptz, ${start?.id ?? null}::uuid))
    ORDER BY at DESC, tips.id DESC LIMIT ${limit}
  `);
}
