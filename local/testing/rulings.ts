import { condition, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';

const rule = defineUpdate<void, [{ by: string }]>('rule');
const told = defineQuery<string[]>('rulings');

/** Keeps who has sent it an Update, and never ends. */
export async function rulings(): Promise<void> {
  const by: string[] = [];
  setHandler(rule, (ruling) => {
    by.push(ruling.by);
  });
  setHandler(told, () => by);
  await condition(() => false);
}
