import { condition, defineSignal, deprecatePatch, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

/** As `patched.ts`, when no run of before is left: the old way is gone, and histories may still name the patch. */
export async function notice(): Promise<string[]> {
  let told = 0;
  setHandler(defineSignal('told'), () => {
    told += 1;
  });
  await sleep(10);
  deprecatePatch('wait-again');
  await sleep(10);
  upsertMemo({ waited: true });
  await condition(() => told === 2);
  return ['waited', 'waited again'];
}
