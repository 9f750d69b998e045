import { ApplicationFailure } from '@temporalio/activity';
import { bookWaitingFacts } from '#db/bookings.ts';
import { findDeal, findOpening, readNews } from '#db/deals.ts';
import { carryPromise } from '#db/promises.ts';
import { setHeard } from '#db/relays.ts';
import { sendReminder } from '#db/reminders.ts';
import { retryRefundsOf, ruleAsOperator } from '#db/rulings.ts';
import { expireIfDue, type Origin } from '#db/steps.ts';
import { openTask } from '#db/tasks.ts';
import type { Asked, CollaborationActivities, News } from '#workflows/collaboration/activities.ts';
import { deadlineOf } from '#workflows/collaboration/flow.ts';
import { FAILURES, Failure } from '#workflows/failures.ts';
import type { ActivityDeps } from './deps.ts';
import { carryRefund } from './provider.ts';

/** What a collaboration's workflow has done in the world. Each can be called again: it does its work once. */
export function createCollaborationActivities(deps: ActivityDeps): CollaborationActivities {
  const { pool, systemUserId } = deps;

  function originOf({ now, correlationId }: Asked): Origin {
    return { now, systemUserId, correlationId };
  }

  async function news(did: string, { conversationId, known, correlationId }: Asked): Promise<News> {
    deps.ring(conversationId);
    const read = await readNews(pool, conversationId, known);
    const last = read.steps.at(-1);
    if (last) await setHeard(pool, conversationId, known, last.n);
    deps.log.info(
      {
        conversation_id: conversationId,
        correlation_id: correlationId,
        known,
        steps: read.steps.map((step) => step.on),
      },
      did,
    );
    return read;
  }

  return {
    async readOpening({ conversationId }) {
      const deal = await findOpening(pool, conversationId);
      if (!deal) throw ApplicationFailure.nonRetryable(`no deal ${conversationId}`, 'NOT_FOUND');
      return deal;
    },

    async readNews(asked) {
      await bookWaitingFacts(pool, asked.conversationId, originOf(asked));
      return news('read', asked);
    },

    async bookFacts(asked) {
      await bookWaitingFacts(pool, asked.conversationId, originOf(asked));
      return news('facts booked', asked);
    },

    async expire({ entry, ...asked }) {
      // What was received on time is on time, however late it is worked through.
      await bookWaitingFacts(pool, asked.conversationId, originOf(asked));
      const stored = await findDeal(pool, asked.conversationId);
      let notBefore: string | null = null;
      if (stored?.deal.entry === entry) {
        const deadline = deadlineOf(stored.deal);
        if (deadline !== null && asked.now < deadline) notBefore = deadline;
        else await expireIfDue(pool, stored, originOf(asked));
      }
      return { ...(await news('deadline looked at', asked)), notBefore };
    },

    async carryPromise({ promiseId, ...asked }) {
      await carryPromise(pool, asked.conversationId, promiseId, originOf(asked));
      return news('promise carried', asked);
    },

    async askRefund({ refundId, ...asked }) {
      await carryRefund(deps, refundId, originOf(asked));
      return news('refund asked for', asked);
    },

    async remind({ conversationId, entry, kind, deadline, now }) {
      const sent = await sendReminder(pool, { conversationId, entry, kind, deadline, now, systemUserId });
      if (sent) deps.ring(conversationId);
    },

    async rule({ release_percent: releasePercent, reason, ...asked }) {
      const { conversationId, known } = asked;
      await bookWaitingFacts(pool, conversationId, originOf(asked));
      await refusing(() => ruleAsOperator(pool, { conversationId, known, releasePercent, reason }, originOf(asked)));
      return news('ruled', asked);
    },

    async retryRefunds(asked) {
      const retried = await retryRefundsOf(pool, asked.conversationId, asked.now);
      return { ...(await news('refunds tried again', asked)), retried };
    },

    async reportParked({ conversationId, known, why, now }) {
      deps.log.error({ conversation_id: conversationId, why }, 'a deal is parked');
      await openTask(pool, {
        key: `parked_deal_${conversationId}`,
        kind: 'parked_deal',
        conversationId,
        details: { why, after_step: known },
        now,
      });
    },
  };
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
