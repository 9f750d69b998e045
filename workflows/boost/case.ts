/** A boost as the list and the page of all processes show it. */
import { type CaseWords, type Outcome, shownAmount, type Viewer } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { leftOf, pointsOf } from './score.ts';
import { asBoost, type Boost, expiresAt, type State, type Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  active: 'Shown before others',
  expired: 'Over',
  cancelled: 'Cancelled',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  expired: { name: 'used', label: 'Used up', tone: 'good' },
  cancelled: { name: 'cancelled', label: 'Cancelled', tone: 'neutral' },
};

const SENTENCES: Readonly<Record<string, string>> = {
  cancel: 'The boost was cancelled.',
  expire: 'The boost has run its time.',
  credits_used: 'Its credits are used up.',
  credits_settled: 'What was left is back in the wallet.',
};

const credits = (units: bigint) => shownAmount(units, 'CREDIT');

export const boostCase: CaseWords<Terms> = {
  label: 'Boost',
  parties: { booster: 'Booster', owner: 'Owner' },
  phases: [
    { name: 'run', label: 'Run', states: ['active'] },
    { name: 'settle', label: 'Settle', states: ['expired', 'cancelled'] },
  ],
  opens: [{ variant: null, state: 'active' }],
  states: STATE_LABELS,

  titleOf: ({ terms }, { title }) => `${credits(BigInt(terms.amount))} for ${title ?? `a ${terms.target}`}`,
  valueOf: ({ terms }) => terms.amount,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  // Time alone is waited for.
  askOf: () => null,
  buttonOf: (_, on) =>
    on === 'cancel' ? { label: 'Cancel', style: 'danger', fields: [], data: {}, aside: false } : null,

  consequenceOf(process, viewer, { on }, { now }) {
    if (on !== 'cancel') return null;
    const held = BigInt(process.held);
    const left = leftOf(held, { from: process.terms.starts_at, lasts: process.terms.lasts, now });
    return `${credits(left)} back to ${booster(viewer)}, ${credits(held - left)} are used.`;
  },

  silenceOf: ({ state, held }) =>
    state === 'active' ? `When its time is over ${credits(BigInt(held))} are used up.` : null,

  instantsOf: ({ state, terms }) =>
    state === 'active' ? [{ name: 'ends', label: 'Time left', at: expiresAt(terms) }] : [],

  factsFor: (process) => factsOf(asBoost(process)),
  saidOf({ on, data }) {
    const refunded = typeof data.refunded === 'string' ? ` (${credits(BigInt(data.refunded))} back)` : '';
    return { sentence: `${SENTENCES[on] ?? asSentence(on)}${refunded}`, text: null, links: [] };
  },
  viaOf: () => ({}),
};

function booster(viewer: Viewer): string {
  return viewer === 'booster' ? 'you' : 'the booster';
}

function factsOf({ terms, state }: Boost) {
  const amount = BigInt(terms.amount);
  const lifts = `${pointsOf(amount, terms.lasts)} points, from ${terms.starts_at.slice(0, 16).replace('T', ' ')} UTC`;
  return [
    { label: 'Boosts', text: `a ${terms.target}` },
    { label: 'Credits', text: terms.amount },
    { label: 'Hours', text: String(Math.round(terms.duration * 100) / 100) },
    { label: state === 'active' ? 'Lifts it by' : 'Lifted it by', text: lifts },
    ...(terms.refunded !== null && terms.refunded !== '0' ? [{ label: 'Given back', text: terms.refunded }] : []),
  ];
}
