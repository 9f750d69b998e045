import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { after } from '#workflows/durations.ts';
import { payoutMachine } from '#workflows/payout/machine.ts';
import { WAITS_AT_MOST } from '#workflows/payout/policy.ts';
import { asPayout, type Payout } from '#workflows/payout/terms.ts';
import { announcementOf, standingFor, type Viewer } from '#workflows/payout/view.ts';
import { announced } from '../event/announce.ts';
import { type Executor, sql } from '../pool.ts';
import type { KindRows } from '../process/kind.ts';

/** What a payout's steps write beside themselves: an event to its payee; and what it waits for after its hold window. */
export const payoutRows: KindRows = {
  besideOf({ process: before, seats }, step, process) {
    const data = announcementOf(asPayout(process), step.on);
    const looked = before.state === 'requested' && process.state !== 'requested' && process.variant === 'four_eyes';
    return {
      speech: null,
      events: [announced(seats.payee as string, [{ name: 'payout_update', data }])],
      told: false,
      orders: [],
      tasks: [],
      closes: looked ? { orders: false, tasks: 'payout_approval' } : null,
    };
  },

  tells: { send: 'money_sent', give_back: 'money_returned' },
  tellsWallets: true,
  goesOn: 'clear',
  rules: null,

  async atDeadline(executor, { process, seats }, now) {
    if (process.state !== 'held') return 'expire';
    const waitsFor = await findWaiting(executor, seats.payee as string);
    if (waitsFor === null) return 'expire';
    const deadline = payoutMachine.deadlineOf(asPayout(process)) as string;
    if (now < after(deadline, WAITS_AT_MOST)) return 'wait';
    const reason = waitsFor === 'kyc' ? 'Your papers were not in order in time.' : 'Payouts were paused for too long.';
    return { on: 'give_up', data: { reason } };
  },

  answerOf: ({ step, process }, as) => answer(asPayout(process), step.n, as),
  unchangedOf: (process, as) => answer(asPayout(process), process.version, as),

  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

const waiting = z.object({ paused: z.boolean(), verified: z.boolean() });

/** What keeps somebody's payouts from leaving; null where nothing does. */
export async function findWaiting(executor: Executor, userId: string): Promise<'operator' | 'kyc' | null> {
  const { paused, verified } = await executor.one(sql.type(waiting)`
    SELECT EXISTS (SELECT FROM payout_pauses WHERE ended_at IS NULL) AS paused,
      EXISTS (SELECT FROM payees WHERE user_id = ${userId} AND kyc ->> 'status' = 'verified') AS verified
  `);
  return paused ? 'operator' : verified ? null : 'kyc';
}

/** `n` says until which step its history is shown. */
function answer(payout: Payout, n: number, as: string) {
  return { status: 200, body: { success: true, data: { n, standing: standingFor(as as Viewer, payout) } } };
}

/** That a second pair of eyes is to look at a payout. */
export function approvalTask({ id, terms, asset }: Payout) {
  return {
    id: uuid(),
    key: `payout_approval_${id}`,
    kind: 'payout_approval' as const,
    processId: id,
    details: { amount_minor: terms.gross, net_minor: terms.net, asset, provider: terms.provider },
  };
}
