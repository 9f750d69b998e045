import { asChallenge } from '#workflows/challenge/terms.ts';
import { endOf } from '#workflows/challenge/view.ts';
import { findProcess } from '../process/processes.ts';
import type { OpeningKind } from '../stream/openings.ts';

/** A challenge as what is open in a stream. How far it is the worker looks at and tells. */
export const challengeOpening: OpeningKind = {
  closesBy: 'close',
  takeStandings: async () => [],
  async lastWordOf(executor, processId) {
    const stored = await findProcess(executor, processId);
    return stored && { name: 'challenge:end', data: endOf(asChallenge(stored.process)) };
  },
};
