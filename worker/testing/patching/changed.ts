import { condition, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';

/** As `before.ts`, but for one more timer, of which its open runs know nothing: changed as though there were none. */
export async function notice(): Promise<string[]> {
  let told = 0;
  setHandler(defineSignal('told'), () => {
    told += 1;
  });
  await sleep(10);
  await sleep(10);
  upsertMemo({ waited: true });
  await condition(() => told === 2);
  return ['waited', 'waited again'];
}
