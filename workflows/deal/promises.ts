/** What a deal's steps oblige us to do with money. */
import { shareRoundedDown } from '../money.ts';
import type { Leg, Promised } from '../process/machine.ts';
import type { Deal, DealStep } from './terms.ts';

/** The parts add up to what was held. */
export function promisesOf({ held, terms }: Deal, step: DealStep): Promised[] {
  // What came too late never was in escrow: the transaction that books it puts it where refunds wait.
  if (step.on === 'payment_returned') {
    return [{ kind: 'refund', amount: step.data.amount ?? '0', legs: [], capture_id: step.data.capture_id ?? null }];
  }
  const all = BigInt(held);
  const percent = all === 0n ? null : releasePercent(step);
  if (percent === null) return [];
  const released = shareRoundedDown(all, percent * 100);
  return [...releaseOf(released, terms.fee_bps ?? 0), ...refundOf(all - released)];
}

function releaseOf(amount: bigint, feeBps: number): Promised[] {
  if (amount === 0n) return [];
  const fee = shareRoundedDown(amount, feeBps);
  const legs: Leg[] = [
    { place: 'escrow', amount: (-amount).toString() },
    { place: 'wallet:influencer', amount: (amount - fee).toString() },
    { place: 'fee', amount: fee.toString() },
  ];
  return [{ kind: 'release', amount: amount.toString(), legs: legs.filter((leg) => leg.amount !== '0') }];
}

function refundOf(amount: bigint): Promised[] {
  if (amount === 0n) return [];
  const legs: Leg[] = [
    { place: 'escrow', amount: (-amount).toString() },
    { place: 'refund', amount: amount.toString() },
  ];
  return [{ kind: 'refund', amount: amount.toString(), legs, capture_id: null }];
}

/** How much of what is held a step releases to the influencer; null when it leaves the money where it is. */
function releasePercent(step: DealStep): number | null {
  if (step.to === 'work_approved') return 100;
  if (step.from === 'disputed' && step.to === 'real_time') return step.data.release_percent ?? 0;
  return step.to === 'chat_closed' ? 0 : null;
}
