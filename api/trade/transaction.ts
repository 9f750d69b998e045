import type { Executor } from '#db/pool.ts';
import { roleIn } from '#db/process/door.ts';
import { findProcess, listSteps } from '#db/process/processes.ts';
import { findTradeDetails } from '#db/trade/trades.ts';
import { after } from '#workflows/durations.ts';
import { Failure } from '#workflows/failures.ts';
import type { TransactionView } from '#workflows/trade/contract.ts';
import { DETAILS_KEPT } from '#workflows/trade/policy.ts';
import { TRADE_TABLE } from '#workflows/trade/table.ts';
import { asTrade, type TradeStep } from '#workflows/trade/terms.ts';
import { historyOf, standingFor, type TradeStanding, type Viewer } from '#workflows/trade/view.ts';
import type { Account } from '../people/account.ts';

/** Steps of a trade: two rounds of confirming, and a hundred papers. */
const HISTORY_AT_MOST = 500;

/** What a command was answered with: how the trade stood after it, and the number of its last step then. */
export type StandingAt = { n: number; standing: TradeStanding };

/** It as it stands after a step, for the answer to that. */
export function transactionAt(id: string, account: Account, now: string) {
  return async (executor: Executor, at: unknown) => ({
    transaction: await viewTransaction(executor, id, account, now, at as StandingAt),
  });
}

/**
 * A trade as its caller may see it; as it stood at `at`, where that is given. NOT_FOUND for strangers, who may not know
 * that it exists.
 */
export async function viewTransaction(
  executor: Executor,
  id: string,
  account: Account,
  now: string,
  at: StandingAt | null = null,
): Promise<TransactionView> {
  const stored = await findProcess(executor, id);
  if (stored?.process.kind !== 'trade') throw new Failure('NOT_FOUND', 'There is no such trade.');
  const viewer = roleIn(stored, { accountId: account.id, roles: account.roles }) as Viewer;
  const standing = at?.standing ?? standingFor(viewer, asTrade(stored.process));
  const [details, steps] = await Promise.all([
    findTradeDetails(executor, id),
    listSteps(executor, id, 0, HISTORY_AT_MOST),
  ]);
  if (!details) throw new Error(`trade ${id} has no row of its own`);
  return {
    id,
    buyer_id: stored.seats.buyer as string,
    seller_id: stored.seats.seller as string,
    ...standing,
    payment_details: mayPay(viewer, standing, now) ? details.payment_details : null,
    history: steps.filter(({ n }) => n <= (at?.n ?? n)).map((step) => historyOf(step as TradeStep)),
    created_at: details.opened_at,
  };
}

/** Where to pay is for the two alone, and not for ever. */
function mayPay(viewer: Viewer, { status, updated_at }: Pick<TradeStanding, 'status' | 'updated_at'>, now: string) {
  const isOver = TRADE_TABLE.states[status]?.ends === true;
  return viewer !== 'admin' && (!isOver || now < after(updated_at, DETAILS_KEPT));
}
