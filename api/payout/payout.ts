import { listPayoutDetails, type PayoutDetails } from '#db/payout/payouts.ts';
import { findWaiting } from '#db/payout/rows.ts';
import type { Executor } from '#db/pool.ts';
import { roleIn } from '#db/process/door.ts';
import { findProcess, listSteps } from '#db/process/processes.ts';
import { Failure } from '#workflows/failures.ts';
import type { PayoutView } from '#workflows/payout/contract.ts';
import { payoutMachine } from '#workflows/payout/machine.ts';
import { asPayout, type Payout, type PayoutStep } from '#workflows/payout/terms.ts';
import { historyOf, type PayoutStanding, standingFor, type Viewer } from '#workflows/payout/view.ts';
import type { Account } from '../people/account.ts';

const HISTORY_AT_MOST = 200;

/** What a command was answered with: how the payout stood after it, and the number of its last step then. */
export type StandingAt = { n: number; standing: PayoutStanding };

/** It as it stands after a step, for the answer to that. */
export function payoutAt(which: { id: string; userId: string | null }, account: Account, now: string) {
  return async (executor: Executor, at: unknown) => ({
    payout: await viewPayout(executor, which, account, now, at as StandingAt),
  });
}

/** A payout as its caller may see it. NOT_FOUND for strangers, and where it is not of that wallet. */
export async function viewPayout(
  executor: Executor,
  { id, userId }: { id: string; userId: string | null },
  account: Account,
  now: string,
  at: StandingAt | null = null,
): Promise<PayoutView> {
  const stored = await findProcess(executor, id);
  const payeeId = stored?.seats.payee as string;
  if (stored?.process.kind !== 'payout' || (userId !== null && payeeId !== userId)) throw noPayout();
  const viewer = roleIn(stored, { accountId: account.id, roles: account.roles }) as Viewer;
  const payout = asPayout(stored.process);
  const standing = at?.standing ?? standingFor(viewer, payout);
  const details = (await listPayoutDetails(executor, [id])).get(id);
  if (!details) throw new Error(`payout ${id} has no row of its own`);
  const steps = await listSteps(executor, id, 0, HISTORY_AT_MOST);
  return {
    ...listedPayout(payeeId, payout, details, standing),
    waits_for: await waitsFor(executor, payeeId, payout, details, now),
    history: steps.filter(({ n }) => n <= (at?.n ?? n)).map((step) => historyOf(step as PayoutStep)),
  };
}

export function listedPayout(
  userId: string,
  payout: Payout,
  details: PayoutDetails,
  standing: PayoutStanding,
): Omit<PayoutView, 'history' | 'waits_for'> {
  const { destination_id: id, destination_kind: kind, label, holder } = details;
  return {
    id: payout.id,
    user_id: userId,
    ...standing,
    destination: { id, kind, label, holder },
    provider_payout_id: details.provider_payout_id,
    created_at: details.created_at,
  };
}

/** Why it does not go on just now; null where it does, or is at its end. */
async function waitsFor(
  executor: Executor,
  userId: string,
  payout: Payout,
  details: PayoutDetails,
  now: string,
): Promise<PayoutView['waits_for']> {
  const { state, variant } = payout;
  if (state === 'requested') return variant === 'four_eyes' ? 'approval' : 'hold';
  if (state === 'processing') return details.waits_for ?? 'provider';
  if (state !== 'held') return null;
  const deadline = payoutMachine.deadlineOf(payout) as string;
  return now < deadline ? 'hold' : await findWaiting(executor, userId);
}

function noPayout(): Failure {
  return new Failure('NOT_FOUND', 'There is no such payout.');
}
