import { CancellationScope, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { providerQueue } from '../process/queues.ts';

/** What the workflow has done in the world. Types only: the functions live in `activities/`. */
export type RefundActivities = {
  /** Asks the provider to refund, or what became of it; fails, to be tried again, while it cannot be reached. */
  askLooseRefund(asked: { refundId: string; now: string }): Promise<{ status: string }>;
};

const OPTIONS = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '2 seconds', maximumInterval: '10 minutes' },
} as const;
const { askLooseRefund } = proxyActivities<RefundActivities>(OPTIONS);

/** How long to wait before asking a provider again about a refund that it has not decided on. */
const CHECKS_MS = [60_000, 300_000, 1_800_000, 3_600_000, 21_600_000];

/**
 * Sends back money that belongs to no process: an operator gave it back out of suspense. Ends when the provider has said
 * yes, or no: then an operator decides again, and the next attempt is another run.
 */
export async function refund({ refundId, provider }: { refundId: string; provider: string }): Promise<string> {
  const taskQueue = providerQueue(workflowInfo().taskQueue, provider);
  return CancellationScope.nonCancellable(async () => {
    for (let asked = 0; ; asked += 1) {
      const { status } = await askLooseRefund.executeWithOptions({ ...OPTIONS, taskQueue }, [
        { refundId, now: new Date().toISOString() },
      ]);
      setCurrentDetails(`The provider says: **${status}**`);
      if (status === 'processed' || status === 'failed') return status;
      await sleep(CHECKS_MS[Math.min(asked, CHECKS_MS.length - 1)] ?? 60_000, { summary: 'ask what became of it' });
    }
  });
}
