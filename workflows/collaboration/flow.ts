/**
 * The pure machine of a collaboration. `decide` says whether a command may be given now and what step it makes;
 * `evolve` takes a deal through a step. The door decides, the workflow evolves, and both do it with this file.
 */

import type { FailureCode } from '../failures.ts';
import { type Minor, minor, shareRoundedDown } from '../money.ts';
import { oncePer } from './oncePer.ts';
import { after, later, type Policy } from './policy.ts';
import { PRICE_EXPECTED, parsePrice } from './price.ts';
import {
  type CommandName,
  type DealKind,
  findRow,
  type Party,
  type Role,
  rolesOf,
  rowsIn,
  type State,
  statesOf,
} from './table.ts';

/** What the database keeps of a deal as `flow_data`: everything the machine needs beside its columns. Amounts in paise. */
export type Terms = {
  policy: Policy;
  /** Asked for in the application or offered with the connection. */
  proposed: string;
  /** The brand owner's standing offer. */
  offer: string | null;
  /** The influencer's standing counter-offer. */
  counter: string | null;
  rounds: number;
  revisions: number;
  details: string | null;
  agreed: string | null;
  /** Fixed with the agreed price. */
  fee_bps: number | null;
  /** Whether an order was asked for, so that asking again makes no second step. */
  ordered: boolean;
  /** Paid into escrow and not yet promised to anybody. */
  held: string;
  work: Work | null;
  dispute: { opened_by: Party; reason: string; statements: number } | null;
  /** How a dispute ended. */
  ruling: { release_percent: number; reason: string; by: Role } | null;
  /** Why the deal closed, for people. */
  closed_by: string | null;
};

export type Work = { deliverables: string; description: string; submission_notes: string; submitted_at: string };

export type Deal = {
  id: string;
  kind: DealKind;
  state: State;
  /** Number of the last step. */
  version: number;
  /** How many times a state was entered: what a deadline belongs to. */
  entry: number;
  entered_at: string;
  /** Time of the last step; none is before its predecessor. */
  stepped_at: string;
  terms: Terms;
};

export type Command = {
  on: CommandName;
  by: Role;
  /** The account behind it; null for providers and time. */
  actor: string | null;
  data: Record<string, unknown>;
  /** Of the request that brought it. */
  correlationId?: string | null;
};

export type Step = {
  n: number;
  on: CommandName;
  by: Role;
  actor: string | null;
  from: State;
  to: State;
  at: string;
  data: StepData;
  /** Of the request that began it, for the logs; null for what time does. */
  correlation_id: string | null;
};

/** What a step remembers of its command: checked, and in one form. Amounts in paise. */
export type StepData = {
  price?: string;
  fee_bps?: number;
  details?: string;
  feedback?: string;
  reason?: string;
  statement?: string;
  work?: Work;
  amount?: string;
  release_percent?: number;
  /** Of promises: what it was about. */
  promise_id?: string;
  capture_id?: string;
  failure?: string;
};

/** What a step obliges us to do with money. */
export type Promised = { kind: 'release' | 'refund'; amount: string; fee: string };

export type Refusal = { code: FailureCode; message: string; details: Record<string, unknown> };
/** The command lacks the data that its button asks for: nothing changes, the caller is shown the field. */
export type Missing = { missing: 'details' | 'price' | 'feedback' | 'reason' | 'statement' | 'work' };
export type Decision = { step: Step } | { refusal: Refusal } | Missing;

export function newDeal(id: string, kind: DealKind, proposed: Minor, policy: Policy, now: string): Deal {
  return {
    id,
    kind,
    state: kind === 'campaign' ? 'initial' : 'influencer_responding',
    version: 0,
    entry: 1,
    entered_at: now,
    stepped_at: now,
    terms: {
      policy,
      proposed: proposed.toString(),
      offer: null,
      counter: null,
      rounds: 0,
      revisions: 0,
      details: null,
      agreed: null,
      fee_bps: null,
      ordered: false,
      held: '0',
      work: null,
      dispute: null,
      ruling: null,
      closed_by: null,
    },
  };
}

/** The instant at which the state ends by itself; null where it has none. Kept with the deal: a step asks four times. */
export const deadlineOf = oncePer((deal: Deal): string | null => {
  const { policy } = deal.terms;
  switch (deal.state) {
    case 'payment_pending':
      return after(deal.entered_at, policy.pay_within);
    case 'payment_completed':
      return after(deal.entered_at, policy.start_within);
    case 'work_in_progress':
      return after(deal.entered_at, policy.deliver_within, policy.grace, policy.grace);
    case 'work_submitted':
      return after(deal.entered_at, policy.approve_within);
    case 'disputed':
      return after(deal.entered_at, policy.dispute_within);
    case 'work_approved':
    case 'real_time':
    case 'chat_closed':
      return null;
    default:
      return after(deal.entered_at, policy.answer_within);
  }
});

/** From when the brand owner may cancel work that is late; null while none is due. */
export function lateFrom(deal: Deal): string | null {
  const { policy } = deal.terms;
  return deal.state === 'work_in_progress' ? after(deal.entered_at, policy.deliver_within, policy.grace) : null;
}

/** Whether the deal has nothing more to wait for. */
export function isEnded(deal: Deal): boolean {
  return deal.state === 'real_time' || deal.state === 'chat_closed';
}

/** Where a deal stands when a command comes: `now` ISO, `feeBps` what an agreement made now would fix. */
export type Circumstances = { now: string; feeBps: number };

export function decide(deal: Deal, command: Command, circumstances: Circumstances): Decision {
  const roles = rolesOf(command.on);
  if (!roles.includes(command.by)) {
    return refuse('FORBIDDEN', `Only the ${roles.join(' or the ').replaceAll('_', ' ')} can do this.`, {
      required_role: roles[0],
      required_roles: roles,
    });
  }
  const row = findRow(deal.state, command.on, deal.kind);
  if (!row?.by.includes(command.by)) return refuseState(deal, command.on);
  const at = later(circumstances.now, deal.stepped_at);
  const data = acceptData(deal, command, { ...circumstances, now: at });
  if ('refusal' in data || 'missing' in data) return data;
  const to = row.to === 'same' ? deal.state : row.to;
  const { on, by, actor } = command;
  return {
    step: {
      n: deal.version + 1,
      on,
      by,
      actor,
      from: deal.state,
      to,
      at,
      data: data.data,
      correlation_id: command.correlationId ?? null,
    },
  };
}

function refuse(code: FailureCode, message: string, details: Record<string, unknown> = {}): { refusal: Refusal } {
  return { refusal: { code, message, details } };
}

export function refuseState(deal: Deal, on: CommandName, message?: string): { refusal: Refusal } {
  const states = statesOf(on);
  return refuse('FLOW_STATE_INVALID', message ?? `This cannot be done while the deal is in ${deal.state}.`, {
    current_state: deal.state,
    required_state: states[0],
    required_states: states,
  });
}

type Accepted = { data: StepData } | { refusal: Refusal } | Missing;

/** Checks what a command brings with it against the deal, and puts it into one form. */
function acceptData(deal: Deal, command: Command, { now, feeBps }: Circumstances): Accepted {
  const { terms } = deal;
  const { data } = command;
  switch (command.on) {
    case 'send_project_details':
      return text(data, 'details', 5_000, (details) => ({ details }));
    case 'send_price_offer':
    case 'send_final_offer':
    case 'negotiation':
      return price(data, (paise) => ({ price: paise }));
    case 'accept_proposed_price':
      return agree(data, terms.proposed, feeBps);
    case 'accept_price':
    case 'accept_final_offer':
      return agree(data, terms.offer ?? terms.proposed, feeBps);
    case 'accept_negotiation':
      return agree(data, terms.counter ?? terms.proposed, feeBps);
    case 'negotiate_price':
      if (terms.rounds >= terms.policy.max_rounds) {
        return refuse('LIMIT_REACHED', `The price was negotiated ${terms.rounds} times; the last offer stands.`, {
          limit: 'max_rounds',
          max: terms.policy.max_rounds,
        });
      }
      return { data: {} };
    case 'request_revision':
      if (terms.revisions >= terms.policy.max_revisions) {
        return refuse('LIMIT_REACHED', `All ${terms.policy.max_revisions} revisions have been asked for.`, {
          limit: 'max_revisions',
          max: terms.policy.max_revisions,
        });
      }
      return text(data, 'feedback', 2_000, (feedback) => ({ feedback }));
    case 'approve_work':
      return optionalText(data, 'feedback', 2_000, (feedback) => ({ feedback }));
    case 'decline_work':
      return optionalText(data, 'reason', 2_000, (reason) => ({ reason }));
    case 'open_dispute':
      return text(data, 'reason', 2_000, (reason) => ({ reason }));
    case 'dispute_statement':
      if ((terms.dispute?.statements ?? 0) >= MAX_STATEMENTS) {
        return refuse('LIMIT_REACHED', `A dispute takes ${MAX_STATEMENTS} statements.`, {
          limit: 'statements',
          max: MAX_STATEMENTS,
        });
      }
      return text(data, 'statement', 5_000, (statement) => ({ statement }));
    case 'submit_work':
      return work(data, now);
    case 'cancel_late_work': {
      const from = lateFrom(deal);
      if (from !== null && now < from) {
        const { refusal } = refuseState(deal, command.on, `The work is not late before ${from}.`);
        return { refusal: { ...refusal, details: { ...refusal.details, late_from: from } } };
      }
      return { data: {} };
    }
    case 'resolve_dispute':
      return ruling(data);
    case 'expire':
      return { data: deal.state === 'disputed' ? { release_percent: terms.policy.default_release_percent } : {} };
    case 'concede_dispute':
      return { data: { release_percent: command.by === 'brand_owner' ? 100 : 0 } };
    case 'payment_captured':
    case 'payment_returned':
    case 'payment_failed':
    case 'money_released':
    case 'refund_started':
    case 'refund_settled':
    case 'refund_failed':
      // Ours: the transaction that books the fact or moves the money says what it was.
      return { data: data as StepData };
    default:
      return { data: {} };
  }
}

/** Of both sides together. */
export const MAX_STATEMENTS = 100;

function text<K extends 'details' | 'feedback' | 'reason' | 'statement'>(
  data: Record<string, unknown>,
  key: K,
  max: number,
  build: (text: string) => StepData,
): Accepted {
  const value = data[key];
  if (value === undefined || value === null) return { missing: key };
  if (typeof value !== 'string') return refuse('VALIDATION_FAILED', `${key} is a text.`, { field: key });
  const trimmed = value.trim();
  if (trimmed === '') return refuse('VALIDATION_FAILED', `${key} must not be empty.`, { field: key });
  if (trimmed.length > max) {
    return refuse('VALIDATION_FAILED', `${key} has at most ${max} characters.`, { field: key, max });
  }
  return { data: build(trimmed) };
}

function optionalText(
  data: Record<string, unknown>,
  key: 'feedback' | 'reason',
  max: number,
  build: (text: string) => StepData,
): Accepted {
  const accepted = text(data, key, max, build);
  const empty = typeof data[key] === 'string' && data[key].trim() === '';
  return 'missing' in accepted || empty ? { data: {} } : accepted;
}

function price(data: Record<string, unknown>, build: (paise: string) => StepData): Accepted {
  const value = data.price;
  if (value === undefined || value === null) return { missing: 'price' };
  const paise = typeof value === 'string' || typeof value === 'number' ? parsePrice(value) : null;
  if (paise === null) return refuse('VALIDATION_FAILED', PRICE_EXPECTED, { field: 'price', expected: PRICE_EXPECTED });
  return { data: build(paise.toString()) };
}

function agree(data: Record<string, unknown>, standing: string, feeBps: number): Accepted {
  if (data.price !== undefined && data.price !== null) {
    const named = price(data, (paise) => ({ price: paise }));
    if (!('data' in named)) return named;
    if (named.data.price !== standing) {
      return refuse('OFFER_STALE', 'The offer has changed since you saw it.', {
        standing_price_minor: standing,
        sent_price_minor: named.data.price,
      });
    }
  }
  return { data: { price: standing, fee_bps: feeBps } };
}

function work(data: Record<string, unknown>, now: string): Accepted {
  if (data.deliverables === undefined || data.deliverables === null) return { missing: 'work' };
  const parts = { deliverables: 5_000, description: 5_000, submission_notes: 5_000 };
  const taken: Record<string, string> = {};
  for (const [key, max] of Object.entries(parts)) {
    const value = data[key] ?? '';
    if (typeof value !== 'string') return refuse('VALIDATION_FAILED', `${key} is a text.`, { field: key });
    const trimmed = value.trim();
    if (trimmed.length > max) {
      return refuse('VALIDATION_FAILED', `${key} has at most ${max} characters.`, { field: key, max });
    }
    if (key === 'deliverables' && trimmed === '') {
      return refuse('VALIDATION_FAILED', 'deliverables must not be empty.', { field: key });
    }
    taken[key] = trimmed;
  }
  const { deliverables = '', description = '', submission_notes = '' } = taken;
  return { data: { work: { deliverables, description, submission_notes, submitted_at: now } } };
}

function ruling(data: Record<string, unknown>): Accepted {
  const percent = data.release_percent;
  if (percent === undefined || percent === null) return { missing: 'reason' };
  if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100) {
    return refuse('VALIDATION_FAILED', 'release_percent is a whole number from 0 to 100.', {
      field: 'release_percent',
    });
  }
  // JSON has a zero with a minus, which would not come back from where it is kept.
  return text(data, 'reason', 2_000, (reason) => ({ release_percent: Math.abs(percent), reason }));
}

/** Thrown by `evolve` for a step that the table does not know: the workflow parks the deal, it never guesses. */
export class IllegalStep extends Error {
  override readonly name = 'IllegalStep';
}

/** The deal after a step. Throws IllegalStep when the step does not fit the deal. */
export function evolve(deal: Deal, step: Step): Deal {
  const row = findRow(deal.state, step.on, deal.kind);
  const to = row?.to === 'same' ? deal.state : row?.to;
  const fits = step.n === deal.version + 1 && step.from === deal.state && step.to === to && row?.by.includes(step.by);
  if (!row || !fits || !isSound(step, deal)) {
    const { n, on, by } = step;
    throw new IllegalStep(`step ${JSON.stringify([n, on, by])} does not fit ${deal.state} at ${deal.version}`);
  }
  const entered = row.to !== 'same';
  return {
    ...deal,
    state: step.to,
    version: step.n,
    entry: entered ? deal.entry + 1 : deal.entry,
    entered_at: entered ? step.at : deal.entered_at,
    stepped_at: step.at,
    terms: evolveTerms(deal.terms, step),
  };
}

const AMOUNT = /^\d{1,15}$/;

/** Whether a step is not before its predecessor and carries its amounts and parts in the one form that they have. */
function isSound({ on, at, data }: Step, deal: Deal): boolean {
  if (Number.isNaN(Date.parse(at)) || at < deal.stepped_at) return false;
  if (typeof data !== 'object' || data === null) return false;
  const { price, amount, fee_bps = 0, release_percent = 0 } = data;
  const isAmount = (value: unknown) => typeof value === 'string' && AMOUNT.test(value);
  const isPart = (value: unknown, whole: number) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= whole;
  if (!isPart(fee_bps, 10_000) || !isPart(release_percent, 100)) return false;
  switch (on) {
    case 'payment_captured':
    case 'payment_returned':
      return isAmount(amount);
    case 'send_price_offer':
    case 'send_final_offer':
    case 'negotiation':
    case 'accept_proposed_price':
    case 'accept_price':
    case 'accept_negotiation':
    case 'accept_final_offer':
      return isAmount(price);
    default:
      return true;
  }
}

function evolveTerms(terms: Terms, step: Step): Terms {
  const next = { ...terms, ...termsChange(terms, step) };
  if (promisesOf(terms, step).length > 0 && step.on !== 'payment_returned') next.held = '0';
  if (step.to === 'chat_closed' && step.from !== 'chat_closed') next.closed_by = step.on;
  return next;
}

function termsChange(terms: Terms, step: Step): Partial<Terms> {
  const { data } = step;
  switch (step.on) {
    case 'send_project_details':
      return { details: data.details ?? null };
    case 'send_price_offer':
    case 'send_final_offer':
      return { offer: data.price ?? null };
    case 'negotiate_price':
      return { rounds: terms.rounds + 1 };
    case 'negotiation':
      return { counter: data.price ?? null };
    case 'accept_proposed_price':
    case 'accept_price':
    case 'accept_negotiation':
    case 'accept_final_offer':
      return { agreed: data.price ?? null, fee_bps: data.fee_bps ?? 0 };
    case 'proceed_to_payment':
      return { ordered: true };
    case 'payment_captured':
      return { held: data.amount ?? '0' };
    case 'submit_work':
      return { work: data.work ?? null };
    case 'request_revision':
      return { revisions: terms.revisions + 1 };
    case 'open_dispute':
      return {
        dispute: { opened_by: step.by as Party, reason: data.reason ?? '', statements: 0 },
      };
    case 'dispute_statement':
      return terms.dispute ? { dispute: { ...terms.dispute, statements: terms.dispute.statements + 1 } } : {};
    case 'resolve_dispute':
    case 'concede_dispute':
      return { ruling: { release_percent: data.release_percent ?? 0, reason: data.reason ?? '', by: step.by } };
    case 'expire':
      return step.from === 'disputed'
        ? { ruling: { release_percent: data.release_percent ?? 0, reason: 'No ruling came in time.', by: 'system' } }
        : {};
    default:
      return {};
  }
}

/** What a step obliges us to do with the money held, given the terms before it. The parts add up to what was held. */
export function promisesOf(terms: Terms, step: Step): Promised[] {
  if (step.on === 'payment_returned') return [{ kind: 'refund', amount: step.data.amount ?? '0', fee: '0' }];
  const held = minor(terms.held);
  if (held === 0n) return [];
  const percent = releasePercent(step);
  if (percent === null) return [];
  const released = shareRoundedDown(held, percent * 100);
  const fee = shareRoundedDown(released, terms.fee_bps ?? 0);
  const promised: Promised[] = [];
  if (released > 0n) promised.push({ kind: 'release', amount: released.toString(), fee: fee.toString() });
  if (held > released) promised.push({ kind: 'refund', amount: (held - released).toString(), fee: '0' });
  return promised;
}

/** How much of what is held a step releases to the influencer; null when it leaves the money where it is. */
function releasePercent(step: Step): number | null {
  if (step.to === 'work_approved') return 100;
  if (step.from === 'disputed' && step.to === 'real_time') return step.data.release_percent ?? 0;
  if (step.to === 'chat_closed') return 0;
  return null;
}

/** Everything a role may do now, in the table's order: what a page may show as buttons. */
export function allowedCommands(deal: Deal, role: Role, now: string): CommandName[] {
  const allowed: CommandName[] = [];
  for (const [on, row] of rowsIn(deal.state, deal.kind)) {
    if (!row.by.includes(role)) continue;
    if (on === 'negotiate_price' && deal.terms.rounds >= deal.terms.policy.max_rounds) continue;
    if (on === 'request_revision' && deal.terms.revisions >= deal.terms.policy.max_revisions) continue;
    if (on === 'dispute_statement' && (deal.terms.dispute?.statements ?? 0) >= MAX_STATEMENTS) continue;
    if (on === 'cancel_late_work' && now < (lateFrom(deal) ?? now)) continue;
    allowed.push(on);
  }
  return allowed;
}
