/** How a boost is seen, and what is announced of it. */
import type { BoostView } from './contract.ts';
import { leftOf, pointsOf } from './score.ts';
import { type Boost, expiresAt } from './terms.ts';

export const eventIdOf = (boostId: string): string => `boost_${boostId}`;

export function viewBoost(boost: Boost, now: string): BoostView {
  const { id, state, held, entered_at, terms } = boost;
  const amount = BigInt(terms.amount);
  const isActive = state === 'active';
  const left = isActive
    ? leftOf(amount, { from: terms.starts_at, lasts: terms.lasts, now }).toString()
    : terms.refunded;
  return {
    id,
    target: terms.target,
    target_id: terms.target_id,
    status: state,
    asset: 'CREDIT',
    amount: terms.amount,
    duration: terms.duration,
    points: Number(pointsOf(amount, terms.lasts)),
    held,
    refunded: left ?? '0',
    starts_at: terms.starts_at,
    expires_at: expiresAt(terms),
    ended_at: isActive ? null : entered_at,
    event_id: eventIdOf(id),
  };
}

/** What is announced when a boost begins or ends; `at` is the instant of that. */
export function boostEventOf(boost: Boost, boosterId: string, at: string) {
  const { id, state, terms } = boost;
  const eventId = eventIdOf(id);
  const common = {
    userId: boosterId,
    targetId: terms.target_id,
    amount: Number(terms.amount),
    duration: terms.duration,
  };
  if (state === 'active') return { type: `${terms.target}_boost` as const, ...common, eventId, timestamp: at };
  return {
    type: `${terms.target}_boost_${state}` as const,
    ...common,
    eventId: `${eventId}_${state}`,
    timestamp: at,
    boostEventId: eventId,
    refunded: Number(terms.refunded),
  };
}
