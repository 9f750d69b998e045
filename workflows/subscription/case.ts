/** A subscription as the list and the page of all processes show it. */
import {
  type CaseButton,
  type CaseWords,
  type Outcome,
  type Style,
  shownAmount,
  type Viewer,
} from '../process/case.ts';
import { asSentence } from '../text.ts';
import { renewalAt, subscriptionMachine } from './machine.ts';
import { asSubscription, type State, type Subscription, type SubscriptionData, type Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  awaiting_payment: 'Waiting for payment',
  active: 'Subscribed',
  due: 'Renewed soon',
  past_due: 'Could not be renewed yet',
  ending: 'Not renewed',
  closed: 'Closed',
  ended: 'Over',
  lapsed: 'Lapsed',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  closed: { name: 'not_paid', label: 'Not paid', tone: 'neutral' },
  ended: { name: 'ended', label: 'Over', tone: 'good' },
  lapsed: { name: 'lapsed', label: 'Lapsed', tone: 'bad' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  payment_captured: 'The first month was paid for.',
  payment_failed: 'A payment was tried and failed.',
  cancel: 'It was cancelled.',
  resume: 'It is renewed after all.',
  renew: 'Another month was paid for.',
  retry: 'It was tried to be renewed once more.',
  withdraw: 'It is not sold any more, and ends with the month.',
  expire: 'Its time was up.',
  credited: 'The creator has their share of the first month.',
  payment_returned: 'A payment too much goes back.',
  refund_settled: 'The payment too much was given back.',
  refund_failed: 'The payment too much could not be given back yet.',
};

const BUTTONS: Readonly<Record<string, { label: string; style: Style }>> = {
  cancel: { label: 'Do not renew', style: 'danger' },
  resume: { label: 'Renew after all', style: 'primary' },
};

const INSTANTS: Partial<Record<State, string>> = {
  awaiting_payment: 'To be paid until',
  active: 'Told what the next month costs',
  due: 'Is renewed',
  past_due: 'Tried again',
  ending: 'Ends',
};

const tokens = (units: string) => shownAmount(BigInt(units), 'TOKEN');

export const subscriptionCase: CaseWords<Terms> = {
  label: 'Subscription',
  parties: { subscriber: 'Subscriber', creator: 'Creator', giver: 'Giver' },
  phases: [
    { name: 'pay', label: 'Pay', states: ['awaiting_payment', 'closed'] },
    { name: 'run', label: 'Run', states: ['active', 'due', 'past_due'] },
    { name: 'end', label: 'End', states: ['ending', 'ended', 'lapsed'] },
  ],
  // By order; what is paid for in the opening itself begins a state further on, and a gift as one that is not renewed.
  opens: [{ variant: null, state: 'awaiting_payment' }],
  states: STATE_LABELS,

  titleOf: ({ terms }, { title }) => `${title ?? 'A creator'}, ${tokens(terms.price)} a month`,
  valueOf: ({ terms }) => terms.order_price ?? terms.price,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,

  askOf: ({ state, terms, asset }, viewer) =>
    state === 'awaiting_payment' && viewer === 'subscriber'
      ? {
          title: `Pay ${shownAmount(BigInt(terms.order_price ?? '0'), asset)}`,
          subtitle: 'The first month begins as soon as the provider says that it was paid.',
        }
      : null,

  buttonOf: (_, on): CaseButton | null => {
    const words = BUTTONS[on];
    return words ? { ...words, fields: [], data: {}, aside: on === 'cancel' } : null;
  },

  consequenceOf(process, viewer, { on }, { now }) {
    if (on === 'resume') return `${who(viewer)} ${tokens(renewalAt(process.terms, now).price)} when it is renewed.`;
    if (on !== 'cancel') return null;
    const until = process.terms.paid_until;
    const isOver = process.state === 'past_due' || until === null;
    return isOver ? 'Nothing is paid, and it ends at once.' : `Nothing more is paid; it lasts until ${shown(until)}.`;
  },

  silenceOf(process, viewer) {
    const { state, terms } = asSubscription(process);
    if (state === 'awaiting_payment') return 'If nobody pays in time it is closed, and nothing is moved.';
    if (state === 'past_due') return 'If it cannot be paid for until then it lapses.';
    if (state === 'ending') return 'It ends, and nothing is moved.';
    return state === 'active' || state === 'due'
      ? `${who(viewer)} ${tokens(terms.next_price ?? terms.price)} when it is renewed.`
      : null;
  },

  instantsOf(process) {
    const at = subscriptionMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: INSTANTS[process.state as State] ?? 'Ends', at }];
  },

  factsFor: (process) => factsOf(asSubscription(process)),
  saidOf({ on, data }) {
    const { price, failure } = data as SubscriptionData;
    const cost = price === undefined ? '' : ` (${tokens(price)})`;
    return { sentence: `${SENTENCES[on] ?? asSentence(on)}${cost}`, text: failure ?? null, links: [] };
  },
  viaOf: () => ({}),
};

const who = (viewer: Viewer) => (viewer === 'subscriber' ? 'You pay' : 'The subscriber pays');
const shown = (instant: string) => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

function factsOf({ terms }: Subscription) {
  return [
    { label: 'Tier', text: terms.tier },
    { label: 'A month', text: tokens(terms.price) },
    ...(terms.gift ? [{ label: 'Gift', text: 'it is not renewed' }] : []),
    ...(terms.paid_until === null ? [] : [{ label: 'Paid until', text: shown(terms.paid_until) }]),
    ...(terms.next_price === null ? [] : [{ label: 'The next month', text: tokens(terms.next_price) }]),
  ];
}
