import { defaultPayloadConverter, fromPayloadsAtIndex } from '@temporalio/common';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import { findProcess } from '#db/process/processes.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { asDeal, type Deal } from '#workflows/deal/terms.ts';
import type { Step } from '#workflows/process/machine.ts';
import type { Parts } from './parts.ts';
import { until } from './person.ts';

/** What a deal's workflow was told, and what it shows. */

export async function dealOf(place: Parts, id: string): Promise<Deal> {
  const stored = await findProcess(place.pool, id);
  if (!stored) throw new Error(`no deal ${id}`);
  return asDeal(stored.process);
}

const relayRow = z.object({ told: z.int(), epoch: z.int(), tries: z.int(), version: z.int() });

/** What the relay keeps of a deal. */
export function relayOf(place: Parts, id: string): Promise<z.infer<typeof relayRow>> {
  return place.pool.one(sql.type(relayRow)`
    SELECT told, epoch, tries, version FROM relays WHERE process_id = ${id}
  `);
}

export async function untilTold(place: Parts, id: string): Promise<void> {
  await until(
    () => relayOf(place, id),
    ({ told, version }) => told === version,
  );
}

/** The deal's workflow knows all its steps, and waits. */
export async function untilShown(place: Parts, id: string): Promise<void> {
  await untilTold(place, id);
  const deal = await dealOf(place, id);
  await until(
    () =>
      place
        .workflowOf(id)
        .describe()
        .then(
          ({ searchAttributes: { TandemState, TandemDeadline } }) => [TandemState?.[0], TandemDeadline?.[0]],
          () => [],
        ),
    ([state, deadline]) =>
      state === deal.state && ((deadline as Date | undefined)?.toISOString() ?? null) === deadlineOf(deal),
  );
}

/** The workflow of a deal, or of a process of another kind, stands as the Web UI says: RUNNING, COMPLETED, TERMINATED … */
export async function untilStatus(
  place: Parts,
  of: string | { id: string; kind: string },
  ...wanted: string[]
): Promise<void> {
  const { id, kind } = typeof of === 'string' ? { id: of, kind: 'deal' } : of;
  await until(
    () =>
      place
        .workflowOf(id, kind)
        .describe()
        .then(
          ({ status }) => status.name as string,
          () => 'unknown',
        ),
    (status) => wanted.includes(status),
    RUNS_END_MS,
  );
}

/** An activity that was lost with its worker is given up after a minute, and its workflow goes on then. */
const RUNS_END_MS = 90_000;

/** What every Signal `stepped` told a deal's workflow in its last run, in order: the numbers of the steps it carried. */
export async function stepsTold(place: Parts, id: string): Promise<number[][]> {
  const { events } = await place.workflowOf(id).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signaled }) => {
    if (signaled?.signalName !== 'stepped') return [];
    const steps = fromPayloadsAtIndex<Step[]>(defaultPayloadConverter, 0, signaled.input?.payloads);
    return [steps.map(({ n }) => n)];
  });
}

/** Nothing is under way in the deal's workflow, so that what it learns next it learns from outside. */
export async function untilAtRest(place: Parts, id: string, kind = 'deal'): Promise<void> {
  await until(
    async () => (await place.workflowOf(id, kind).describe()).raw.pendingWorkflowTask,
    (task) => !task,
  );
}
