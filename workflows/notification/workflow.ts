import { CancellationScope, condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';

/** What the workflow has done in the world. Types only: the functions live in `activities/`. */
export type PushActivities = {
  /** One user's pushes that are due. */
  listDuePushes(asked: { userId: string; now: string }): Promise<string[]>;
  /**
   * Carries one out, once for each device. `later` is when it is to be looked at again: a device has its quiet hours, or
   * a push service asked for patience; null when it is done.
   */
  pushNotification(asked: { pushId: string; now: string }): Promise<{ later: string | null }>;
};

const { listDuePushes, pushNotification } = proxyActivities<PushActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

/** Something fell due. */
const pushDue = defineSignal('pushDue');

/**
 * Brings one user's notifications to their devices. Ends when nothing is due or waits; the relay starts it again when
 * something is. All it knows is in Postgres, so it may be ended at any time.
 */
export async function push({ userId }: { userId: string }): Promise<void> {
  const now = () => new Date().toISOString();
  return CancellationScope.nonCancellable(async () => {
    const underWay = new Map<string, Promise<void>>();
    let rung = true;
    let changed = true;
    setHandler(pushDue, () => {
      rung = true;
      changed = true;
    });

    async function carry(pushId: string): Promise<void> {
      for (;;) {
        const { later } = await pushNotification({ pushId, now: now() });
        if (later === null) break;
        await sleep(Math.max(1, Date.parse(later) - Date.now()), {
          summary: 'quiet hours, or a push service’s patience',
        });
      }
      underWay.delete(pushId);
      changed = true;
    }

    for (;;) {
      while (rung) {
        rung = false;
        const due = await listDuePushes({ userId, now: now() });
        for (const pushId of due) if (!underWay.has(pushId)) underWay.set(pushId, carry(pushId));
      }
      if (underWay.size === 0) return;
      changed = false;
      await condition(() => changed);
    }
  });
}
