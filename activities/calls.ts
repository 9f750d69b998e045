import type { Origin } from '#db/process/stored.ts';
import type { ProviderActivities } from '#workflows/process/activities.ts';
import type { ActivityDeps } from './deps.ts';
import { newsFor, originOf } from './news.ts';
import { askForOrder } from './order.ts';
import { carryPayout } from './payout.ts';
import { carryRefund } from './refund.ts';

type Carry = (deps: ActivityDeps, id: string, origin: Origin) => Promise<void>;

/** What is done for a promise at its provider, by the kind of call. */
const CARRY: Record<'refund' | 'payout', Carry> = {
  refund: carryRefund,
  payout: carryPayout,
};

/** What a process's workflow has asked of providers. */
export function createProviderActivities(deps: ActivityDeps): ProviderActivities {
  const news = newsFor(deps);
  const origin = originOf(deps);
  return {
    async askCall({ call, ...asked }) {
      await CARRY[call.kind](deps, call.id, origin(asked));
      return news(`${call.kind} asked for`, asked);
    },

    async askOrder({ orderId, ...asked }) {
      await askForOrder(deps, orderId, origin(asked));
      return news('order asked about', asked);
    },
  };
}
