/** What a page shows for what may be done: buttons, their fields, and the action data of the state that awaits an answer. */
import { formatRupees } from '../money.ts';
import type { ActionData, AllowedAction } from './contract.ts';
import { allowedCommands, type Deal, type Missing } from './flow.ts';
import { oncePer } from './oncePer.ts';
import { awaitingRole, BUTTONS, type CommandName, type InputType, type Party, type Role } from './table.ts';

type Style = AllowedAction['style'];
type Field = NonNullable<AllowedAction['input_field']>;

const PRICE_FIELD: Field = {
  id: 'price',
  type: 'text',
  placeholder: 'Amount in rupees',
  required: true,
  min: 1,
  maxLength: 20,
};

const WORDS: Partial<Record<CommandName, { text: string; style: Style; field?: Field; input?: InputType }>> = {
  accept_application: { text: 'Accept application', style: 'success' },
  reject_application: { text: 'Decline application', style: 'danger' },
  accept_connection: { text: 'Accept connection', style: 'success' },
  reject_connection: { text: 'Decline connection', style: 'danger' },
  send_project_details: {
    text: 'Send project details',
    style: 'success',
    field: {
      id: 'details',
      type: 'textarea',
      placeholder: 'What is to be made, where and by when',
      required: true,
      maxLength: 5_000,
    },
    input: 'project_details',
  },
  accept_project: { text: 'Accept project', style: 'success' },
  reject_project: { text: 'Decline project', style: 'danger' },
  send_price_offer: { text: 'Offer a price', style: 'primary', field: PRICE_FIELD, input: 'price_offer' },
  accept_proposed_price: { text: 'Accept the proposed price', style: 'success' },
  accept_price: { text: 'Accept price', style: 'success' },
  reject_price: { text: 'Decline price', style: 'danger' },
  negotiate_price: { text: 'Negotiate', style: 'warning' },
  negotiation: { text: 'Send counter-offer', style: 'success', field: PRICE_FIELD, input: 'negotiation' },
  accept_negotiation: { text: 'Accept counter-offer', style: 'success' },
  send_final_offer: { text: 'Send final offer', style: 'primary', field: PRICE_FIELD, input: 'final_offer' },
  reject_negotiation: { text: 'Stand by my offer', style: 'danger' },
  accept_final_offer: { text: 'Accept offer', style: 'success' },
  reject_final_offer: { text: 'Decline offer', style: 'danger' },
  proceed_to_payment: { text: 'Proceed to payment', style: 'success' },
  withdraw: { text: 'Withdraw', style: 'secondary' },
  start_work: { text: 'Start work', style: 'success' },
  decline_work: { text: 'Give the work back', style: 'danger' },
  submit_work: {
    text: 'Submit work',
    style: 'success',
    field: {
      id: 'deliverables',
      type: 'textarea',
      placeholder: 'Links to what you made',
      required: true,
      maxLength: 5_000,
    },
  },
  cancel_late_work: { text: 'Cancel late work', style: 'danger' },
  approve_work: { text: 'Approve work', style: 'success' },
  request_revision: {
    text: 'Request revision',
    style: 'warning',
    field: { id: 'feedback', type: 'textarea', placeholder: 'What should change', required: true, maxLength: 2_000 },
    input: 'revision_feedback',
  },
  open_dispute: {
    text: 'Open a dispute',
    style: 'secondary',
    field: { id: 'reason', type: 'textarea', placeholder: 'What went wrong', required: true, maxLength: 2_000 },
  },
  dispute_statement: {
    text: 'Add a statement',
    style: 'primary',
    field: { id: 'statement', type: 'textarea', placeholder: 'Your side of it', required: true, maxLength: 5_000 },
    input: 'dispute_statement',
  },
  concede_dispute: { text: 'Concede', style: 'danger' },
  resolve_dispute: {
    text: 'Rule',
    style: 'primary',
    field: { id: 'reason', type: 'textarea', placeholder: 'Why', required: true, maxLength: 2_000 },
  },
  close_chat: { text: 'Close chat', style: 'secondary' },
};

const isButton = new Set<CommandName>(BUTTONS);

function action(deal: Deal, on: CommandName): AllowedAction {
  const { text = on, style = 'secondary', field, input } = WORDS[on] ?? {};
  const data = standing(deal, on);
  return {
    id: on,
    text: data.price === undefined ? text : `${text} (${formatRupees(BigInt(standingMinor(deal, on) ?? '0'))})`,
    style,
    action: on,
    data,
    ...(field && { input_field: field }),
    ...(input && { input_type: input }),
  };
}

function standingMinor(deal: Deal, on: CommandName): string | null {
  if (on === 'accept_proposed_price') return deal.terms.proposed;
  if (on === 'accept_price' || on === 'accept_final_offer') return deal.terms.offer;
  return on === 'accept_negotiation' ? deal.terms.counter : null;
}

/** The price an acceptance is of, sent back with the click so that a newer offer is never accepted by accident. */
function standing(deal: Deal, on: CommandName): { price?: string } {
  const paise = standingMinor(deal, on);
  return paise === null ? {} : { price: formatRupees(BigInt(paise)) };
}

/** Everything a role may do now. Text inputs are among them, with their `input_type`. */
export function allowedActions(deal: Deal, role: Role, now: string): AllowedAction[] {
  return allowedCommands(deal, role, now)
    .filter((on) => WORDS[on])
    .map((on) => action(deal, on));
}

/** The field that a click without its data is answered with. */
export function missingField(
  deal: Deal,
  on: CommandName,
  missing: Missing['missing'],
): { input_field: Field; submit_button: { text: string; style: string } } {
  const { input_field, text, style } = action(deal, on);
  const asked = input_field ?? { id: missing, type: 'textarea', placeholder: missing, required: true };
  return { input_field: asked, submit_button: { text, style } };
}

/** Titles of what a state awaits; the function's argument is the deal that waits. */
const AWAITED: Partial<Record<Deal['state'], (deal: Deal) => { title: string; subtitle: string }>> = {
  initial: (deal) => ({
    title: 'New application',
    subtitle: `An influencer applied and asks for ${rupees(deal.terms.proposed)}.`,
  }),
  influencer_responding: (deal) => ({
    title: 'New connection',
    subtitle: `A brand wants to work with you and offers ${rupees(deal.terms.proposed)}.`,
  }),
  brand_owner_details: () => ({ title: 'Project details', subtitle: 'Describe what is to be made.' }),
  influencer_reviewing: () => ({ title: 'Review the project', subtitle: 'Do you want to do this project?' }),
  brand_owner_pricing: (deal) => ({
    title: 'Set the price',
    subtitle: `The proposed price is ${rupees(deal.terms.proposed)}.`,
  }),
  influencer_price_response: (deal) => ({
    title: 'Price offer',
    subtitle: `You are offered ${rupees(deal.terms.offer ?? '0')}.${roundsLeft(deal)}`,
  }),
  negotiation_input: (deal) => ({
    title: 'Your counter-offer',
    subtitle: `The offer stands at ${rupees(deal.terms.offer ?? '0')}. What would you do it for?`,
  }),
  brand_owner_negotiation: (deal) => ({
    title: 'Counter-offer',
    subtitle: `The influencer asks for ${rupees(deal.terms.counter ?? '0')}.`,
  }),
  influencer_final_response: (deal) => ({
    title: 'Final offer',
    subtitle: `The offer is ${rupees(deal.terms.offer ?? '0')}.${roundsLeft(deal)}`,
  }),
  payment_pending: (deal) => ({
    title: 'Payment',
    subtitle: `Pay ${rupees(deal.terms.agreed ?? '0')} into escrow. It is released when you approve the work.`,
  }),
  payment_completed: (deal) => ({
    title: 'Payment received',
    subtitle: `${rupees(deal.terms.held)} is held in escrow. You can start.`,
  }),
  work_in_progress: (deal) => ({
    title: deal.terms.revisions > 0 ? 'Revision requested' : 'Work in progress',
    subtitle: 'Submit your work when it is done.',
  }),
  work_submitted: (deal) => ({
    title: 'Review the work',
    subtitle: `Approving releases ${rupees(deal.terms.held)}. ${revisionsLeft(deal)}`,
  }),
};

function roundsLeft(deal: Deal): string {
  const left = deal.terms.policy.max_rounds - deal.terms.rounds;
  return left > 0 ? ` Rounds of negotiation left: ${left}.` : ' No rounds of negotiation are left.';
}

function revisionsLeft(deal: Deal): string {
  return `Revisions left: ${deal.terms.policy.max_revisions - deal.terms.revisions}.`;
}

function rupees(paise: string): string {
  return formatRupees(BigInt(paise));
}

/**
 * The action data of the state that awaits one side's answer, as it was when the deal last moved; null where nobody is
 * awaited. Kept with the deal: one step asks for it up to five times.
 */
export const awaitedAction = oncePer((deal: Deal): ActionData | null => {
  const party: Party | null = awaitingRole(deal.state);
  const words = AWAITED[deal.state]?.(deal);
  if (!party || !words) return null;
  const actions = allowedActions(deal, party, deal.stepped_at).filter(
    (each) => each.id !== 'withdraw' && each.id !== 'open_dispute',
  );
  const [only] = actions;
  const asksOnlyForText = actions.length === 1 && only?.input_field;
  const input = actions.find((each) => each.id === 'negotiation') ?? (asksOnlyForText ? only : undefined);
  const buttons = actions.filter((each) => isButton.has(each.id as CommandName) && !(asksOnlyForText && each === only));
  return {
    ...words,
    ...(buttons.length > 0 && {
      buttons: buttons.map(({ id, text, style, action: name, data }) => ({
        id,
        text,
        style,
        action: name,
        data: data ?? {},
      })),
    }),
    ...(input?.input_field && {
      input_field: input.input_field,
      submit_button: { text: input.text, style: input.style },
    }),
    flow_state: deal.state,
    message_type: 'automated',
    visible_to: party,
  };
});
