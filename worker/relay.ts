import { once } from 'node:events';
import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Logger } from 'pino';
import { beat } from '#db/operation/heartbeats.ts';
import { bookUnaddressedFacts } from '#db/payment/bookings.ts';
import { listLooseRefunds } from '#db/payment/suspense.ts';
import type { Pool } from '#db/pool.ts';
import { findOldestPromise } from '#db/process/promises.ts';
import { findRelayLag, ringDue, setTold, takeUntold, type Untold } from '#db/process/relays.ts';
import { looseRefundId } from '#workflows/ids.ts';
import type { Patience } from '#workflows/process/patience.ts';
import type { Backlog } from './backlog.ts';
import { createLookForEnded } from './ended.ts';
import type { Metrics } from './metrics.ts';
import { startBroadcasts, startDuePushes } from './pushes.ts';
import { createRungFor, type Rung } from './rung.ts';
import { isHeldBack, signal } from './signal.ts';
import { endStuckRuns } from './stuck.ts';
import { pause, takeTurns } from './turns.ts';

export type RelayDeps = {
  pool: Pool;
  client: Client;
  taskQueue: string;
  systemUserId: string;
  log: Logger;
  metrics: Metrics;
  backlog: Backlog;
  now: () => Date;
  /** Where the console is, for the way from a run back to its case. */
  publicUrl?: string | undefined;
  /** What workflows are begun with; where it is left out, what they have of themselves. */
  patience?: Partial<Patience> | undefined;
  /** So many Signals a workflow is sent before the relay asks whether anybody works through them. */
  signalsAhead?: number | undefined;
};

export type Relay = {
  /** A process has something to be told; `first`, before others: money has come in. Never waits, never throws. */
  ring(processId: string, first?: boolean): void;
  /** Ends after what is under way is sent. */
  stop(): Promise<void>;
};

/**
 * Processes told together: one transaction of the relay's own, their Signals side by side. Few while the server is slow:
 * what is told was read before the Signals left, and the more leave together the older it is when it arrives. One more
 * after each that was quick, half as many after a slow one: with growth that doubled, a few lucky batches on a busy
 * machine sent a hundred Signals at once, and workflows were a second further behind for the next five.
 */
const AT_ONCE = { least: 8, most: 32 };
const QUICK_MS = 25;
const SLOW_MS = 100;
/**
 * So many workflows that were told may have yet to evolve when the next are told, and so long the relay waits for that.
 * Workflows of other processes are not heard of, and hold up nothing.
 */
const UNDER_WAY = 8;
const PATIENCE_MS = 250;
/**
 * After it was told, a process rests for this many times as long as that took: when the server is quick that is nothing
 * anybody notices, and when it is busy more steps gather for one Signal.
 */
const RESTS = 4;
const LONGEST_REST_MS = 400;
const SWEEP_MS = 2_000;
const SWEEP_LIMIT = 256;
/** After a Signal that could not be sent, before the next: Temporal is away, and the sweep comes round. */
const PAUSE_MS = 500;
const SIGNAL_MS = 5_000;
/** Between looks for runs that were ended: what is due is swept for anyway. */
const LOOK_FOR_ENDED_MS = 15_000;
/** The same for those that cannot go on, and while there are some. */
const LOOK_FOR_STUCK_MS = { idle: 10_000, found: 500 };
/** For each look: a worker that is to end while Temporal is away has 7 s, and waits for it. */
const LOOK_MS = 5_000;
const BEAT_MS = 5_000;

/**
 * Tells every process's workflow what was done at the door and what providers reported: in order, in as few Signals as
 * possible, until acknowledged. While one batch is under way further rings gather, so the busier it is the more steps
 * a Signal carries. Several relays may run; each process is told by one at a time.
 */
export function startRelay(deps: RelayDeps): Relay {
  const { pool, log, metrics, backlog, client } = deps;
  const rings = createRungFor();
  const stopping = new AbortController();
  const lookForEnded = createLookForEnded(deps);
  let atOnce = AT_ONCE.least;
  let wake: (() => void) | null = null;

  function ring(processId: string, first = false): void {
    rings.add(processId, first);
    wake?.();
  }

  function repeat(processId: string, begins = false): void {
    rings.repeat(processId, { waken: true, begins });
    wake?.();
  }

  async function pump(): Promise<void> {
    while (!stopping.signal.aborted) {
      await backlog.untilAtMost(UNDER_WAY, PATIENCE_MS);
      const began = performance.now();
      const batch = rings.take(atOnce, began);
      if (batch.size === 0) {
        await untilRung(began);
        continue;
      }
      try {
        const { told, more } = await tell(deps, batch);
        const took = performance.now() - began;
        if (took < QUICK_MS) atOnce = Math.min(atOnce + 1, AT_ONCE.most);
        if (took > SLOW_MS) atOnce = Math.max(Math.floor(atOnce / 2), AT_ONCE.least);
        const rested = began + took + Math.min(RESTS * took, LONGEST_REST_MS);
        for (const id of told) rings.rest(id, rested);
        for (const id of more) ring(id);
      } catch (error) {
        log.warn({ err: error, processes: batch.size }, 'workflows could not be told; the sweep will');
        await pause(PAUSE_MS, stopping.signal);
      }
    }
  }

  /** Until the next ring, or until the first that was rung for has rested. Stopped meanwhile, nobody would ring. */
  async function untilRung(now: number): Promise<void> {
    if (stopping.signal.aborted) return;
    const first = rings.firstAt(now);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (first !== null) timer = setTimeout(resolve, Math.max(1, first - now));
    });
    clearTimeout(timer);
    wake = null;
  }

  async function sweep(): Promise<void> {
    rings.forgetRested(performance.now());
    const now = deps.now().toISOString();
    // Side by side: what fails in one of these is not to hold up the others.
    const parts = await Promise.allSettled([
      ringDue(pool, now, SWEEP_LIMIT).then((ids) => {
        for (const id of ids) repeat(id);
      }),
      bookUnaddressedFacts(pool, { now, systemUserId: deps.systemUserId, correlationId: null }),
      startLooseRefunds(deps),
      startDuePushes(deps, now),
      startBroadcasts(deps, now),
      findRelayLag(pool, now).then(({ processes }) => metrics.untold.set(Number(processes))),
      findOldestPromise(pool, now).then((seconds) => metrics.oldestPromise.set(seconds ?? 0)),
    ]);
    for (const part of parts) if (part.status === 'rejected') throw part.reason;
  }

  let stuck = 0;
  const stopped = once(stopping.signal, 'abort');
  // Not waited for at the end, as the client does not give up between two tries: the next worker looks again.
  const look = (work: () => Promise<void>) => Promise.race([client.withDeadline(Date.now() + LOOK_MS, work), stopped]);
  /** The sweep's and the looks' way: a turn that fails is noted, and the next follows. */
  const turns = (turn: () => Promise<unknown>, pauseMs: () => number, failed: (error: unknown) => void) =>
    takeTurns(
      stopping.signal,
      async () => {
        await turn();
        return pauseMs();
      },
      (error) => {
        failed(error);
        return pauseMs();
      },
    );
  const loops = [
    pump(),
    turns(
      sweep,
      () => SWEEP_MS,
      (error) => log.warn({ err: error }, 'the sweep failed'),
    ),
    turns(
      () =>
        look(async () => {
          for (const id of await lookForEnded()) repeat(id, true);
        }),
      () => LOOK_FOR_ENDED_MS,
      (error) => log.warn({ err: error }, 'no look for runs that were ended'),
    ),
    turns(
      async () => {
        stuck = 0;
        await look(async () => {
          // Each as it is ended: a look that has no more time has not forgotten those before.
          stuck = await endStuckRuns(deps, (id) => repeat(id, true));
        });
      },
      () => (stuck > 0 ? LOOK_FOR_STUCK_MS.found : LOOK_FOR_STUCK_MS.idle),
      (error) => log.warn({ err: error }, 'no look for runs that cannot go on'),
    ),
    turns(
      () => beat(pool, 'relay'),
      () => BEAT_MS,
      (error) => log.debug({ err: error }, 'no heartbeat'),
    ),
  ];
  return {
    ring,
    async stop() {
      stopping.abort();
      wake?.();
      await Promise.all(loops);
    },
  };
}

/**
 * Tells a batch. Answers the processes that were told something, and those that have more to be told: beyond what fits in
 * one Signal, or done while it was sent. Throws when none could be told.
 */
async function tell(
  deps: RelayDeps,
  batch: ReadonlyMap<string, Rung>,
): Promise<{ told: string[]; more: readonly string[] }> {
  return deps.pool.transaction(async (transaction) => {
    const untold = await takeUntold(transaction, [...batch.keys()]);
    const results = await Promise.allSettled(
      untold.map((each) => tellOne(deps, each, batch.get(each.processId) ?? { waken: false, begins: false })),
    );
    const told = untold.filter((_, index) => {
      const result = results[index];
      return result?.status === 'fulfilled' && result.value === 'told';
    });
    // Every worker hears every bell: of what another has told there is nothing to be written.
    const heard = told
      .filter((each) => each.steps.length > 0 || each.told < 0)
      .map((each) => ({ untold: each, last: each.steps.at(-1)?.n ?? 0 }));
    const more = heard.length > 0 ? await setTold(transaction, heard) : [];
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0) {
      deps.log.warn({ err: failures[0], processes: failures.length }, 'some workflows could not be told');
      if (told.length === 0) throw failures[0];
    }
    return { told: told.map((each) => each.processId), more };
  });
}

/** `held`: it has been sent enough that nobody has come to yet; the sweep asks again. */
async function tellOne(deps: RelayDeps, untold: Untold, { waken, begins }: Rung): Promise<'told' | 'held'> {
  const { steps, facts } = untold;
  const isNew = untold.told < 0;
  // It was told meanwhile; one that was never told of is started all the same.
  if (steps.length === 0 && facts.length === 0 && !isNew && !waken) return 'told';
  return deps.client.withDeadline(Date.now() + SIGNAL_MS, async () => {
    if (await isHeldBack(deps, untold)) return 'held';
    await signal(deps, untold, begins || isNew);
    return 'told';
  });
}

/** One that runs already is left alone. */
async function startLooseRefunds({ pool, client, taskQueue }: RelayDeps): Promise<void> {
  for (const { id: refundId, provider } of await listLooseRefunds(pool, SWEEP_LIMIT)) {
    const refund = {
      taskQueue,
      workflowId: looseRefundId(refundId),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      args: [{ refundId, provider }] as [{ refundId: string; provider: string }],
      staticSummary: 'Money given back that belongs to no process',
    };
    await client.withDeadline(Date.now() + SIGNAL_MS, () => client.workflow.start('refund', refund));
  }
}
