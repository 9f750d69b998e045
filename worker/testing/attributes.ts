import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

/** As JSON carries them. */
export type Sent = { name: string; type: string; value: unknown }[];

/** Has the server take each of these sets; one that it refuses holds the workflow up. */
export async function attributes(sets: Sent[]): Promise<number> {
  for (const set of sets) {
    upsertSearchAttributes(
      set.map(({ name, type, value }) => ({
        key: { name, type },
        value: type === 'DATETIME' && value !== null ? new Date(String(value)) : value,
      })) as SearchAttributeUpdatePair[],
    );
  }
  return sets.length;
}
