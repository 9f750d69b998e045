/** A charge-back as the list and the page of all processes show it. */
import { isAsset } from '../money.ts';
import { type CaseWords, type Field, type Outcome, shownAmount, type Viewer } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { entryOf } from './commands.ts';
import { chargeBackMachine } from './machine.ts';
import type { State } from './states.ts';
import { asChargeBack, type ChargeBack, type ChargeBackStep, type Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  open: 'Evidence is collected',
  submitted: 'At the bank',
  undecided: 'Not decided for long',
  won: 'Won',
  lost: 'Lost',
  settled: 'Lost and settled',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  undecided: { name: 'undecided', label: 'Not decided', tone: 'neutral' },
  won: { name: 'won', label: 'Won', tone: 'good' },
  lost: { name: 'lost', label: 'Lost', tone: 'bad' },
  settled: { name: 'lost', label: 'Lost', tone: 'bad' },
};

export const chargeBackCase: CaseWords<Terms> = {
  label: 'Charge-back',
  parties: { payer: 'Payer', payee: 'Payee' },
  phases: [
    { name: 'collect', label: 'Collect', states: ['open'] },
    { name: 'decide', label: 'Decide', states: ['submitted', 'undecided'] },
    { name: 'settle', label: 'Settle', states: ['won', 'lost', 'settled'] },
  ],
  opens: [{ variant: null, state: 'open' }],
  states: STATE_LABELS,

  titleOf: (process) => `${disputed(asChargeBack(process))} charged back`,
  valueOf: ({ terms, asset }) => (terms.currency === asset ? terms.amount : null),
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  askOf: (process, viewer) => askOf(asChargeBack(process), viewer),

  buttonOf(_, on) {
    const entry = entryOf(on);
    if (!entry?.label) return null;
    const { label, field } = entry;
    return {
      label: label.text,
      style: label.style,
      fields: field ? [fieldOf(field)] : [],
      data: {},
      aside: on !== 'add_evidence',
    };
  },

  // Until the bank has decided nothing moves.
  consequenceOf: () => null,

  silenceOf(process, viewer) {
    const { state, held, terms, asset } = asChargeBack(process);
    if (state === 'open') return 'When the time is up the bank is sent what is there.';
    if (viewer === 'payer') return null;
    if (state === 'submitted' && held !== '0') {
      return `If the bank says nothing for so long: ${shownAmount(BigInt(held), asset)} back into ${whose(viewer)} wallet.`;
    }
    return state === 'lost' && terms.owed !== '0' ? 'What is still owed then is owed no more.' : null;
  },

  instantsOf(process) {
    const at = chargeBackMachine.deadlineOf(process);
    const label = process.state === 'open' ? 'Evidence is taken for' : 'Time left';
    return at === null ? [] : [{ name: 'ends', label, at }];
  },

  factsFor: (process, viewer, { text }) => factsOf(asChargeBack(process), viewer, text),

  // What one side says for the bank is not for the other to read.
  saidOf(step, viewer) {
    const { on, by, data } = step as ChargeBackStep;
    const said = viewer === 'admin' || viewer === by ? (data.text ?? data.reason ?? null) : null;
    return { sentence: entryOf(on)?.sentence ?? asSentence(on), text: said, links: [] };
  },
  viaOf: () => ({}),
};

const whose = (viewer: Viewer) => (viewer === 'payee' ? 'your' : 'the payee’s');
const disputed = ({ terms }: ChargeBack) => inCurrency(terms.amount, terms.currency);

/** A bank's currency may be one that we have no asset for. */
function inCurrency(units: string, currency: string): string {
  return isAsset(currency) ? shownAmount(BigInt(units), currency) : `${units} ${currency} (minor units)`;
}

function fieldOf({ id, label, maxLength }: { id: string; label: string; maxLength: number }): Field {
  return { id, label, type: 'textarea', required: true, max_length: maxLength };
}

function askOf({ state }: ChargeBack, viewer: Viewer): { title: string; subtitle: string } | null {
  if (state !== 'open' || viewer !== 'payee') return null;
  return {
    title: 'Say what speaks for you',
    subtitle: 'The payer’s bank was asked to take the payment back, and decides by what it is sent.',
  };
}

function factsOf({ terms, held, asset }: ChargeBack, viewer: Viewer, reason: string | null) {
  // What somebody has, or owes, is nobody's business but theirs.
  const own = (label: string, units: string) =>
    viewer === 'payer' || units === '0' ? [] : [{ label, text: shownAmount(BigInt(units), asset) }];
  return [
    { label: 'Disputed', text: inCurrency(terms.amount, terms.currency) },
    { label: 'At', text: terms.provider },
    ...(reason ? [{ label: 'Why, says the bank', text: reason }] : []),
    { label: 'Evidence until', text: `${terms.respond_by.slice(0, 16).replace('T', ' ')} UTC` },
    ...(terms.contested ? [] : [{ label: 'Contested', text: 'No' }]),
    ...own('Set aside', held),
    ...(terms.lost ? [{ label: 'The bank took', text: inCurrency(terms.lost, terms.currency) }] : []),
    ...own('Still owed', terms.owed),
  ];
}
