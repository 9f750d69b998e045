import { findCommissionOf } from '#db/payout/commissions.ts';
import type { Executor } from '#db/pool.ts';
import { entryOf } from '#workflows/deal/table.ts';

/** Whether a command agrees on a deal's price, and so fixes what we take of it. */
export function fixesPrice(kind: string, on: string): boolean {
  const rows = kind === 'deal' ? (entryOf(on)?.rows ?? []) : [];
  return rows.some(({ to }) => to === 'payment_pending');
}

/** What we take of a deal that is agreed on now, in basis points: by the rule of whoever is paid, else as the deployment says. */
export async function feeBpsOf(executor: Executor, dealId: string, now: string, otherwise: number): Promise<number> {
  const rule = await findCommissionOf(executor, { processId: dealId, role: 'influencer', now });
  return rule?.bps ?? otherwise;
}
