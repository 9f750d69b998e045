/** A top-up as the list and the page of all processes show it. */
import { type CaseWords, type Outcome, shownAmount } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { topUpMachine } from './machine.ts';
import { asTopUp, type State, type Terms, type TopUp, type TopUpData } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  open: 'Waiting for payment',
  paid: 'Paid',
  closed: 'Closed',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  paid: { name: 'paid', label: 'Paid', tone: 'good' },
  closed: { name: 'not_paid', label: 'Not paid', tone: 'neutral' },
};

/** What nobody presses is told as well. */
const SENTENCES: Readonly<Record<string, string>> = {
  payment_captured: 'The payment arrived.',
  payment_failed: 'A payment was tried and failed.',
  cancel: 'It was taken back before it was paid.',
  expire: 'Nobody paid in time.',
  credited: 'What was bought is in the wallet.',
  payment_returned: 'A payment too much goes back.',
  refund_settled: 'The payment too much was given back.',
  refund_failed: 'The payment too much could not be given back yet.',
};

const bought = ({ terms }: TopUp) => shownAmount(BigInt(terms.quantity), terms.asset);
const price = ({ terms, asset }: TopUp) => shownAmount(BigInt(terms.price), asset);

export const topUpCase: CaseWords<Terms> = {
  label: 'Top-up',
  parties: { buyer: 'Buyer' },
  phases: [
    { name: 'pay', label: 'Pay', states: ['open'] },
    { name: 'settle', label: 'Settle', states: ['paid', 'closed'] },
  ],
  opens: [{ variant: null, state: 'open' }],
  states: STATE_LABELS,

  titleOf: (process) => {
    const topUp = asTopUp(process);
    return topUp.terms.asset === topUp.asset
      ? `${bought(topUp)} into the wallet`
      : `${bought(topUp)} for ${price(topUp)}`;
  },
  valueOf: ({ terms }) => terms.price,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,

  askOf: (process, viewer) =>
    process.state === 'open' && viewer === 'buyer'
      ? {
          title: `Pay ${price(asTopUp(process))}`,
          subtitle: `${bought(asTopUp(process))} are in your wallet as soon as the provider says that it was paid.`,
        }
      : null,
  buttonOf: (_, on) =>
    on === 'cancel' ? { label: 'Do not pay after all', style: 'secondary', fields: [], data: {}, aside: true } : null,
  consequenceOf: (_, viewer, { on }) =>
    on === 'cancel'
      ? `Nothing is paid, and ${viewer === 'buyer' ? 'you receive' : 'the buyer receives'} nothing.`
      : null,
  silenceOf: ({ state }) => (state === 'open' ? 'If nobody pays in time it is closed, and nothing is moved.' : null),

  instantsOf(process) {
    const at = topUpMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: 'Time left', at }];
  },
  factsFor: (process) => [
    { label: 'Arrives in the wallet', text: bought(asTopUp(process)) },
    { label: 'Costs', text: price(asTopUp(process)) },
  ],
  saidOf({ on, data }) {
    const { failure } = data as TopUpData;
    return { sentence: SENTENCES[on] ?? asSentence(on), text: failure ?? null, links: [] };
  },
  viaOf: () => ({}),
};
