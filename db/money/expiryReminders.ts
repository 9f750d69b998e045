import { z } from 'zod';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { type Note, notify } from '../notification/notify.ts';
import { type Pool, sql } from '../pool.ts';

/** How long before they end people are told of points: a week, or a quarter of what they live, if that is shorter. */
const AHEAD = 'P7D';

const due = z.object({ user_id: z.string(), asset: z.custom<Asset>(), amount: z.bigint(), expires_at: z.string() });

/**
 * Tells up to `limit` wallets of what is about to end in them, once for each asset and day, as its owner prefers to be
 * told: what has been spent by then is not spoken of. Several may do so at once. Answers how many were told.
 */
export async function remindOfExpiries(pool: Pool, now: string, limit: number): Promise<number> {
  return pool.transaction(async (transaction) => {
    const rows = await transaction.any(sql.type(due)`
      SELECT account.owner_id AS user_id, account.asset, sum(lot.amount)::bigint AS amount, lot.expires_at
      FROM ledger_lots AS lot
      JOIN ledger_accounts AS account ON account.id = lot.account_id
      JOIN ledger_assets AS asset ON asset.asset = account.asset
      WHERE lot.hold IS NULL AND lot.expires_at > ${now}::timestamptz
        AND lot.expires_at <= ${now}::timestamptz + ${AHEAD}::interval
        AND lot.expires_at <= ${now}::timestamptz + coalesce(asset.lifetime / 4, ${AHEAD}::interval)
        AND account.kind = 'wallet' AND account.owner_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM notification_triggers AS told
          WHERE told.user_id = account.owner_id AND told.key = ${KEY}
        )
      GROUP BY account.owner_id, account.asset, lot.expires_at
      ORDER BY lot.expires_at, account.owner_id, account.asset LIMIT ${limit}
    `);
    await notify(transaction, rows.map(noteOf), { now });
    return rows.length;
  });
}

/** One for each asset and instant, however often it is looked for. */
const KEY = sql.fragment`'expiry_' || account.asset || '_' || floor(extract(epoch FROM lot.expires_at))::bigint`;

function noteOf({ user_id: userId, asset, amount, expires_at: at }: z.infer<typeof due>): Note {
  const text = `${formatDecimal(amount, asset)} ${asset}`;
  return {
    userId,
    kind: 'points_expiring',
    key: `expiry_${asset}_${Math.floor(Date.parse(at) / 1_000)}`,
    actorId: null,
    target: null,
    title: `${text} are about to expire`,
    body: `What you do not spend of them is gone on ${at.slice(0, 10)}, at ${at.slice(11, 16)} UTC.`,
    data: { asset, amount: formatDecimal(amount, asset), expires_at: at },
  };
}
