/** A payout as the list and the page of all processes show it. */
import { type CaseWords, type Field, type Outcome, shownAmount, type Viewer } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { entryOf } from './commands.ts';
import { payoutMachine } from './machine.ts';
import type { State } from './states.ts';
import { asPayout, type Payout, type PayoutStep, type Terms } from './terms.ts';

const STATE_LABELS: Record<State, string> = {
  requested: 'Asked for',
  held: 'May be taken back',
  processing: 'On its way',
  paid: 'Paid',
  cancelled: 'Cancelled',
  failed: 'Failed',
  reversed: 'Came back',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  paid: { name: 'paid', label: 'Paid', tone: 'good' },
  cancelled: { name: 'cancelled', label: 'Cancelled', tone: 'neutral' },
  failed: { name: 'failed', label: 'Failed', tone: 'bad' },
  reversed: { name: 'reversed', label: 'Came back', tone: 'bad' },
};

export const payoutCase: CaseWords<Terms> = {
  label: 'Payout',
  parties: { payee: 'Payee' },
  phases: [
    { name: 'ask', label: 'Ask', states: ['requested'] },
    { name: 'hold', label: 'Hold', states: ['held'] },
    { name: 'send', label: 'Send', states: ['processing'] },
    { name: 'settle', label: 'Settle', states: ['paid', 'cancelled', 'failed', 'reversed'] },
  ],
  opens: [
    { variant: 'direct', state: 'requested' },
    { variant: 'four_eyes', state: 'requested' },
  ],
  states: STATE_LABELS,

  titleOf: (process, { title }) => `${gross(asPayout(process))} to ${title ?? 'an account outside'}`,
  valueOf: ({ terms }) => terms.gross,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  askOf: (process, viewer) => askOf(asPayout(process), viewer),

  buttonOf({ state, variant }, on) {
    const entry = entryOf(on);
    if (!entry?.label) return null;
    const { label, field } = entry;
    const fields: Field[] = field
      ? [
          {
            id: field.id,
            label: field.required ? field.placeholder : `${field.placeholder} (optional)`,
            type: 'textarea',
            required: field.required,
            max_length: field.maxLength,
          },
        ]
      : [];
    return {
      label: label.text,
      style: label.style,
      fields,
      data: {},
      aside: on === 'cancel' && state === 'requested' && variant === 'four_eyes',
    };
  },

  consequenceOf(process, viewer, { on }) {
    const payout = asPayout(process);
    if (on === 'approve') return sent(payout, viewer);
    if (on === 'cancel' || on === 'reject') return `${gross(payout)} back into ${whose(viewer)} wallet, and no fee.`;
    return null;
  },

  silenceOf(process, viewer) {
    const payout = asPayout(process);
    if (payout.state === 'requested' && payout.variant === 'four_eyes') {
      return `If nobody looks at it in time: ${gross(payout)} back into ${whose(viewer)} wallet.`;
    }
    return payout.state === 'requested' || payout.state === 'held' ? sent(payout, viewer) : null;
  },

  instantsOf(process) {
    const at = payoutMachine.deadlineOf(process);
    return at === null ? [] : [{ name: 'ends', label: 'Time left', at }];
  },

  factsFor(process, _viewer, { text }) {
    const { terms, asset } = asPayout(process);
    return [
      { label: 'Leaves the wallet', text: shownAmount(BigInt(terms.gross), asset) },
      { label: 'Fee', text: shownAmount(BigInt(terms.fee), asset) },
      { label: 'Arrives', text: shownAmount(BigInt(terms.net), asset) },
      ...(text ? [{ label: 'Where', text }] : []),
      { label: 'By', text: terms.provider },
      ...(terms.reason ? [{ label: 'Why', text: terms.reason }] : []),
    ];
  },

  saidOf(step) {
    const { on, data } = step as PayoutStep;
    return { sentence: entryOf(on)?.sentence ?? asSentence(on), text: data.reason ?? null, links: [] };
  },
  viaOf: () => ({}),
};

const gross = ({ terms, asset }: Payout) => shownAmount(BigInt(terms.gross), asset);
const whose = (viewer: Viewer) => (viewer === 'payee' ? 'your' : 'the payee’s');

function sent({ terms, asset }: Payout, viewer: Viewer): string {
  const net = shownAmount(BigInt(terms.net), asset);
  const fee = shownAmount(BigInt(terms.fee), asset);
  return `${net} to ${whose(viewer)} account when the hold is over, after a fee of ${fee}.`;
}

function askOf({ state, variant }: Payout, viewer: Viewer): { title: string; subtitle: string } | null {
  if (state !== 'requested' || variant !== 'four_eyes' || viewer !== 'admin') return null;
  return { title: 'Look at this payout', subtitle: 'It is large: a second pair of eyes lets it go or sends it back.' };
}
