import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIdOf } from '#workflows/ids.ts';
import { asPerson, atOnce, newPairs, openDeal } from '../clicks/deals.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { metricOf, type Stage, until, untilRunning } from './stage.ts';

/** A worker starts where many runs were ended within the day, and all of them have another one that lives. */

/** Two looks for ended runs and ten sweeps. */
const WATCHED_MS = 20_000;
const BEGUN_WITHIN_MS = 60_000;

export async function measureWorkerStart(stage: Stage, { ended }: Plan): Promise<Finding[]> {
  const { url } = stage.api;
  const [pair] = await newPairs(url, 1);
  if (!pair) throw new Error('nobody is there');
  const ids: string[] = [];
  await atOnce(ended, async () => {
    ids.push(await openDeal(url, pair.brand, pair.influencer));
  });
  const first = await stage.addWorker();
  await untilRunning(stage, ended, 'initial');
  await atOnce(ended, async (number) => {
    await stage.temporalClient.workflow
      .getHandle(workflowIdOf('deal', ids[number] as string))
      .terminate('by an operator');
  });
  const began = performance.now();
  await untilRunning(stage, ended, 'initial');
  const anew = performance.now() - began;
  await first.stop();

  const second = await stage.addWorker();
  const ready = performance.now();
  const fresh = await openDeal(url, pair.brand, pair.influencer);
  const waited = await until(() => isRunning(stage, fresh), BEGUN_WITHIN_MS);
  await wait(WATCHED_MS - (performance.now() - ready));
  const signals = await metricOf(second, 'tandem_relay_signals_total');
  await asPerson(url, pair.brand).click(fresh, 'accept_application');
  await second.stop();
  return [
    {
      what: `${ended} runs that were ended are begun anew`,
      before: null,
      now: `all run again ${seconds(anew)} after the last was ended`,
      holds: true,
    },
    {
      what: `a worker starts beside ${ended} runs that were ended today and live again`,
      before: '3,105 and 4,193 needless Signals, a new deal waits 20 s',
      // One is the new deal's own.
      now: `${Math.max(0, signals - 1)} needless Signals within ${seconds(WATCHED_MS)}, a new deal has its workflow after ${waited === null ? 'more than a minute' : `${Math.round(waited)} ms`}`,
      holds: signals <= 3 && waited !== null && waited < 5_000,
    },
  ];
}

async function isRunning(stage: Stage, id: string): Promise<boolean> {
  try {
    const { status } = await stage.temporalClient.workflow.getHandle(workflowIdOf('deal', id)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
