import { condition, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

/** Waits a moment, says so, and is over when it was told twice. Answers what it did. */
export async function notice(): Promise<string[]> {
  let told = 0;
  setHandler(defineSignal('told'), () => {
    told += 1;
  });
  await sleep(10);
  upsertMemo({ waited: true });
  await condition(() => told === 2);
  return ['waited'];
}
