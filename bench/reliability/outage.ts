import { setTimeout as wait } from 'node:timers/promises';
import { click, takeOver } from '../clicks/clicking.ts';
import type { ClickedDeal } from '../clicks/deals.ts';
import { quantile } from '../clicks/numbers.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { dealsInWork, type Stage, untilRunning, untilTold } from './stage.ts';

/** Temporal stands still, and people click on. */

const DEALS = 64;
const TOLD_WITHIN_MS = 60_000;

export async function measureOutage(stage: Stage, { frozenSeconds, clicks }: Plan): Promise<Finding[]> {
  const deals = await dealsInWork(stage, DEALS);
  const worker = await stage.addWorker();
  await untilRunning(stage, DEALS, 'work_in_progress');
  await takeOver(stage.api.url, deals);
  const well = await clickPaced(stage.api.url, deals, Math.round(clicks / 4), frozenSeconds / 4);
  const pid = stage.temporal.pid;
  process.kill(pid, 'SIGSTOP');
  let answered: Float64Array;
  try {
    answered = await clickPaced(stage.api.url, deals, clicks, frozenSeconds);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const told = await untilTold(stage, TOLD_WITHIN_MS);
  await worker.stop();
  const [p99, usual] = [quantile(answered, 0.99), quantile(well, 0.99)];
  return [
    {
      what: `${clicks} clicks with Temporal frozen for ${frozenSeconds} s`,
      before: '3,001 in 60 s: p99 17 ms, told in 18 s',
      now: `all answered, p50 ${quantile(answered, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (just before the freeze ${quantile(well, 0.5).toFixed(1)} and ${usual.toFixed(1)}); told ${told === null ? 'not within a minute' : `in ${seconds(told)}`}`,
      // Whatever others do on the machine, clicks are no slower for want of Temporal.
      holds: told !== null && told <= 20_000 && p99 < Math.max(50, 2 * usual),
    },
  ];
}

/** At their own pace, each deal's in their order. Answers how long each took from when it was due, in ms, sorted. */
async function clickPaced(
  url: string,
  deals: readonly ClickedDeal[],
  clicks: number,
  forSeconds: number,
): Promise<Float64Array> {
  const last: Promise<void>[] = deals.map(() => Promise.resolve());
  const latencies: number[] = [];
  const began = performance.now();
  for (let number = 0; number < clicks; number += 1) {
    const due = began + (number * forSeconds * 1_000) / clicks;
    const early = due - performance.now();
    if (early > 1) await wait(early);
    const lane = number % deals.length;
    last[lane] = (last[lane] as Promise<void>).then(async () => {
      await click(url, deals[lane] as ClickedDeal);
      latencies.push(performance.now() - due);
    });
  }
  await Promise.all(last);
  return Float64Array.from(latencies).sort();
}
