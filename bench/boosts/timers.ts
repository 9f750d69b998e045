import { sleep } from '@temporalio/workflow';

/** A timer and nothing else: when its workflow went on after it, in ms. */
export async function bareTimer(at: number): Promise<number> {
  await sleep(Math.max(1, at - Date.now()));
  return Date.now();
}
