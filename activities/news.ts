import { findProcess, readNews } from '#db/process/processes.ts';
import { setHeard } from '#db/process/relays.ts';
import type { Origin } from '#db/process/stored.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { Asked, News } from '#workflows/process/activities.ts';
import { toldStep } from '#workflows/process/machine.ts';
import type { ActivityDeps } from './deps.ts';

/** When what a workflow asks for happens: by its clock, in the system's name. */
export function originOf({ systemUserId }: Pick<ActivityDeps, 'systemUserId'>): (asked: Asked) => Origin {
  return ({ now, correlationId }) => ({ now, systemUserId, correlationId });
}

/** What every activity answers its workflow: the steps that it does not know, without texts, and what is open. */
export function newsFor(deps: ActivityDeps) {
  const { pool } = deps;
  /** A process's kind never changes. */
  const kinds = new Map<string, string>();

  async function kindOf(processId: string): Promise<string> {
    const known = kinds.get(processId);
    if (known) return known;
    const stored = await findProcess(pool, processId);
    if (!stored) throw new RangeError(`there is no process ${processId}`);
    if (kinds.size >= REMEMBERED) kinds.clear();
    kinds.set(processId, stored.process.kind);
    return stored.process.kind;
  }

  return async function news(did: string, { processId, known, correlationId }: Asked): Promise<News> {
    deps.committed?.(processId);
    const read = await readNews(pool, processId, known);
    const last = read.steps.at(-1);
    if (last) await setHeard(pool, processId, known, last.n);
    deps.log.info(
      {
        process_id: processId,
        correlation_id: correlationId,
        known,
        steps: read.steps.map((step) => step.on),
      },
      did,
    );
    if (read.steps.length === 0) return read;
    const machine = machineOf(await kindOf(processId));
    return { ...read, steps: read.steps.map((step) => toldStep(machine, step)) };
  };
}

const REMEMBERED = 10_000;
