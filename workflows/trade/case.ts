/** A trade as the list and the page of all processes show it. */

import { after } from '../durations.ts';
import { shareRoundedDown } from '../money.ts';
import { type CaseWords, type Fact, type Field, type Outcome, shownAmount, type Viewer } from '../process/case.ts';
import { asSentence } from '../text.ts';
import { entryOf } from './commands.ts';
import { deadlineOf, verdictOf } from './deadline.ts';
import type { Party } from './parties.ts';
import { DETAILS_KEPT } from './policy.ts';
import type { State } from './states.ts';
import { asTrade, type Terms, type Trade, type TradeStep } from './terms.ts';

const LINKS: Field = {
  id: 'links',
  label: 'Links, one a line (optional)',
  type: 'links',
  required: false,
  max_length: null,
};

/** Beside the one that the command's own entry asks for. */
const MORE_FIELDS: Readonly<Record<string, readonly Field[]>> = {
  evidence: [LINKS],
  statement: [LINKS],
  dispute: [
    { id: 'evidence', label: 'What shows it (optional)', type: 'textarea', required: false, max_length: 5_000 },
  ],
};

const PERCENT: Field = {
  id: 'release_percent',
  label: 'To the buyer',
  type: 'percent',
  required: true,
  max_length: null,
};

/** What leaves the way, or turns back on it. */
const ASIDE: readonly string[] = ['unconfirm', 'request_cancel', 'dispute'];

const STATE_LABELS: Record<State, string> = {
  awaiting_payment: 'Waiting for payment',
  payment_confirmed: 'Payment confirmed',
  disputed: 'In dispute',
  releasing: 'Moving the money',
  released: 'Released',
  refunded: 'Returned',
  split: 'Split',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

const OUTCOMES: Partial<Record<State, Outcome>> = {
  released: { name: 'released', label: 'Released', tone: 'good' },
  refunded: { name: 'refunded', label: 'Returned', tone: 'bad' },
  split: { name: 'split', label: 'Split', tone: 'bad' },
  cancelled: { name: 'cancelled', label: 'Cancelled', tone: 'neutral' },
  expired: { name: 'expired', label: 'Expired', tone: 'neutral' },
};

export const tradeCase: CaseWords<Terms> = {
  label: 'Trade',
  parties: { buyer: 'Buyer', seller: 'Seller' },
  phases: [
    { name: 'pay', label: 'Pay', states: ['awaiting_payment'] },
    { name: 'release', label: 'Release', states: ['payment_confirmed', 'disputed'] },
    { name: 'settle', label: 'Settle', states: ['releasing', 'released', 'refunded', 'split', 'cancelled', 'expired'] },
  ],
  opens: [{ variant: null, state: 'awaiting_payment' }],
  states: STATE_LABELS,

  titleOf: ({ terms, asset }) => `${shownAmount(BigInt(terms.amount), asset)} for ${terms.price} ${terms.currency}`,
  valueOf: ({ terms }) => terms.amount,
  outcomeOf: ({ state }) => OUTCOMES[state as State] ?? null,
  askOf: (process, viewer) => askOf(asTrade(process), viewer),

  buttonOf(_, on) {
    const entry = entryOf(on);
    if (!entry?.label) return null;
    const { label, field } = entry;
    const asked: Field[] = field
      ? [
          {
            id: field.id,
            label: field.placeholder,
            type: 'textarea',
            required: field.required,
            max_length: field.maxLength,
          },
        ]
      : [];
    const fields = [...(on === 'resolve' ? [PERCENT] : []), ...asked, ...(MORE_FIELDS[on] ?? [])];
    return { label: label.text, style: label.style, fields, data: {}, aside: ASIDE.includes(on) };
  },

  consequenceOf(process, viewer, { on, data }) {
    const trade = asTrade(process);
    if (on === 'release') return shared(trade, viewer, 100);
    if (on === 'cancel' || on === 'agree_cancel') return shared(trade, viewer, 0);
    if (on === 'dispute') return `Until it is decided nobody gets ${whole(trade)}.`;
    if (on === 'confirm') return `${whole(trade)} is yours as soon as the seller releases it.`;
    if (on !== 'resolve') return null;
    const percent = data.release_percent;
    return Number.isInteger(percent) ? shared(trade, viewer, percent as number) : silenceOf(trade, viewer);
  },

  silenceOf: (process, viewer) => silenceOf(asTrade(process), viewer),

  instantsOf(process) {
    const trade = asTrade(process);
    const at = deadlineOf(trade);
    return at === null ? [] : [{ name: 'ends', label: 'Time left', at }];
  },

  factsFor: (process, viewer, { text }, now) => factsOf(asTrade(process), viewer, text, now),

  saidOf(step) {
    const { on, data } = step as TradeStep;
    return {
      sentence: entryOf(on)?.sentence ?? asSentence(on),
      text: [data.reason, data.text].filter(Boolean).join('\n') || null,
      links: data.links ?? [],
    };
  },

  viaOf: () => ({}),
};

const whole = ({ held, asset }: Trade) => shownAmount(BigInt(held), asset);

function whom(viewer: Viewer, party: Party): string {
  return viewer === party ? 'you' : `the ${party}`;
}

/** So many per cent to the buyer, as the ledger will round it. */
function shared(trade: Trade, viewer: Viewer, percent: number): string | null {
  const { held, asset } = trade;
  if (held === '0' || percent < 0 || percent > 100) return null;
  const released = shareRoundedDown(BigInt(held), percent * 100);
  const kept = BigInt(held) - released;
  if (kept === 0n) return `${whole(trade)} to ${whom(viewer, 'buyer')}.`;
  if (released === 0n) return `${whole(trade)} back to ${whom(viewer, 'seller')}.`;
  return `${shownAmount(released, asset)} to ${whom(viewer, 'buyer')}, ${shownAmount(kept, asset)} back to ${whom(viewer, 'seller')}.`;
}

function silenceOf(trade: Trade, viewer: Viewer): string | null {
  switch (trade.state) {
    case 'awaiting_payment':
      return `If the buyer is silent: ${shared(trade, viewer, 0)}`;
    case 'payment_confirmed':
      return 'If the seller is silent it becomes a dispute.';
    case 'disputed': {
      const { release_percent, reason } = verdictOf(trade);
      return `Without a ruling in time: ${shared(trade, viewer, release_percent)} ${reason}`;
    }
    default:
      return null;
  }
}

function askOf(trade: Trade, viewer: Viewer): { title: string; subtitle: string } | null {
  const { state, terms } = trade;
  const price = `${terms.price} ${terms.currency}`;
  if (state === 'awaiting_payment' && viewer === 'buyer') {
    return { title: 'Pay the seller', subtitle: `Pay ${price} by ${terms.payment_method}, and say so here.` };
  }
  if (state === 'payment_confirmed' && viewer === 'seller') {
    return {
      title: 'Has it arrived?',
      subtitle: `The buyer says that ${price} was paid. Release ${whole(trade)} once you have it.`,
    };
  }
  if (state === 'disputed' && viewer === 'admin') {
    return { title: 'Rule on the dispute', subtitle: terms.dispute?.reason ?? '' };
  }
  return null;
}

function factsOf(trade: Trade, viewer: Viewer, details: string | null, now: string): Fact[] {
  const { terms, asset, state, stepped_at } = trade;
  // Where to pay is for the two alone, and not for ever.
  const mayPay = viewer !== 'admin' && (!OUTCOMES[state] || now < after(stepped_at, DETAILS_KEPT));
  return [
    { label: 'Held in escrow', text: shownAmount(BigInt(terms.amount), asset) },
    { label: 'Paid outside of Tandem', text: `${terms.price} ${terms.currency}` },
    { label: 'By', text: terms.payment_method },
    ...(details && mayPay ? [{ label: 'Where to pay', text: details }] : []),
    ...(terms.cancel_asked_by ? [{ label: 'Calling it off', text: `The ${terms.cancel_asked_by} asks to.` }] : []),
    ...(terms.dispute ? [{ label: 'In dispute', text: terms.dispute.reason }] : []),
    ...(terms.ruling
      ? [{ label: 'Ruling', text: `${terms.ruling.release_percent} % to the buyer. ${terms.ruling.reason}` }]
      : []),
  ];
}
