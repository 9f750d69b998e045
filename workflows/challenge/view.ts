/** How a challenge's process is seen by who gave it a command, and what is announced of it. */
import type { ChallengeEvents, ChallengeStanding } from './contract.ts';
import { challengeMachine } from './machine.ts';
import type { Challenge } from './terms.ts';

export function viewStanding({ id, state, entered_at, terms }: Challenge): ChallengeStanding {
  return { id, status: state, since: entered_at, progress: terms.progress ?? 0 };
}

export function startOf(challenge: Challenge, reward: string | null): ChallengeEvents['challenge:start'] {
  const { id, entered_at, terms } = challenge;
  const { stream_id: streamId, type, target } = terms;
  const endsAt = challengeMachine.deadlineOf(challenge) ?? entered_at;
  return { streamId, challengeId: id, type, target, reward, endsAt };
}

export function endOf({ id, state, terms }: Challenge): ChallengeEvents['challenge:end'] {
  const { stream_id: streamId, target, progress } = terms;
  return { streamId, challengeId: id, status: state, progress: progress ?? 0, target, reached: state === 'won' };
}
