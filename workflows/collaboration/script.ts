/** What each step says in the conversation: who reads which sentence, and which of them asks for an answer. */
import { formatRupees } from '../money.ts';
import { awaitedAction } from './actions.ts';
import type { ActionData } from './contract.ts';
import { type Deal, deadlineOf, type Step } from './flow.ts';
import type { Party } from './table.ts';

export type Line = {
  type: 'user_input' | 'system' | 'automated' | 'audit';
  /** Who says it: the actor in their own words, or the system. */
  from: 'actor' | 'system';
  /** Whom it is addressed to. Everything but audit is read by both. */
  to: Party;
  text: string;
  action: ActionData | null;
};

export const OTHER: Record<Party, Party> = { influencer: 'brand_owner', brand_owner: 'influencer' };

const NAME: Record<Party, string> = { influencer: 'The influencer', brand_owner: 'The brand owner' };

/** The lines of a newly opened deal: what the opener wrote, and the question to the other side. */
export function openingLines(deal: Deal, words: string | null): Line[] {
  const opener: Party = deal.kind === 'campaign' ? 'influencer' : 'brand_owner';
  const asked = OTHER[opener];
  const lines: Line[] = [];
  if (words) lines.push({ type: 'user_input', from: 'actor', to: asked, text: words, action: null });
  lines.push(asking(deal, asked));
  return lines;
}

/** The lines a step adds, given the deal before and after it. */
export function linesOf(before: Deal, step: Step, deal: Deal): Line[] {
  const lines: Line[] = [];
  const actor = step.by === 'influencer' || step.by === 'brand_owner' ? step.by : null;
  if (actor) {
    const own = ownWords(step);
    if (own) lines.push({ type: 'user_input', from: 'actor', to: OTHER[actor], text: own, action: null });
    lines.push({ type: 'audit', from: 'system', to: actor, text: audit(before, step), action: null });
  }
  const entered = deal.entry !== before.entry;
  const question = entered || step.on === 'proceed_to_payment' ? awaitedAction(deal) : null;
  if (question) {
    lines.push({
      type: 'automated',
      from: 'system',
      to: question.visible_to,
      text: news(before, step, deal),
      action: question,
    });
  } else if (SPOKEN.has(step.on) || entered) {
    lines.push({
      type: 'system',
      from: 'system',
      to: actor ? OTHER[actor] : TO_PAYER.has(step.on) ? 'brand_owner' : 'influencer',
      text: news(before, step, deal),
      action: null,
    });
  }
  return lines;
}

/** Steps that stay in their state and still say something. */
const SPOKEN = new Set<Step['on']>([
  'payment_failed',
  'payment_returned',
  'money_released',
  'refund_started',
  'refund_settled',
]);

/** Where nobody clicked: what is about a payment is addressed to whoever makes it, and counts as unread there. */
const TO_PAYER = new Set<Step['on']>(['payment_failed', 'payment_returned', 'refund_started', 'refund_settled']);

/** Whether a step answers what was asked: then the open question is marked as completed. */
export function answersQuestion(before: Deal, deal: Deal, step: Step): boolean {
  return deal.entry !== before.entry || step.on === 'proceed_to_payment';
}

function asking(deal: Deal, to: Party): Line {
  const action = awaitedAction(deal);
  return { type: 'automated', from: 'system', to, text: action?.subtitle ?? '', action };
}

function ownWords(step: Step): string | null {
  const { data } = step;
  switch (step.on) {
    case 'send_project_details':
      return data.details ?? null;
    case 'request_revision':
    case 'approve_work':
      return data.feedback ?? null;
    case 'open_dispute':
    case 'decline_work':
      return data.reason ?? null;
    case 'dispute_statement':
      return data.statement ?? null;
    case 'submit_work':
      return data.work
        ? [data.work.deliverables, data.work.description, data.work.submission_notes].filter(Boolean).join('\n')
        : null;
    case 'send_price_offer':
    case 'send_final_offer':
    case 'negotiation':
      return rupees(data.price);
    default:
      return null;
  }
}

function audit(before: Deal, step: Step): string {
  const { data } = step;
  switch (step.on) {
    case 'send_price_offer':
    case 'send_final_offer':
      return `You offered ${rupees(data.price)}.`;
    case 'negotiation':
      return `You asked for ${rupees(data.price)}.`;
    case 'accept_price':
    case 'accept_proposed_price':
    case 'accept_negotiation':
    case 'accept_final_offer':
      return `You accepted ${rupees(data.price)}.`;
    case 'proceed_to_payment':
      return `You went on to pay ${rupees(before.terms.agreed ?? '0')}.`;
    case 'approve_work':
      return `You approved the work; ${rupees(before.terms.held)} is on its way to the influencer.`;
    default:
      return AUDIT[step.on] ?? 'Done.';
  }
}

const AUDIT: Partial<Record<Step['on'], string>> = {
  accept_application: 'You accepted the application.',
  reject_application: 'You declined the application.',
  accept_connection: 'You accepted the connection.',
  reject_connection: 'You declined the connection.',
  send_project_details: 'You sent the project details.',
  accept_project: 'You accepted the project.',
  reject_project: 'You declined the project.',
  reject_price: 'You declined the price.',
  negotiate_price: 'You chose to negotiate the price.',
  reject_negotiation: 'You declined the counter-offer; your last offer stands.',
  reject_final_offer: 'You declined the final offer.',
  withdraw: 'You withdrew from the deal.',
  start_work: 'You started the work.',
  decline_work: 'You gave the work back; the brand owner is refunded.',
  submit_work: 'You submitted your work.',
  cancel_late_work: 'You cancelled the late work; you are refunded.',
  request_revision: 'You asked for a revision.',
  open_dispute: 'You opened a dispute.',
  dispute_statement: 'Your statement was added.',
  concede_dispute: 'You conceded the dispute.',
  close_chat: 'You closed the chat.',
};

/** What both sides read about a step. */
function news(before: Deal, step: Step, deal: Deal): string {
  const { data } = step;
  const who = step.by === 'influencer' || step.by === 'brand_owner' ? NAME[step.by] : '';
  switch (step.on) {
    case 'accept_application':
      return 'The application was accepted. Next is the price.';
    case 'accept_connection':
      return 'The connection was accepted. Next are the project details.';
    case 'send_project_details':
      return 'The brand owner sent the project details.';
    case 'accept_project':
      return 'The project was accepted. Next is the price.';
    case 'send_price_offer':
      return `The brand owner offers ${rupees(data.price)}.`;
    case 'send_final_offer':
      return `The brand owner's final offer is ${rupees(data.price)}.`;
    case 'negotiate_price':
      return 'The influencer wants to negotiate the price.';
    case 'negotiation':
      return `The influencer asks for ${rupees(data.price)}.`;
    case 'reject_negotiation':
      return `The brand owner stands by ${rupees(deal.terms.offer ?? '0')}.`;
    case 'accept_price':
    case 'accept_proposed_price':
    case 'accept_negotiation':
    case 'accept_final_offer':
      return `Agreed on ${rupees(data.price)}. ${awaited(deal)}`;
    case 'proceed_to_payment':
      return `Waiting for the payment of ${rupees(deal.terms.agreed ?? '0')}.`;
    case 'payment_captured':
      return `${rupees(data.amount)} was paid into escrow. The work can start.`;
    case 'payment_failed':
      return `The payment failed${data.failure ? ` (${data.failure})` : ''}. It can be tried again.`;
    case 'payment_returned':
      return `A payment of ${rupees(data.amount)} came too late or a second time, and is refunded.`;
    case 'start_work':
      return 'The influencer started the work.';
    case 'submit_work':
      return 'The influencer submitted the work for review.';
    case 'request_revision':
      return `The brand owner asked for a revision (${deal.terms.revisions} of ${deal.terms.policy.max_revisions}).`;
    case 'approve_work':
      return `The work was approved. ${rupees(before.terms.held)} is being released.`;
    case 'open_dispute':
      return `${who} opened a dispute. Both sides can add statements; an administrator decides by ${deadlineOf(deal)?.slice(0, 10)}.`;
    case 'concede_dispute':
    case 'resolve_dispute':
      return [
        `The dispute has ended: ${data.release_percent ?? 0} % is released to the influencer, the rest refunded.`,
        data.reason ?? '',
      ]
        .join(' ')
        .trim();
    case 'money_released':
      return `${rupees(data.amount)} was released to the influencer.`;
    case 'refund_started':
      return `A refund of ${rupees(data.amount)} is on its way to the brand owner.`;
    case 'refund_settled':
      return `The refund of ${rupees(data.amount)} has arrived.`;
    case 'expire':
      return expired(before, data.release_percent);
    default:
      return closing(step, who);
  }
}

function closing(step: Step, who: string): string {
  switch (step.on) {
    case 'withdraw':
      return `${who} withdrew from the deal. The conversation is closed.`;
    case 'decline_work':
      return 'The influencer gave the work back. The payment is refunded and the conversation closed.';
    case 'cancel_late_work':
      return 'The work was late and has been cancelled. The payment is refunded and the conversation closed.';
    case 'close_chat':
      return `${who} closed the chat.`;
    default:
      return `${who} declined. The conversation is closed.`;
  }
}

function expired(before: Deal, percent: number | undefined): string {
  switch (before.state) {
    case 'work_submitted':
      return 'Nobody objected in time: the work counts as approved.';
    case 'disputed':
      return `No ruling came in time: ${percent ?? 0} % is released to the influencer, the rest refunded.`;
    case 'payment_pending':
      return 'The payment did not come in time. The conversation is closed.';
    case 'payment_completed':
      return 'The work was not started in time. The payment is refunded and the conversation closed.';
    case 'work_in_progress':
      return 'The work was not delivered in time. The payment is refunded and the conversation closed.';
    default:
      return 'No answer came in time. The conversation is closed.';
  }
}

function awaited(deal: Deal): string {
  return deal.state === 'payment_pending' ? 'Next is the payment into escrow.' : '';
}

function rupees(paise: string | undefined): string {
  return formatRupees(BigInt(paise ?? '0'));
}
