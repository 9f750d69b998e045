import { ApplicationFailure } from '@temporalio/activity';
import {
  ASKED_AGAIN,
  ATTEMPTS_AT_MOST,
  beginAttempt,
  type ClaimedPayout,
  claimPayout,
  countRefusals,
  endAttempt,
  mayHaveLeft,
  payoutKey,
  reportStuck,
  settlePayout,
  TOO_LITTLE,
  type ToldPayout,
  undoAsking,
  waitForFunds,
} from '#db/payment/payouts.ts';
import type { Origin } from '#db/process/stored.ts';
import type { Destination, Payout, PayoutProvider } from '#payments/payout.ts';
import { ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import { minor } from '#workflows/money.ts';
import type { ActivityDeps } from './deps.ts';

type Deps = Pick<ActivityDeps, 'pool' | 'payoutProvider'>;

/**
 * Asks a payout's provider for it, or what became of it, and books the answer. Throws while it cannot be reached. What is
 * not known to have failed may have been paid: it is asked about, and asked for again under the same key alone.
 */
export async function carryPayout(deps: Deps, processId: string, origin: Origin): Promise<void> {
  const { pool } = deps;
  const payout = await claimPayout(pool, processId);
  if (!payout) return;
  const provider = deps.payoutProvider(payout.provider);
  if (!provider) throw ApplicationFailure.retryable(`${payout.provider} is not configured here`, 'UNAVAILABLE');
  const made = payout.attempts > 0 ? await findMade(provider, payout) : null;
  if (made) return book(deps, payout, made, origin);
  // It named one and finds it no more: it is not called again, somebody looks.
  if (payout.provider_payout_id !== null) return reportStuck(deps.pool, payout, 'not found any more', origin.now);
  // What may have left is asked for again whatever there is: of what has, nothing more leaves.
  const available = payout.status === 'due' ? await provider.balance(payout.currency) : null;
  if (available !== null && available < payout.net) return waitForFunds(pool, payout, available, origin.now);
  await call(deps, provider, payout, origin);
}

async function findMade(provider: PayoutProvider, payout: ClaimedPayout): Promise<Payout | null> {
  return provider.findPayout({ reference: payout.process_id, payoutId: payout.provider_payout_id });
}

async function call(deps: Deps, provider: PayoutProvider, payout: ClaimedPayout, origin: Origin): Promise<void> {
  const { pool } = deps;
  const { process_id: processId, net, currency, destination_id, details } = payout;
  const n = await beginAttempt(pool, processId, origin.now);
  if (n === null) return;
  const end = (outcome: string, detail: string | null) =>
    endAttempt(pool, { processId, n, outcome, detail, now: origin.now });
  try {
    const answer = await provider.createPayout({
      key: payoutKey(payout),
      amount: minor(net),
      currency,
      destinationId: destination_id,
      destination: details as Destination,
      reference: processId,
      narration: 'Payout from Tandem',
    });
    await end(answer.status, answer.reason);
    await book(deps, payout, answer, origin);
  } catch (error) {
    if (error instanceof ProviderUnavailable) {
      await end(error.outcome, error.message);
      // It may have left where an earlier call was never answered; else it is as if nobody had been asked.
      if (error.outcome === 'not_done') await undoAsking(pool, processId);
      throw error;
    }
    if (!(error instanceof ProviderRefused)) throw error;
    const { code, message } = error;
    if (TOO_LITTLE.has(code)) {
      // It was not tried, and is none of the tries that have an end.
      await end('not_done', message);
      await undoAsking(pool, processId);
      return waitForFunds(pool, payout, null, origin.now);
    }
    await end('refused', message);
    await refused(deps, payout, error, origin);
  }
}

/** Its no is final but for a few reasons, and that a few times: then the money is back in the wallet. */
async function refused({ pool }: Deps, payout: ClaimedPayout, error: ProviderRefused, origin: Origin): Promise<void> {
  const { process_id: processId } = payout;
  if (ASKED_AGAIN.has(error.code) && (await countRefusals(pool, processId)) < ATTEMPTS_AT_MOST) {
    return undoAsking(pool, processId);
  }
  const destinationFailed = error.code === 'DESTINATION_INVALID';
  // An earlier call of which nothing is known may have paid: then this one's no is no proof.
  if (await mayHaveLeft(pool, processId)) return reportStuck(pool, payout, error.message, origin.now);
  const told: ToldPayout = { state: 'failed', payoutId: null, reason: error.message, destinationFailed };
  await settlePayout(pool, processId, told, origin);
}

async function book({ pool }: Deps, payout: ClaimedPayout, answer: Payout, origin: Origin): Promise<void> {
  const { status, payoutId, reason } = answer;
  // Asked about again, later.
  if (status === 'unknown') {
    if (payout.attempts >= ATTEMPTS_AT_MOST) await reportStuck(pool, payout, 'no answer for long', origin.now);
    return;
  }
  if (status === 'queued' && payoutId === null) return waitForFunds(pool, payout, null, origin.now);
  const destinationFailed = status === 'failed' || status === 'reversed';
  await settlePayout(pool, payout.process_id, { state: status, payoutId, reason, destinationFailed }, origin);
}
