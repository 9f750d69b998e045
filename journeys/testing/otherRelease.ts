import { sleep } from '@temporalio/workflow';
import { type CollaborationInput, collaboration as today } from '#workflows/collaboration/workflow.ts';

/** A release whose `collaboration` does not begin as today's does: histories of the one do not replay in the other. */
export async function collaboration(input: CollaborationInput): Promise<{ state: string; version: number }> {
  await sleep('1 millisecond', { summary: 'only here' });
  return today(input);
}
