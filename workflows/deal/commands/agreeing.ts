/** From the first word to an agreed price, and out of it again. */
import { nothing } from '../../process/intake.ts';
import { refuse } from '../../process/machine.ts';
import { PARTIES } from '../parties.ts';
import { ANSWERING } from '../states.ts';
import type { Deal, Terms } from '../terms.ts';
import { rupees } from './amounts.ts';
import { button, PRICE_FIELD, textField } from './button.ts';
import { type CommandEntry, command, NO_CHANGE, type Sentences } from './entry.ts';
import { agreement, price, text } from './intake.ts';

/** What is read where one side declines, and that is the end. */
function declining(audit: string): Sentences {
  return {
    own: null,
    audit: () => audit,
    news: ({ who }) => `${who} declined. The conversation is closed.`,
    concerns: 'influencer',
  };
}

function saying(audit: string, news: string): Sentences {
  return { own: null, audit: () => audit, news: () => news, concerns: 'influencer' };
}

const agreeing: Pick<CommandEntry, 'carries' | 'changes' | 'says'> = {
  carries: ['price'],
  changes: (_, { data }) => ({ agreed: data.price ?? null, fee_bps: data.fee_bps ?? 0 }),
  says: {
    own: null,
    audit: (_, data) => `You accepted ${rupees(data.price)}.`,
    news: ({ step }) => `Agreed on ${rupees(step.data.price)}. Next is the payment into escrow.`,
    concerns: 'influencer',
  },
};

function roundsUsedUp({ terms }: Deal) {
  if (terms.rounds < terms.policy.max_rounds) return null;
  return refuse('LIMIT_REACHED', `The price was negotiated ${terms.rounds} times; the last offer stands.`, {
    limit: 'max_rounds',
    max: terms.policy.max_rounds,
  });
}

const offered = ({ offer, proposed }: Terms) => offer ?? proposed;
const countered = ({ counter, proposed }: Terms) => counter ?? proposed;

export const AGREEING = {
  accept_application: command({
    rows: [{ from: ['initial'], by: ['brand_owner'], to: 'brand_owner_pricing', variant: 'campaign' }],
    button: button('Accept application', 'success'),
    takes: nothing,
    changes: NO_CHANGE,
    says: saying('You accepted the application.', 'The application was accepted. Next is the price.'),
  }),
  reject_application: command({
    rows: [{ from: ['initial'], by: ['brand_owner'], to: 'chat_closed', variant: 'campaign' }],
    button: button('Decline application', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: declining('You declined the application.'),
  }),
  accept_connection: command({
    rows: [{ from: ['influencer_responding'], by: ['influencer'], to: 'brand_owner_details', variant: 'bid' }],
    button: button('Accept connection', 'success'),
    takes: nothing,
    changes: NO_CHANGE,
    says: saying('You accepted the connection.', 'The connection was accepted. Next are the project details.'),
  }),
  reject_connection: command({
    rows: [{ from: ['influencer_responding'], by: ['influencer'], to: 'chat_closed', variant: 'bid' }],
    button: button('Decline connection', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: declining('You declined the connection.'),
  }),
  send_project_details: command({
    rows: [{ from: ['brand_owner_details'], by: ['brand_owner'], to: 'influencer_reviewing' }],
    button: button('Send project details', 'success', {
      field: textField('details', 'What is to be made, where and by when', 5_000),
      input: { type: 'project_details', alone: false },
    }),
    takes: text('details', 5_000),
    changes: (_, { data }) => ({ details: data.details ?? null }),
    says: {
      ...saying('You sent the project details.', 'The brand owner sent the project details.'),
      own: ({ details }) => details ?? null,
    },
  }),
  accept_project: command({
    rows: [{ from: ['influencer_reviewing'], by: ['influencer'], to: 'brand_owner_pricing' }],
    button: button('Accept project', 'success'),
    takes: nothing,
    changes: NO_CHANGE,
    says: saying('You accepted the project.', 'The project was accepted. Next is the price.'),
  }),
  reject_project: command({
    rows: [{ from: ['influencer_reviewing'], by: ['influencer'], to: 'chat_closed' }],
    button: button('Decline project', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: declining('You declined the project.'),
  }),
  send_price_offer: command({
    rows: [{ from: ['brand_owner_pricing'], by: ['brand_owner'], to: 'influencer_price_response' }],
    button: button('Offer a price', 'primary', {
      field: PRICE_FIELD,
      input: { type: 'price_offer', alone: false },
    }),
    takes: price,
    carries: ['price'],
    changes: (_, { data }) => ({ offer: data.price ?? null }),
    says: {
      own: (data) => rupees(data.price),
      audit: (_, data) => `You offered ${rupees(data.price)}.`,
      news: ({ step }) => `The brand owner offers ${rupees(step.data.price)}.`,
      concerns: 'influencer',
    },
  }),
  accept_proposed_price: command({
    rows: [{ from: ['brand_owner_pricing'], by: ['brand_owner'], to: 'payment_pending', variant: 'campaign' }],
    button: button('Accept the proposed price', 'success', { standing: ({ proposed }) => proposed }),
    takes: agreement(({ proposed }) => proposed),
    ...agreeing,
  }),
  accept_price: command({
    rows: [{ from: ['influencer_price_response'], by: ['influencer'], to: 'payment_pending' }],
    button: button('Accept price', 'success', { standing: ({ offer }) => offer }),
    takes: agreement(offered),
    ...agreeing,
  }),
  reject_price: command({
    rows: [{ from: ['influencer_price_response', 'negotiation_input'], by: ['influencer'], to: 'chat_closed' }],
    button: button('Decline price', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: declining('You declined the price.'),
  }),
  negotiate_price: command({
    rows: [
      {
        from: ['influencer_price_response', 'influencer_final_response'],
        by: ['influencer'],
        to: 'negotiation_input',
      },
    ],
    button: button('Negotiate', 'warning'),
    idle: roundsUsedUp,
    takes: nothing,
    changes: ({ rounds }) => ({ rounds: rounds + 1 }),
    says: saying('You chose to negotiate the price.', 'The influencer wants to negotiate the price.'),
  }),
  negotiation: command({
    rows: [{ from: ['negotiation_input'], by: ['influencer'], to: 'brand_owner_negotiation' }],
    button: button('Send counter-offer', 'success', {
      field: PRICE_FIELD,
      input: { type: 'negotiation', alone: true },
    }),
    takes: price,
    carries: ['price'],
    changes: (_, { data }) => ({ counter: data.price ?? null }),
    says: {
      own: (data) => rupees(data.price),
      audit: (_, data) => `You asked for ${rupees(data.price)}.`,
      news: ({ step }) => `The influencer asks for ${rupees(step.data.price)}.`,
      concerns: 'influencer',
    },
  }),
  accept_negotiation: command({
    rows: [{ from: ['brand_owner_negotiation'], by: ['brand_owner'], to: 'payment_pending' }],
    button: button('Accept counter-offer', 'success', { standing: ({ counter }) => counter }),
    takes: agreement(countered),
    ...agreeing,
  }),
  send_final_offer: command({
    rows: [{ from: ['brand_owner_negotiation'], by: ['brand_owner'], to: 'influencer_final_response' }],
    button: button('Send final offer', 'primary', {
      field: PRICE_FIELD,
      input: { type: 'final_offer', alone: false },
    }),
    takes: price,
    carries: ['price'],
    changes: (_, { data }) => ({ offer: data.price ?? null }),
    says: {
      own: (data) => rupees(data.price),
      audit: (_, data) => `You offered ${rupees(data.price)}.`,
      news: ({ step }) => `The brand owner's final offer is ${rupees(step.data.price)}.`,
      concerns: 'influencer',
    },
  }),
  reject_negotiation: command({
    rows: [{ from: ['brand_owner_negotiation'], by: ['brand_owner'], to: 'influencer_final_response' }],
    button: button('Stand by my offer', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: () => 'You declined the counter-offer; your last offer stands.',
      news: ({ deal }) => `The brand owner stands by ${rupees(deal.terms.offer)}.`,
      concerns: 'influencer',
    },
  }),
  accept_final_offer: command({
    rows: [{ from: ['influencer_final_response'], by: ['influencer'], to: 'payment_pending' }],
    button: button('Accept offer', 'success', { standing: ({ offer }) => offer }),
    takes: agreement(offered),
    ...agreeing,
  }),
  reject_final_offer: command({
    rows: [{ from: ['influencer_final_response'], by: ['influencer'], to: 'chat_closed' }],
    button: button('Decline offer', 'danger'),
    takes: nothing,
    changes: NO_CHANGE,
    says: declining('You declined the final offer.'),
  }),
  proceed_to_payment: command({
    rows: [{ from: ['payment_pending'], by: ['brand_owner'], to: 'same' }],
    button: button('Proceed to payment', 'success'),
    takes: ({ terms }) => (terms.ordered ? { unchanged: true } : { data: {} }),
    changes: () => ({ ordered: true }),
    asksAgain: true,
    says: {
      own: null,
      audit: ({ terms }) => `You went on to pay ${rupees(terms.agreed)}.`,
      news: ({ deal }) => `Waiting for the payment of ${rupees(deal.terms.agreed)}.`,
      concerns: 'brand_owner',
    },
  }),
  withdraw: command({
    rows: [{ from: [...ANSWERING, 'payment_pending'], by: PARTIES, to: 'chat_closed' }],
    button: button('Withdraw', 'secondary', { isWayOut: true }),
    takes: nothing,
    changes: NO_CHANGE,
    says: {
      own: null,
      audit: () => 'You withdrew from the deal.',
      news: ({ who }) => `${who} withdrew from the deal. The conversation is closed.`,
      concerns: 'influencer',
    },
  }),
} as const satisfies Record<string, CommandEntry>;
