import type { z } from 'zod';
import type { CREDIT_EVENTS } from '#workflows/boost/contract.ts';
import { viewTopUp } from '#workflows/topUp/contract.ts';
import { asTopUp, type TopUp } from '#workflows/topUp/terms.ts';
import { announced } from '../event/announce.ts';
import { accounts } from '../money/ledger.ts';
import type { KindRows } from '../process/kind.ts';

/** What a top-up's steps write beside themselves: an event to its buyer; and what is credited for what was paid. */
export const topUpRows: KindRows = {
  besideOf({ process: before, seats }, step, process) {
    const topUp = asTopUp(process);
    const { id: topUpId, deadline: _, ...view } = viewTopUp(topUp);
    const update = { name: 'top_up_update', data: { topUpId, action: step.on, ...view } };
    const bought = step.on === 'credited' && topUp.terms.asset === 'CREDIT';
    const buyer = seats.buyer as string;
    return {
      speech: null,
      events: [announced(buyer, bought ? [update, purchaseOf(topUp, buyer, step.at)] : [update])],
      told: false,
      orders: [],
      tasks: [],
      closes: before.state === 'open' && process.state !== 'open' ? { orders: true, tasks: null } : null,
    };
  },

  tells: { credit: 'credited' },
  tellsWallets: true,
  rules: null,

  alongside({ process, seats }, { kind }, now) {
    const { terms, asset, id } = asTopUp(process);
    if (kind !== 'credit' || terms.asset === asset) return [];
    const quantity = BigInt(terms.quantity);
    return [
      {
        ...{ key: `credited_${id}`, reason: 'top_up', conversationId: id, occurredAt: now },
        legs: [
          { account: accounts.issuance(terms.asset, id), amount: -quantity },
          { account: accounts.wallet(seats.buyer as string, terms.asset), amount: quantity },
        ],
      },
    ];
  },

  answerOf: ({ process }) => ({ status: 200, body: { success: true, data: { top_up: viewTopUp(asTopUp(process)) } } }),
  unchangedOf: (process) => ({ status: 200, body: { success: true, data: { top_up: viewTopUp(asTopUp(process)) } } }),

  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

/** As a trigger tells other services, in the same transaction. */
function purchaseOf({ id, terms }: TopUp, userId: string, timestamp: string) {
  const data: z.infer<typeof CREDIT_EVENTS.credit_purchase> = {
    type: 'credit_purchase',
    userId,
    amount: Number(terms.quantity),
    eventId: `credit_purchase_${id}`,
    paymentId: id,
    timestamp,
  };
  return { name: data.type, data };
}
