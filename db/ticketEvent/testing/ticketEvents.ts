/** Events on a real database. */

import type { Pool } from '../../pool.ts';
import { withTokens } from '../../stream/testing/live.ts';
import { openTicketEvent } from '../events.ts';

type Asked = { now: string; price?: string; capacity?: number; streamId?: string | null; creatorId?: string };

/** One that begins two hours later; its creator has no tokens. */
export async function openedTicketEvent(
  pool: Pool,
  { now, price = '30', capacity = 5, streamId = null, ...asked }: Asked,
): Promise<{ id: string; creatorId: string }> {
  const creatorId = asked.creatorId ?? (await withTokens(pool, 0n, now)).id;
  const starts_at = new Date(Date.parse(now) + 2 * 3_600_000).toISOString();
  const opened = { title: 'An evening of ragas', starts_at, capacity, price, share_bps: 7_000 };
  const id = await pool.transaction((transaction) =>
    openTicketEvent(transaction, { creatorId, asset: 'TOKEN', streamId, opened, now }),
  );
  return { id, creatorId };
}
