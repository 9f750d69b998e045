import { setTimeout as wait } from 'node:timers/promises';
import { atOnce, newPairs, openDeal } from '../clicks/deals.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { approve, paid, type Stage, submittedDeals, until, untilTold } from './stage.ts';

/** Fresh money beside the backlog that an outage leaves. */

const FRESH = 10;
const EVERY_MS = 500;
const WITHIN_MS = 120_000;

export async function measureBacklog(stage: Stage, { backlog }: Plan): Promise<Finding[]> {
  const fresh = await submittedDeals(stage, FRESH);
  const [pair] = await newPairs(stage.api.url, 1);
  if (!pair) throw new Error('nobody is there');
  await atOnce(backlog, async () => void (await openDeal(stage.api.url, pair.brand, pair.influencer)));
  const worker = await stage.addWorker();
  const began = performance.now();
  const told = untilTold(stage, 2 * WITHIN_MS);
  const waits: Promise<number | null>[] = [];
  for (const deal of fresh) {
    await approve(stage, deal);
    waits.push(until(async () => (await paid(stage, [deal])) === 1, WITHIN_MS));
    await wait(EVERY_MS);
  }
  const took = await Promise.all(waits);
  const last = Math.max(...took.map((each) => each ?? WITHIN_MS));
  const worked = (await told) === null ? null : performance.now() - began;
  await worker.stop();
  return [
    {
      what: `${FRESH} approvals beside ${backlog} processes that nobody was told of`,
      before: 'fresh money waits behind all of them, 41.5 s',
      now: `the slowest paid after ${seconds(last)}; the backlog was told in ${worked === null ? 'more than four minutes' : seconds(worked)}`,
      // However busy the machine is, fresh money does not wait for the backlog.
      holds: took.every((each) => each !== null) && worked !== null && last < Math.max(10_000, worked / 2),
    },
  ];
}
