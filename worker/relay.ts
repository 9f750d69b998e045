import { setTimeout as wait } from 'node:timers/promises';
import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Logger } from 'pino';
import { bookUnaddressedFacts } from '#db/bookings.ts';
import { beat } from '#db/heartbeats.ts';
import type { Pool } from '#db/pool.ts';
import { findRelayLag, ringDue, setTold, takeUntold, type Untold } from '#db/relays.ts';
import { listLooseRefunds } from '#db/suspense.ts';
import { collaborationId, looseRefundId } from '#workflows/ids.ts';
import type { Backlog } from './backlog.ts';
import { createLookForEnded } from './ended.ts';
import type { Metrics } from './metrics.ts';
import { endStuckRuns } from './stuck.ts';

export type RelayDeps = {
  pool: Pool;
  client: Client;
  taskQueue: string;
  systemUserId: string;
  log: Logger;
  metrics: Metrics;
  backlog: Backlog;
  now: () => Date;
};

export type Relay = {
  /** A deal has something to be told. Never waits, never throws. */
  ring(conversationId: string): void;
  /** Ends after what is under way is sent. */
  stop(): Promise<void>;
};

/**
 * Deals told together: one transaction of the relay's own, their Signals side by side. Few while the server is slow: what
 * is told was read before the Signals left, and the more leave together the older it is when it arrives. One more after
 * each that was quick, half as many after a slow one: with growth that doubled, a few lucky batches on a busy machine sent
 * a hundred Signals at once, and workflows were a second further behind for the next five.
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
 * After it was told, a deal rests for this many times as long as that took: when the server is quick that is nothing
 * anybody notices, and when it is busy more steps gather for one Signal.
 */
const RESTS = 4;
const LONGEST_REST_MS = 400;
const SWEEP_MS = 2_000;
const SWEEP_LIMIT = 256;
/** After a Signal that could not be sent, before the next: Temporal is away, and the sweep comes round. */
const PAUSE_MS = 500;
const SIGNAL_MS = 5_000;
/** Between looks for runs that were ended or cannot go on: the server itself takes half a minute to call one that. */
const LOOK_EVERY_MS = 15_000;
/** For each look: a worker that is to end while Temporal is away has 7 s, and waits for it. */
const LOOK_MS = 3_000;
const BEAT_MS = 5_000;

/**
 * Tells every deal's workflow what was done at the door and what providers reported: in order, in as few Signals as
 * possible, until acknowledged. While one batch is under way further rings gather, so the busier it is the more steps
 * a Signal carries. Several relays may run; each deal is told by one at a time.
 */
export function startRelay(deps: RelayDeps): Relay {
  const { pool, log, metrics, backlog } = deps;
  /** Deals to look at; true where the workflow is to be woken even if it was told everything. */
  const rung = new Map<string, boolean>();
  /** Until when a deal that was just told is left alone, by the process's clock. */
  const resting = new Map<string, number>();
  const stopping = new AbortController();
  const lookForEnded = createLookForEnded(deps);
  let atOnce = AT_ONCE.least;
  let wake: (() => void) | null = null;

  function ring(conversationId: string, waken = false): void {
    rung.set(conversationId, waken || rung.get(conversationId) === true);
    wake?.();
  }

  async function pump(): Promise<void> {
    while (!stopping.signal.aborted) {
      await backlog.untilAtMost(UNDER_WAY, PATIENCE_MS);
      const began = performance.now();
      const batch = takeRested(began);
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
        for (const id of told) resting.set(id, rested);
        for (const id of more) ring(id);
      } catch (error) {
        log.warn({ err: error, deals: batch.size }, 'workflows could not be told; the sweep will');
        await pause(PAUSE_MS, stopping.signal);
      }
    }
  }

  /** Up to a batch of the deals that were rung for and do not rest. */
  function takeRested(now: number): Map<string, boolean> {
    const batch = new Map<string, boolean>();
    for (const [id, waken] of rung) {
      if ((resting.get(id) ?? 0) > now) continue;
      resting.delete(id);
      rung.delete(id);
      batch.set(id, waken);
      if (batch.size === atOnce) break;
    }
    return batch;
  }

  /** Until the next ring, or until the first deal that was rung for has rested. Stopped meanwhile, nobody would ring. */
  async function untilRung(now: number): Promise<void> {
    if (stopping.signal.aborted) return;
    const first = Math.min(...[...rung.keys()].map((id) => resting.get(id) ?? now));
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (rung.size > 0) timer = setTimeout(resolve, Math.max(1, first - now));
    });
    clearTimeout(timer);
    wake = null;
  }

  async function sweep(): Promise<void> {
    for (const [id, rested] of resting) if (rested < performance.now()) resting.delete(id);
    const now = deps.now().toISOString();
    for (const id of await ringDue(pool, now, SWEEP_LIMIT)) ring(id, true);
    // Side by side: what fails in one of these is not to hold up the others.
    const parts = await Promise.allSettled([
      bookUnaddressedFacts(pool, { now, systemUserId: deps.systemUserId, correlationId: null }),
      startLooseRefunds(deps),
      findRelayLag(pool, now).then(({ deals }) => metrics.untold.set(Number(deals))),
    ]);
    for (const part of parts) if (part.status === 'rejected') throw part.reason;
  }

  const loops = [
    pump(),
    every(
      SWEEP_MS,
      stopping.signal,
      () => sweep(),
      (error) => log.warn({ err: error }, 'the sweep failed'),
    ),
    every(
      LOOK_EVERY_MS,
      stopping.signal,
      async () => {
        for (const look of [() => endStuckRuns(deps), lookForEnded]) {
          for (const id of await deps.client.withDeadline(Date.now() + LOOK_MS, look)) ring(id, true);
        }
      },
      (error) => log.debug({ err: error }, 'no look for runs that are stuck or were ended'),
    ),
    every(
      BEAT_MS,
      stopping.signal,
      () => beat(pool, 'relay'),
      (error) => log.debug({ err: error }, 'no heartbeat'),
    ),
  ];
  return {
    ring: (conversationId) => ring(conversationId),
    async stop() {
      stopping.abort();
      wake?.();
      await Promise.all(loops);
    },
  };
}

/**
 * Tells a batch. Answers the deals that were told something, and those that have more to be told: beyond what fits in
 * one Signal, or done while it was sent. Throws when none could be told.
 */
async function tell(
  deps: RelayDeps,
  batch: ReadonlyMap<string, boolean>,
): Promise<{ told: string[]; more: readonly string[] }> {
  return deps.pool.transaction(async (transaction) => {
    const untold = await takeUntold(transaction, [...batch.keys()]);
    const results = await Promise.allSettled(
      untold.map((each) => signal(deps, each, batch.get(each.conversationId) === true)),
    );
    const told = untold.flatMap((each, index) =>
      results[index]?.status === 'fulfilled'
        ? { untold: each, last: each.steps.at(-1)?.n ?? Math.max(each.told, 0) }
        : [],
    );
    for (const { untold: each, last } of told) if (each.steps.length > 0) deps.backlog.told(each.conversationId, last);
    const more = told.length > 0 ? await setTold(transaction, told) : [];
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0) {
      deps.log.warn({ err: failures[0], deals: failures.length }, 'some workflows could not be told');
      if (told.length === 0) throw failures[0];
    }
    return { told: told.map((each) => each.untold.conversationId), more };
  });
}

async function signal(deps: RelayDeps, untold: Untold, waken: boolean): Promise<void> {
  const { conversationId, steps, facts } = untold;
  // It was told meanwhile; a deal that was never told of is started all the same.
  if (steps.length === 0 && facts.length === 0 && untold.told >= 0 && !waken) return;
  await deps.client.withDeadline(Date.now() + SIGNAL_MS, async () => {
    const start = {
      taskQueue: deps.taskQueue,
      workflowId: collaborationId(conversationId),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [{ conversationId }] as [{ conversationId: string }],
      staticSummary: 'A deal between a brand owner and an influencer',
      staticDetails: `Conversation ${conversationId}. What happened is in Postgres; this run keeps what was promised.`,
    };
    const { workflow } = deps.client;
    if (facts.length > 0) {
      await counted(
        deps.metrics,
        workflow.signalWithStart('collaboration', { ...start, signal: 'paymentReported', signalArgs: [facts] }),
      );
    }
    if (steps.length > 0 || facts.length === 0) {
      await counted(
        deps.metrics,
        workflow.signalWithStart('collaboration', { ...start, signal: 'stepped', signalArgs: [steps] }),
      );
      deps.metrics.toldSteps.inc(steps.length);
    }
  });
}

/** Counts one Signal, as sent or as failed. */
async function counted(metrics: Metrics, sending: Promise<unknown>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    metrics.relayFailures.inc();
    throw error;
  }
  metrics.told.inc();
}

/** One that runs already is left alone. */
async function startLooseRefunds({ pool, client, taskQueue }: RelayDeps): Promise<void> {
  for (const refundId of await listLooseRefunds(pool, SWEEP_LIMIT)) {
    const refund = {
      taskQueue,
      workflowId: looseRefundId(refundId),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      args: [{ refundId }] as [{ refundId: string }],
      staticSummary: 'Money given back that belongs to no deal',
    };
    await client.withDeadline(Date.now() + SIGNAL_MS, () => client.workflow.start('refund', refund));
  }
}

/** Runs until stopped, with a pause after each turn; a turn that fails is followed by the next. */
async function every(
  ms: number,
  signal: AbortSignal,
  turn: () => Promise<unknown>,
  failed: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await turn().catch(failed);
    await pause(ms, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Over as well when it was stopped before the pause began, as during a turn.
  await wait(ms, undefined, { signal }).catch(() => {});
}
