import { expect, test } from 'vitest';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { awaitingRole, BUTTONS, chatStatus, type DealKind, INPUTS, type Role, STATES, type State } from './table.ts';
import { DEALS, dealIn } from './testing/deals.ts';

/*
 * What was promised to clients, written down a second time by hand and on purpose not made from the table: a row that
 * is wrong there is wrong here only if somebody makes the same mistake twice.
 */
type Promised = { from: State[]; by: Role[]; on: string; to: State | 'same'; variant?: DealKind };

const UP_TO_PAYMENT: State[] = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'brand_owner_negotiation',
  'influencer_final_response',
  'negotiation_input',
  'payment_pending',
];
const ALL: State[] = [
  ...UP_TO_PAYMENT,
  'payment_completed',
  'work_in_progress',
  'work_submitted',
  'work_approved',
  'disputed',
  'real_time',
  'chat_closed',
];

function when(from: State | State[], by: Role | Role[], on: string, to: State | 'same', variant?: DealKind): Promised {
  return { from: [from].flat(), by: [by].flat(), on, to, ...(variant && { variant }) };
}

const brand = 'brand_owner';
const influencer = 'influencer';
const either: Role[] = ['brand_owner', 'influencer'];

const PROMISED: Promised[] = [
  when('initial', brand, 'accept_application', 'brand_owner_pricing', 'campaign'),
  when('initial', brand, 'reject_application', 'chat_closed', 'campaign'),
  when('influencer_responding', influencer, 'accept_connection', 'brand_owner_details', 'bid'),
  when('influencer_responding', influencer, 'reject_connection', 'chat_closed', 'bid'),
  when('brand_owner_details', brand, 'send_project_details', 'influencer_reviewing'),
  when('influencer_reviewing', influencer, 'accept_project', 'brand_owner_pricing'),
  when('influencer_reviewing', influencer, 'reject_project', 'chat_closed'),
  when('brand_owner_pricing', brand, 'send_price_offer', 'influencer_price_response'),
  when('brand_owner_pricing', brand, 'accept_proposed_price', 'payment_pending', 'campaign'),
  when('influencer_price_response', influencer, 'accept_price', 'payment_pending'),
  when('influencer_price_response', influencer, 'reject_price', 'chat_closed'),
  when('influencer_price_response', influencer, 'negotiate_price', 'negotiation_input'),
  when('negotiation_input', influencer, 'negotiation', 'brand_owner_negotiation'),
  when('negotiation_input', influencer, 'reject_price', 'chat_closed'),
  when('brand_owner_negotiation', brand, 'accept_negotiation', 'payment_pending'),
  when('brand_owner_negotiation', brand, 'send_final_offer', 'influencer_final_response'),
  when('brand_owner_negotiation', brand, 'reject_negotiation', 'influencer_final_response'),
  when('influencer_final_response', influencer, 'accept_final_offer', 'payment_pending'),
  when('influencer_final_response', influencer, 'reject_final_offer', 'chat_closed'),
  when('influencer_final_response', influencer, 'negotiate_price', 'negotiation_input'),
  when('payment_pending', brand, 'proceed_to_payment', 'same'),
  when('payment_pending', 'provider', 'payment_captured', 'payment_completed'),
  when('payment_pending', 'provider', 'payment_failed', 'same'),
  when(UP_TO_PAYMENT, either, 'withdraw', 'chat_closed'),
  when('payment_completed', influencer, 'start_work', 'work_in_progress'),
  when(['payment_completed', 'work_in_progress'], influencer, 'decline_work', 'chat_closed'),
  when('work_in_progress', influencer, 'submit_work', 'work_submitted'),
  when('work_in_progress', brand, 'cancel_late_work', 'chat_closed'),
  when('work_submitted', brand, 'approve_work', 'work_approved'),
  when('work_submitted', brand, 'request_revision', 'work_in_progress'),
  when(['payment_completed', 'work_in_progress', 'work_submitted'], either, 'open_dispute', 'disputed'),
  when('disputed', either, 'dispute_statement', 'same'),
  when('disputed', either, 'concede_dispute', 'real_time'),
  when('disputed', 'admin', 'resolve_dispute', 'real_time'),
  when('real_time', either, 'close_chat', 'chat_closed'),

  // The clock: silence closes, gives back, approves or rules.
  when(UP_TO_PAYMENT, 'system', 'expire', 'chat_closed'),
  when(['payment_completed', 'work_in_progress'], 'system', 'expire', 'chat_closed'),
  when('work_submitted', 'system', 'expire', 'work_approved'),
  when('disputed', 'system', 'expire', 'real_time'),

  // The money: `work_approved` lasts until it has moved; a capture that nobody waits for and what becomes of refunds
  // are told wherever the deal stands.
  when('work_approved', 'system', 'money_released', 'real_time'),
  when(['real_time', 'chat_closed'], 'system', 'money_released', 'same'),
  when(ALL, 'provider', 'payment_returned', 'same'),
  when(ALL, 'system', 'refund_started', 'same'),
  when(ALL, 'provider', 'refund_settled', 'same'),
  when(ALL, 'provider', 'refund_failed', 'same'),
];

describeMachine({
  ...DEALS,
  twin: PROMISED,
  processIn: (state, variant) => dealIn(state as State, variant as DealKind),
  never: (variant) =>
    variant === 'campaign' ? ['influencer_responding', 'brand_owner_details', 'influencer_reviewing'] : ['initial'],
  waysOut: ['withdraw', 'open_dispute'],
  late: '2027-01-01T00:00:00.000Z',
  keys: [
    ...['price', 'details', 'feedback', 'reason', 'statement', 'deliverables', 'description', 'submission_notes'],
    ...['release_percent', 'submitted_at', 'amount', 'work'],
  ],
});

test('every state is awaited from the side whose turn it is', () => {
  expect(Object.fromEntries(STATES.map((state) => [state, awaitingRole(state)]))).toEqual({
    initial: 'brand_owner',
    influencer_responding: 'influencer',
    brand_owner_details: 'brand_owner',
    influencer_reviewing: 'influencer',
    brand_owner_pricing: 'brand_owner',
    influencer_price_response: 'influencer',
    negotiation_input: 'influencer',
    brand_owner_negotiation: 'brand_owner',
    influencer_final_response: 'influencer',
    payment_pending: 'brand_owner',
    payment_completed: 'influencer',
    work_in_progress: 'influencer',
    work_submitted: 'brand_owner',
    work_approved: null,
    disputed: null,
    real_time: null,
    chat_closed: null,
  });
});

test('the chat is free in real time, closed at the end, and automated until then', () => {
  for (const state of STATES) {
    const status = { real_time: 'real_time', chat_closed: 'closed' }[state as string] ?? 'automated';
    expect(chatStatus(state), state).toBe(status);
  }
});

test('buttons are what people press; text inputs, facts and effects are none', () => {
  const pressed = PROMISED.filter(
    (row) =>
      !row.by.includes('provider') &&
      !row.by.includes('system') &&
      !['negotiation', 'dispute_statement'].includes(row.on),
  );
  expect([...BUTTONS].sort()).toEqual([...new Set(pressed.map((row) => row.on))].sort());
});

test('each text input gives the command of its state', () => {
  expect(INPUTS).toEqual({
    project_details: 'send_project_details',
    price_offer: 'send_price_offer',
    negotiation: 'negotiation',
    final_offer: 'send_final_offer',
    revision_feedback: 'request_revision',
    dispute_statement: 'dispute_statement',
  });
});
