import { takeStep } from '#db/process/door.ts';
import { doorOf } from '#db/process/testing/door.ts';
import type { Parts } from './parts.ts';

/** A command about an errand, through the door that every kind goes through. True where it was taken. */
export async function giveErrand(place: Parts, processId: string, on: string, accountId: string): Promise<boolean> {
  const result = await takeStep(
    doorOf(place.pool, { now: place.deps.now, systemUserId: place.deps.config.SYSTEM_USER_ID }),
    { processId, kind: 'errand', caller: { accountId, roles: [] }, on, data: {}, via: { action: on }, key: null },
  );
  place.deps.ring(processId);
  return result.kind === 'taken';
}
