/** A deal as the list and the page of all processes show it. */
import { formatRupees, shareRoundedDown } from '../money.ts';
import type { CaseButton, CaseWords, Fact, Field, Outcome, Viewer } from '../process/case.ts';
import type { Circumstances } from '../process/machine.ts';
import { asSentence, linksIn } from '../text.ts';
import { awaitedAction } from './actions.ts';
import { instantsOf } from './deadline.ts';
import { NAMES, type Party } from './parties.ts';
import { parsePrice } from './price.ts';
import { ANSWERING, type State } from './states.ts';
import { entryOf } from './table.ts';
import { asDeal, type Deal, type DealStep, type Terms } from './terms.ts';

const rupees = (paise: bigint | string) => formatRupees(BigInt(paise));

const STATE_LABELS: Record<State, string> = {
  initial: 'New application',
  influencer_responding: 'New connection',
  brand_owner_details: 'Project details',
  influencer_reviewing: 'Project review',
  brand_owner_pricing: 'Setting the price',
  influencer_price_response: 'Price offered',
  brand_owner_negotiation: 'Counter-offer',
  influencer_final_response: 'Final offer',
  negotiation_input: 'Negotiating',
  payment_pending: 'Waiting for payment',
  payment_completed: 'Paid into escrow',
  work_in_progress: 'Work in progress',
  work_submitted: 'Work submitted',
  work_approved: 'Work approved',
  disputed: 'In dispute',
  real_time: 'Settled, chat open',
  chat_closed: 'Closed',
};

/** Not of the table: a page's order of fields, beside the one that the seed's button asks for. */
const MORE_FIELDS: Readonly<Record<string, readonly Field[]>> = {
  submit_work: [
    longText('description', 'What it is (optional)', 5_000),
    longText('submission_notes', 'Notes (optional)', 5_000),
  ],
  approve_work: [longText('feedback', 'A word to go with it (optional)', 2_000)],
  decline_work: [longText('reason', 'Why (optional)', 2_000)],
};

function longText(id: string, label: string, max_length: number): Field {
  return { id, label, type: 'textarea', required: false, max_length };
}

const PERCENT: Field = {
  id: 'release_percent',
  label: 'Released to the influencer',
  type: 'percent',
  required: true,
  max_length: null,
};

export const dealCase: CaseWords<Terms> = {
  label: 'Deal',
  parties: { brand_owner: 'Brand owner', influencer: 'Influencer' },
  phases: [
    { name: 'agree', label: 'Agree', states: ANSWERING },
    { name: 'pay', label: 'Pay', states: ['payment_pending'] },
    { name: 'work', label: 'Work', states: ['payment_completed', 'work_in_progress'] },
    { name: 'review', label: 'Review', states: ['work_submitted', 'disputed'] },
    { name: 'settle', label: 'Settle', states: ['work_approved', 'real_time', 'chat_closed'] },
  ],
  opens: [
    { variant: 'campaign', state: 'initial' },
    { variant: 'bid', state: 'influencer_responding' },
  ],
  states: STATE_LABELS,

  titleOf: ({ variant }, { title }) => title ?? (variant === 'bid' ? 'Bid' : 'Campaign'),
  valueOf: ({ terms }) => terms.agreed ?? terms.counter ?? terms.offer ?? terms.proposed,
  outcomeOf: (process) => outcomeOf(asDeal(process)),

  askOf(process, viewer) {
    const asked = awaitedAction(asDeal(process));
    return asked?.visible_to === viewer ? { title: asked.title, subtitle: asked.subtitle } : null;
  },

  buttonOf: (process, on) => buttonOf(asDeal(process), on),

  consequenceOf(process, viewer, { on, data }, at) {
    const deal = asDeal(process);
    const price = typeof data.price === 'string' || typeof data.price === 'number' ? parsePrice(data.price) : null;
    return (
      CONSEQUENCES[on]?.({ ...moneyOf(deal, viewer, at), price, percent: percentOf(data.release_percent) }) ?? null
    );
  },

  silenceOf: (process, viewer, at) => SILENCE[asDeal(process).state]?.(moneyOf(asDeal(process), viewer, at)) ?? null,

  instantsOf: (process) => instantsOf(asDeal(process)).map(({ name, at }) => ({ name, label: INSTANTS[name], at })),
  factsFor: (process, _viewer, { text }) => factsOf(asDeal(process), text),

  saidOf(step) {
    const { on, data } = step as DealStep;
    const { work } = data;
    const text =
      [
        data.reason,
        data.statement,
        data.feedback,
        data.details,
        work?.deliverables,
        work?.description,
        work?.submission_notes,
      ]
        .filter(Boolean)
        .join('\n') || null;
    const price = data.price ? ` (${rupees(data.price)})` : data.amount ? ` (${rupees(data.amount)})` : '';
    return { sentence: `${asSentence(entryOf(on)?.button?.text ?? on)}${price}`, text, links: linksIn(text) };
  },

  viaOf(on): Record<string, string> {
    const input = entryOf(on)?.button?.input;
    return input?.alone ? { input_type: input.type } : { button_id: on };
  },
};

function buttonOf({ terms }: Deal, on: string): CaseButton | null {
  const button = entryOf(on)?.button;
  if (!button) return null;
  const { text, style, field, standing } = button;
  const paise = standing?.(terms) ?? null;
  const asked: Field[] = field
    ? [
        {
          id: field.id,
          label: field.placeholder,
          type: field.min === undefined ? 'textarea' : 'amount',
          required: field.required,
          max_length: field.maxLength ?? null,
        },
      ]
    : [];
  return {
    label: paise === null ? text : `${text} (${rupees(paise)})`,
    style,
    fields: [...(on === 'resolve_dispute' ? [PERCENT] : []), ...asked, ...(MORE_FIELDS[on] ?? [])],
    data: paise === null ? {} : { price: rupees(paise) },
    aside: button.isWayOut,
  };
}

/** How a deal came out, in a word. */
function outcomeOf({ state, terms }: Deal): Outcome | null {
  if (state !== 'real_time' && state !== 'chat_closed') return null;
  const { ruling, agreed, closed_by: by } = terms;
  if (ruling?.release_percent === 100) return { name: 'paid', label: 'Paid', tone: 'good' };
  if (ruling?.release_percent === 0) return { name: 'refunded', label: 'Refunded', tone: 'bad' };
  if (ruling) return { name: 'split', label: 'Split', tone: 'bad' };
  if (state === 'real_time' || by === 'close_chat') return { name: 'paid', label: 'Paid', tone: 'good' };
  if (by === 'decline_work' || by === 'cancel_late_work') return { name: 'refunded', label: 'Refunded', tone: 'bad' };
  if (by === 'expire') return { name: 'expired', label: 'Expired', tone: 'neutral' };
  if (by === 'withdraw') return { name: 'withdrawn', label: 'Withdrawn', tone: 'neutral' };
  return agreed
    ? { name: 'called_off', label: 'Called off', tone: 'neutral' }
    : { name: 'declined', label: 'Declined', tone: 'neutral' };
}

type Money = {
  viewer: Viewer;
  held: bigint;
  feeBps: number;
  /** Of a dispute that nobody rules on. */
  byDefault: number;
  /** What is agreed to, or typed; null while there is none. */
  price: bigint | null;
  percent: number | null;
  standing: bigint;
};

function moneyOf({ terms, held }: Deal, viewer: Viewer, { feeBps }: Circumstances): Money {
  return {
    viewer,
    held: BigInt(held),
    feeBps: terms.fee_bps ?? feeBps,
    byDefault: terms.policy.default_release_percent,
    price: null,
    percent: null,
    standing: BigInt(terms.agreed ?? terms.offer ?? terms.proposed),
  };
}

function percentOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100 ? value : null;
}

/** A share as the ledger will round it: what is released, the fee on it, what goes back. */
function sharesOf(whole: bigint, percent: number, feeBps: number) {
  const released = shareRoundedDown(whole, percent * 100);
  const fee = shareRoundedDown(released, feeBps);
  return { net: released - fee, fee, back: whole - released };
}

/** "You" to the one who looks, else the party; and the verb that goes with it. */
function who(viewer: Viewer, party: Party, verb: string): string {
  return viewer === party ? `You ${verb}` : `${NAMES[party]} ${verb}s`;
}

function whom(viewer: Viewer, party: Party): string {
  return viewer === party ? 'you' : NAMES[party].toLowerCase();
}

function agreement({ viewer, price, standing, feeBps }: Money): string {
  const whole = price ?? standing;
  const { net, fee } = sharesOf(whole, 100, feeBps);
  const less = `${rupees(whole)} less the fee of ${feeBps / 100} % (${rupees(fee)})`;
  if (viewer === 'influencer') return `You receive ${rupees(net)} when the work is approved: ${less}.`;
  return `${who(viewer, 'brand_owner', 'pay')} ${rupees(whole)} into escrow; the influencer receives ${rupees(net)} when the work is approved.`;
}

/** Only once a price is there. */
function offer(money: Money): string | null {
  return money.price === null ? null : agreement(money);
}

function release({ viewer, held, feeBps }: Money): string {
  const { net, fee } = sharesOf(held, 100, feeBps);
  return `${who(viewer, 'influencer', 'receive')} ${rupees(net)} of what is in escrow, and ${rupees(fee)} is the fee.`;
}

function refund({ viewer, held }: Money): string {
  const back = `${rupees(held)} goes back to ${whom(viewer, 'brand_owner')}`;
  return viewer === 'influencer' ? `${back}, and you receive nothing.` : `${back}.`;
}

function split({ viewer, held, feeBps }: Money, percent: number, when: string): string {
  const { net, fee, back } = sharesOf(held, percent, feeBps);
  const less = fee > 0n ? ` (after a fee of ${rupees(fee)})` : '';
  return `${when}${rupees(net)} to ${whom(viewer, 'influencer')}${less}, ${rupees(back)} back to ${whom(viewer, 'brand_owner')}.`;
}

const unruled = (money: Money) => split(money, money.byDefault, 'Without a ruling in time: ');

/** What money does when a command is given; commands that are not here move and promise none. */
const CONSEQUENCES: Readonly<Record<string, (money: Money) => string | null>> = {
  send_price_offer: offer,
  send_final_offer: offer,
  negotiation: offer,
  accept_proposed_price: agreement,
  accept_price: agreement,
  accept_negotiation: agreement,
  accept_final_offer: agreement,
  proceed_to_payment: ({ viewer, standing }) =>
    `${who(viewer, 'brand_owner', 'pay')} ${rupees(standing)} into escrow. It is released when the work is approved.`,
  approve_work: release,
  decline_work: refund,
  cancel_late_work: refund,
  concede_dispute: (money) => (money.viewer === 'brand_owner' ? release(money) : refund(money)),
  open_dispute: (money) => `Until it is decided nobody gets ${rupees(money.held)}. ${unruled(money)}`,
  resolve_dispute: (money) => (money.percent === null ? unruled(money) : split(money, money.percent, '')),
};

/** What money does when nobody does anything. */
const SILENCE: Partial<Record<State, (money: Money) => string>> = {
  payment_completed: (money) => `If work is not started in time: ${refund(money)}`,
  work_in_progress: (money) => `If nothing is delivered in the end: ${refund(money)}`,
  work_submitted: (money) => `If nobody objects in time it counts as approved: ${release(money)}`,
  disputed: unruled,
};

const INSTANTS = { due: 'Work is due', late_from: 'May be cancelled as late', ends: 'Time left' } as const;

function factsOf({ terms, variant }: Deal, brief: string | null): Fact[] {
  const { proposed, offer: offered, counter, agreed, details, work, ruling } = terms;
  const money = (label: string, paise: string | null): Fact[] =>
    paise === null ? [] : [{ label, text: rupees(paise) }];
  const words = (label: string, text: string | null | undefined): Fact[] => (text ? [{ label, text }] : []);
  return [
    ...words(variant === 'bid' ? 'The bid' : 'The brief', brief),
    ...words('Project', details),
    ...money('Proposed', proposed),
    ...money('Offered', offered),
    ...money('Asked for', counter),
    ...money('Agreed', agreed),
    ...words('Delivered', work?.deliverables),
    ...(ruling ? [{ label: 'Ruling', text: `${ruling.release_percent} % released. ${ruling.reason}` }] : []),
  ];
}
