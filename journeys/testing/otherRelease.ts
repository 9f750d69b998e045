import { sleep } from '@temporalio/workflow';
import { deal as today } from '#workflows/index.ts';
import type { ProcessEnd, ProcessInput } from '#workflows/process/workflow.ts';

/** A release whose `deal` does not begin as today's does: histories of the one do not replay in the other. */
export async function deal(input: ProcessInput): Promise<ProcessEnd> {
  await sleep('1 millisecond', { summary: 'only here' });
  return today(input);
}
