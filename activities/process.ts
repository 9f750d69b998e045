import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { commandAsOperator, retryCalls } from '#db/process/operators.ts';
import { findProcess } from '#db/process/processes.ts';
import { carryPromise } from '#db/process/promises.ts';
import { sendReminder } from '#db/process/reminders.ts';
import { expireIfDue } from '#db/process/step.ts';
import { closeTask, openTask, type TaskKind } from '#db/task/tasks.ts';
import { FAILURES, Failure } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { ProcessActivities, Sender, Trouble } from '#workflows/process/activities.ts';
import { outlined } from '#workflows/process/machine.ts';
import type { ActivityDeps } from './deps.ts';
import { newsFor, originOf } from './news.ts';

const TASK_OF: Record<Trouble, TaskKind> = {
  parked: 'parked_deal',
  activity_fails: 'activity_fails',
  order_unasked: 'order_unasked',
};

const taskKey = (what: Trouble, processId: string) => `${what}_${processId}`;

/** What a process's workflow has done in the world. Each can be called again: it does its work once. */
export function createProcessActivities(deps: ActivityDeps): ProcessActivities {
  const { pool, systemUserId } = deps;
  const news = newsFor(deps);
  const origin = originOf(deps);

  /** The name of whoever sent an Update. Throws where neither the server nor they themselves say one. */
  async function nameOf({ updateId, by }: Sender): Promise<string> {
    const { workflowExecution } = activityInfo();
    const known = workflowExecution && (await deps.senderOf({ ...workflowExecution, updateId }));
    const name = by !== null && known ? `${by} (${known})` : (by ?? known);
    if (!name) {
      throw ApplicationFailure.nonRetryable('Say who you are: add "by" with your name.', 'VALIDATION_FAILED');
    }
    return name;
  }

  return {
    async readProcess({ processId }) {
      const stored = await findProcess(pool, processId);
      if (!stored) throw ApplicationFailure.nonRetryable(`there is no process ${processId}`, 'NOT_FOUND');
      return outlined(machineOf(stored.process.kind), stored.process);
    },

    async readNews(asked) {
      await bookWaitingFacts(pool, asked.processId, origin(asked));
      return news('read', asked);
    },

    async bookFacts(asked) {
      await bookWaitingFacts(pool, asked.processId, origin(asked));
      return news('facts booked', asked);
    },

    async expire({ entry, ...asked }) {
      // What was received on time is on time, however late it is worked through.
      await bookWaitingFacts(pool, asked.processId, origin(asked));
      const stored = await findProcess(pool, asked.processId);
      let notBefore: string | null = null;
      if (stored?.process.entry === entry) {
        const deadline = machineOf(stored.process.kind).deadlineOf(stored.process);
        if (deadline !== null && asked.now < deadline) notBefore = deadline;
        else if (deadline !== null && !(await expireIfDue(pool, stored, origin(asked)))) {
          notBefore = waitsUntil(deadline, asked.now);
        }
      }
      return { ...(await news('deadline looked at', asked)), notBefore };
    },

    async carryPromise({ promiseId, ...asked }) {
      await carryPromise(pool, asked.processId, promiseId, origin(asked));
      return news('promise carried', asked);
    },

    async remind({ processId, entry, kind, deadline, now }) {
      await sendReminder(pool, { processId, entry, kind, deadline, now, systemUserId });
      deps.committed?.(processId);
    },

    async command({ on, data, updateId, by, ...asked }) {
      const { processId, known } = asked;
      const identity = await nameOf({ updateId, by });
      await bookWaitingFacts(pool, processId, origin(asked));
      await refusing(() => commandAsOperator(pool, { processId, known, on, data, identity }, origin(asked)));
      return news(`${on} by an operator`, asked);
    },

    async retryCalls({ updateId, by, ...asked }) {
      const identity = await nameOf({ updateId, by });
      const retried = await retryCalls(pool, asked.processId, identity, asked.now);
      return { ...(await news('calls tried again', asked)), retried };
    },

    async report({ processId, known, what, why, now }) {
      deps.log.error({ process_id: processId, what, why }, 'a process calls for an operator');
      await openTask(pool, {
        key: taskKey(what, processId),
        kind: TASK_OF[what],
        processId,
        details: { why, after_step: known },
        now,
        anew: true,
      });
    },

    async heal({ processId, what, now }) {
      deps.log.info({ process_id: processId, what }, 'it goes on');
      await closeTask(pool, taskKey(what, processId), { outcome: 'it goes on' }, null, now);
    },
  };
}

/** What a kind has wait after its deadline is asked about less and less often: a quarter of what it has waited later. */
function waitsUntil(deadline: string, now: string): string {
  const waited = Date.parse(now) - Date.parse(deadline);
  return new Date(Date.parse(now) + Math.min(Math.max(waited / 4, 5_000), 3_600_000)).toISOString();
}

/** A refusal is an answer, not a reason to try again: it fails the update, not the workflow. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && !FAILURES[error.code].retry) {
      throw ApplicationFailure.nonRetryable(error.message, error.code, error.details);
    }
    throw error;
  }
}
