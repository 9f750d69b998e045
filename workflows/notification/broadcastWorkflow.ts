import {
  CancellationScope,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { PAGE_EVERY_MS } from './broadcast.ts';

export type BroadcastProgress = { state: string; told: number; total: number };

/** What the workflow has done in the world. Types only: the functions live in `activities/`. */
export type BroadcastActivities = {
  /** Tells the next page, once; says how far it is now. */
  tellPage(asked: { broadcastId: string; pages: number; now: string }): Promise<BroadcastProgress & { pages: number }>;
  stopBroadcast(asked: { broadcastId: string; now: string }): Promise<BroadcastProgress>;
};

const { tellPage } = proxyActivities<BroadcastActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
const { stopBroadcast } = proxyLocalActivities<BroadcastActivities>({
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

/** An operator stops it from the Web UI; whom it has reached has it. */
const stop = defineUpdate<BroadcastProgress>('stop');

/** Goes through an announcement's accounts until all are told, or somebody stops it. */
export async function broadcast({ broadcastId }: { broadcastId: string }): Promise<BroadcastProgress> {
  const now = () => new Date().toISOString();
  return CancellationScope.nonCancellable(async () => {
    setHandler(stop, () => stopBroadcast({ broadcastId, now: now() }), {
      description: 'Stop telling people; whom it has reached has it',
    });
    for (let pages = -1; ; ) {
      const { pages: done, ...progress } = await tellPage({ broadcastId, pages, now: now() });
      pages = done;
      const { state, told, total } = progress;
      setCurrentDetails(`**${state}**: ${told} of ${total} accounts told`);
      if (state !== 'sending') return progress;
      await sleep(PAGE_EVERY_MS, { summary: 'before the next page' });
    }
  });
}
