import { v7 as uuid } from 'uuid';
import type { Step } from '#workflows/process/machine.ts';
import { PARTIES, type Party } from '#workflows/trade/parties.ts';
import { asTrade, type Trade, type TradeStep } from '#workflows/trade/terms.ts';
import { announcementOf, standingFor, type Viewer } from '#workflows/trade/view.ts';
import { announced, inOrder } from '../event/announce.ts';
import type { KindRows, Note } from '../process/kind.ts';
import type { StoredProcess } from '../process/stored.ts';

/** What a trade's steps write beside themselves: an event to each side, and an operator's task while it is disputed. */
export const tradeRows: KindRows = {
  besideOf({ process: before, seats }, step, process) {
    const trade = asTrade(process);
    const data = announcementOf(trade, step);
    const entersDispute = before.state !== 'disputed' && trade.state === 'disputed';
    const leavesDispute = before.state === 'disputed' && trade.state !== 'disputed';
    return {
      speech: null,
      events: inOrder(PARTIES.map((side) => announced(seats[side] as string, [{ name: 'order_update', data }]))),
      told: false,
      orders: [],
      tasks: entersDispute ? [disputeTask(trade, step as TradeStep)] : [],
      closes: leavesDispute ? { orders: false, tasks: 'dispute' } : null,
    };
  },

  tells: { release: 'asset_released', give_back: 'asset_returned', split: 'asset_split' },
  rules: 'resolve',

  answerOf: ({ step, process }, as) => answer(asTrade(process), step.n, as),
  unchangedOf: (process, as) => answer(asTrade(process), process.version, as),

  remindOf(stored, reminder) {
    const trade = asTrade(stored.process);
    return note(stored, trade, `reminder_${reminder.kind}`);
  },

  // No provider's payment is behind a trade.
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

/** `n` says until which step its history is shown. */
function answer(trade: Trade, n: number, as: string) {
  return { status: 200, body: { success: true, data: { n, standing: standingFor(as as Viewer, trade) } } };
}

function disputeTask(trade: Trade, step: TradeStep) {
  return {
    id: uuid(),
    key: `dispute_${trade.id}_${step.n}`,
    kind: 'dispute',
    details: { opened_by: trade.terms.dispute?.opened_by ?? step.by, reason: trade.terms.dispute?.reason ?? '' },
  };
}

/** Whoever is awaited hears that time runs; both where nobody is. */
function note({ seats }: StoredProcess, trade: Trade, action: string): Note {
  const data = announcementOf(trade, { on: action, by: 'system' } satisfies Pick<Step, 'on' | 'by'>);
  const awaited: readonly Party[] =
    trade.state === 'awaiting_payment' ? ['buyer'] : trade.state === 'payment_confirmed' ? ['seller'] : PARTIES;
  return {
    messages: [],
    events: awaited.map((side) => ({ user_id: seats[side] as string, name: 'order_update' as const, data })),
  };
}
