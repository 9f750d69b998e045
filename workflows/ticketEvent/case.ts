/** An event as the list and the page of all processes show it. */
import { type CaseWords, type Outcome, shownAmount } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { ticketEventMachine } from './machine.ts';
import type { State, Terms, TicketEventData } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  on_sale: 'Tickets are sold',
  started: 'Takes place',
  refunding: 'Tickets are given back',
  settled: 'Took place',
  cancelled: 'Cancelled',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  settled: { name: 'settled', label: 'Took place', tone: 'good' },
  cancelled: { name: 'cancelled', label: 'Cancelled', tone: 'neutral' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  sell: 'A ticket was sold.',
  take_back: 'A ticket was given back.',
  cancel: 'It was cancelled.',
  refund_some: 'Tickets were refunded.',
  expire: 'Its time had come.',
  creator_paid: 'The creator has their share.',
};

const INSTANTS: Partial<Record<State, string>> = {
  on_sale: 'Begins',
  started: 'Is paid out',
  refunding: 'Refunds go on',
};

export const ticketEventCase: CaseWords<Terms> = {
  label: 'Event',
  parties: { creator: 'Creator' },
  phases: [
    { name: 'sell', label: 'Sell', states: ['on_sale'] },
    { name: 'take_place', label: 'Take place', states: ['started'] },
    { name: 'settle', label: 'Settle', states: ['refunding', 'settled', 'cancelled'] },
  ],
  opens: [{ variant: null, state: 'on_sale' }],
  states: STATE_LABELS,

  titleOf: (_, { title }) => title ?? 'An event',
  valueOf: ({ terms }) => (terms.price === '0' ? null : (BigInt(terms.price) * BigInt(terms.sold)).toString()),
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  // Time alone is waited for.
  askOf: () => null,
  buttonOf: (_, on) =>
    on === 'cancel' ? { label: 'Cancel', style: 'danger', fields: [], data: {}, aside: true } : null,
  consequenceOf: ({ held, asset, terms }, _, { on }) =>
    on === 'cancel' ? `${shownAmount(BigInt(held), asset)} go back to those with the ${terms.sold} tickets.` : null,
  silenceOf({ state, held, asset, terms }) {
    const all = BigInt(held);
    const share = (all * BigInt(terms.share_bps)) / 10_000n;
    return state === 'started' && all > 0n
      ? `${shownAmount(share, asset)} go to the creator, ${shownAmount(all - share, asset)} to the platform.`
      : null;
  },
  instantsOf(process) {
    const at = ticketEventMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: INSTANTS[process.state as State] ?? 'Ends', at }];
  },
  factsFor: ({ terms, asset }) => [
    { label: 'Begins', text: `${terms.starts_at.slice(0, 16).replace('T', ' ')} UTC` },
    { label: 'Tickets', text: `${terms.sold} of ${terms.capacity}` },
    { label: 'A ticket', text: terms.price === '0' ? 'free' : shownAmount(BigInt(terms.price), asset) },
  ],
  saidOf({ on, data }) {
    const { tickets } = data as TicketEventData;
    const many = tickets === undefined ? '' : ` (${tickets})`;
    return { sentence: `${SENTENCES[on] ?? asSentence(on)}${many}`, text: null, links: [] };
  },
  viaOf: () => ({}),
};
