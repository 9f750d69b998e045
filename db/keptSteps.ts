import { listKeptDealSteps } from './deal/keptSteps.ts';
import type { KeptStep } from './event/kept.ts';
import type { Executor } from './pool.ts';

/** Of the kinds whose events are told from their steps; all others write theirs whole. */
const KEEPERS = [listKeptDealSteps];

/** Steps with what was said in them, by process and number; those that are not there are left out. */
export async function listKeptSteps(
  executor: Executor,
  asked: readonly { processId: string; n: number }[],
): Promise<KeptStep[]> {
  if (asked.length === 0) return [];
  const found: KeptStep[] = [];
  for (const list of KEEPERS) found.push(...(await list(executor, asked)));
  return found;
}
