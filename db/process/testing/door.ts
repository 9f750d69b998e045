import type { Pool } from '../../pool.ts';
import { createAppender } from '../append.ts';
import type { DoorDeps } from '../door.ts';
import { createSeenProcesses } from '../seen.ts';

const kept = new WeakMap<Pool, Pick<DoorDeps, 'append' | 'seen'>>();

type Options = Pick<DoorDeps, 'now' | 'systemUserId'> & Partial<Pick<DoorDeps, 'feeBps'>>;

/**
 * The door of one API process to a pool. Made once for each: it holds some of the pool's connections for seconds after
 * a step, and with a door for every step nobody else would have one.
 */
export function doorOf(pool: Pool, { now, systemUserId, feeBps = 0 }: Options): DoorDeps {
  const door = kept.get(pool) ?? { append: createAppender(pool), seen: createSeenProcesses() };
  kept.set(pool, door);
  return { ...door, pool, now, systemUserId, feeBps, provider: 'sandbox' };
}
