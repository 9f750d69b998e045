import { condition, defineSignal, patched, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

/** As `changed.ts`, for runs that come to the change from now on; those that are past it go on as they began. */
export async function notice(): Promise<string[]> {
  let told = 0;
  setHandler(defineSignal('told'), () => {
    told += 1;
  });
  await sleep(10);
  const waitsAgain = patched('wait-again');
  if (waitsAgain) await sleep(10);
  upsertMemo({ waited: true });
  await condition(() => told === 2);
  return waitsAgain ? ['waited', 'waited again'] : ['waited'];
}
