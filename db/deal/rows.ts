import { v7 as uuid } from 'uuid';
import { type Via as DealVia, eventsFor, type Parties } from '#workflows/deal/announcements.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { takenAnswer, unchangedAnswer } from '#workflows/deal/outcome.ts';
import { answersQuestion, type Line, linesOf } from '#workflows/deal/script.ts';
import { awaitingRole, chatStatus, PARTIES, type Party } from '#workflows/deal/table.ts';
import { asDeal, type Deal, type DealStep } from '#workflows/deal/terms.ts';
import type { Viewer } from '#workflows/deal/view.ts';
import { formatDecimal, formatRupees } from '#workflows/money.ts';
import { announced, inOrder } from '../event/announce.ts';
import type { Beside, NewOrder } from '../process/append.ts';
import type { Circumstance, KindRows, Note, Told } from '../process/kind.ts';
import type { StoredProcess, Taken } from '../process/stored.ts';
import { messageOf, type NewMessage } from '../talk/written.ts';

/** What a deal's steps write beside themselves: they speak in its conversation, and are told from what they said. */
export const dealRows: KindRows = {
  besideOf(stored, generic, process, at) {
    const [before, deal, step] = [asDeal(stored.process), asDeal(process), generic as DealStep];
    const parties = stored.seats as Parties;
    const messages = linesOf(before, step, deal).map((line) =>
      messageOf(line, {
        conversationId: before.id,
        parties,
        actorId: step.actor,
        systemUserId: at.systemUserId,
        at: step.at,
      }),
    );
    const leaves = (state: Deal['state']) => before.state === state && deal.state !== state;
    const closes = { orders: leaves('payment_pending'), tasks: leaves('disputed') ? 'dispute' : null };
    return {
      speech: speechOf(before, deal, step, messages),
      events: inOrder(
        PARTIES.map((side) =>
          announced(parties[side], eventsFor(side, parties[side], step, deal, messages, at.via as DealVia)),
        ).filter(({ many }) => many > 0),
      ),
      told: true,
      orders: step.on === 'proceed_to_payment' ? [orderOf(deal, parties, at)] : [],
      tasks: step.on === 'open_dispute' ? [disputeTask(step, deal.id)] : [],
      closes: closes.orders || closes.tasks ? closes : null,
    };
  },

  tells: { release: 'money_released', refund: 'refund_started' },
  rules: 'resolve_dispute',

  answerOf: ({ step, process, messages }: Taken, as, via) => ({
    status: 200,
    body: takenAnswer(
      { step: step as DealStep, deal: asDeal(process), messages: messages as NewMessage[] },
      as as Viewer,
      via as NonNullable<DealVia>,
    ),
  }),
  unchangedOf: (process, as, on, via, missing) => ({
    status: 200,
    body: unchangedAnswer(asDeal(process), as as Viewer, via as NonNullable<DealVia>, on, missing),
  }),

  remindOf(stored, { kind, deadline }, at) {
    const awaited = awaitingRole(asDeal(stored.process).state);
    const text = `Reminder: this deal waits for ${awaited ? 'your answer' : 'a ruling'} until ${deadline}.`;
    return noteOf(stored, awaited ? [awaited] : PARTIES, text, 'reminder', { kind, deadline }, at);
  },

  heldUpOf(stored, what, at) {
    const text =
      what === 'held_up'
        ? 'The payment of this deal is disputed at its bank. What is to be paid from it waits until that is decided.'
        : 'The dispute about the payment no longer stands in the way: what was promised is paid now.';
    return noteOf(stored, PARTIES, text, what === 'held_up' ? 'payment_disputed' : 'payment_cleared', {}, at);
  },

  differsOf(stored, { amount, currency }, at) {
    const { agreed } = asDeal(stored.process).terms;
    const paid = currency === 'INR' ? formatRupees(BigInt(amount)) : `${decimal(amount, currency)} ${currency}`;
    const text =
      `A payment of ${paid} came, and not the ${formatRupees(BigInt(agreed ?? '0'))} that were agreed on. ` +
      'It is kept aside and an administrator gives it back; please pay the agreed amount.';
    return noteOf(stored, ['brand_owner'], text, 'payment_differs', { amount_minor: amount, currency }, at);
  },
};

function speechOf(before: Deal, deal: Deal, step: DealStep, messages: NewMessage[]): Beside['speech'] {
  const answers = answersQuestion(before, deal, step);
  const chat = chatStatus(deal.state);
  if (messages.length === 0 && !answers && chat === chatStatus(before.state)) return null;
  const asking = messages.findIndex((message) => message.action_data !== null);
  return { messages, asks: answers ? asking + 1 : null, action: messages[asking]?.action_data ?? null, chat };
}

function orderOf(deal: Deal, parties: Parties, { provider }: Circumstance): NewOrder {
  return {
    id: uuid(),
    payer_id: parties.brand_owner,
    provider,
    amount: deal.terms.agreed ?? '0',
    currency: deal.asset,
    description: `Payment for ${deal.variant} collaboration`,
    expires_at: deadlineOf(deal),
  };
}

function disputeTask(step: DealStep, processId: string) {
  return {
    id: uuid(),
    key: `dispute_${processId}_${step.n}`,
    kind: 'dispute',
    details: { opened_by: step.by, reason: step.data.reason },
  };
}

/** The same sentence to these sides, in the conversation and as a notification. */
function noteOf(
  { process, seats }: StoredProcess,
  sides: readonly Party[],
  text: string,
  type: string,
  more: Record<string, unknown>,
  { now, systemUserId }: Told,
): Note {
  const parties = seats as Parties;
  const said = { conversationId: process.id, parties, actorId: null, systemUserId, at: now };
  const lines = sides.map((to): Line => ({ type: 'system', from: 'system', to, text, action: null }));
  return {
    messages: lines.map((line) => messageOf(line, said)),
    events: sides.map((side) => ({
      user_id: parties[side],
      name: 'notification',
      data: {
        type,
        data: { conversation_id: process.id, message: text, sender_id: systemUserId, ...more },
      },
    })),
  };
}

function decimal(amount: string, currency: string): string {
  return currency === 'USD' ? formatDecimal(BigInt(amount), 'USD') : amount;
}
