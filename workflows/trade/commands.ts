/** All there is to say of a trade's commands: one entry each. */
import { asGiven, nothing, readOptionalText, readPercent, readText } from '../process/intake.ts';
import { type Accepted, type Command, refuse } from '../process/machine.ts';
import { verdictOf } from './deadline.ts';
import { isParty, PARTIES, type Party, type Role } from './parties.ts';
import { CONFIRMED, type State } from './states.ts';
import { asTrade, type Terms, type Trade, type TradeStep } from './terms.ts';

export type CommandEntry = {
  rows: readonly { from: readonly State[]; by: readonly Role[]; to: State | 'same' }[];
  /** What a page calls it; null for what nobody presses. */
  label: { text: string; style: 'success' | 'danger' | 'primary' | 'secondary' | 'warning' } | null;
  /** What has to be written with it; null where nothing has. */
  field: { id: string; placeholder: string; required: boolean; maxLength: number } | null;
  /** Why it makes no sense just now, though the table allows it; null where it does. */
  idle: ((trade: Trade, by: string) => ReturnType<typeof refuse> | null) | null;
  /** What it brings with it, checked and in one form. */
  takes: (trade: Trade, command: Command, now: string) => Accepted;
  /** What changes in the terms. */
  changes: (terms: Terms, step: TradeStep) => Partial<Terms>;
  /** How many per cent of what is held go to the buyer, the rest back to the seller; null where all stays held. */
  releases: ((step: TradeStep) => number | null) | null;
  /** What the two read in the history. */
  sentence: string;
};

/** Of evidence and statements, of both sides together. */
export const MAX_PAPERS = 100;
/** To call it off, of both sides together: each may be taken back. */
export const MAX_ASKS = 20;
const MAX_LINKS = 10;

const unchangedTerms = (): Partial<Terms> => ({});
const nobody = { label: null, field: null, idle: null } as const;
const ALL = 100;

function paper(text: string, placeholder: string): Pick<CommandEntry, 'label' | 'field' | 'idle' | 'takes'> {
  return {
    label: { text, style: 'primary' },
    field: { id: 'text', placeholder, required: true, maxLength: 5_000 },
    idle: ({ terms }) =>
      (terms.dispute?.papers ?? 0) >= MAX_PAPERS
        ? refuse('LIMIT_REACHED', `A dispute takes ${MAX_PAPERS} papers.`, { limit: 'papers', max: MAX_PAPERS })
        : null,
    takes: (_, { data }) => {
      const accepted = readText(data, 'text', 5_000);
      if (!('data' in accepted)) return accepted;
      const links = readLinks(data.links);
      return 'data' in links ? { data: { ...accepted.data, ...links.data } } : links;
    },
  };
}

/** Links to pictures and documents, which lie elsewhere. */
function readLinks(value: unknown): Accepted {
  if (value === undefined || value === null) return { data: {} };
  const isLink = (link: unknown) =>
    typeof link === 'string' && link.length <= 2_000 && /^https:\/\/[^\s\p{Cc}\p{Cs}]+$/u.test(link);
  if (!Array.isArray(value) || value.length > MAX_LINKS || !value.every(isLink)) {
    return refuse('VALIDATION_FAILED', `links are up to ${MAX_LINKS} addresses that begin with https://.`, {
      field: 'links',
      max: MAX_LINKS,
    });
  }
  return { data: { links: value } };
}

function spoken(terms: Terms, { by, at }: TradeStep, wrote: boolean): Partial<Terms> {
  const { dispute } = terms;
  if (!dispute || !isParty(by)) return {};
  return {
    dispute: {
      ...dispute,
      papers: dispute.papers + 1,
      spoke: first(dispute.spoke, by, at),
      stated: wrote ? first(dispute.stated, by, at) : dispute.stated,
    },
  };
}

function first(when: Record<Party, string | null>, by: Party, at: string): Record<Party, string | null> {
  return { ...when, [by]: when[by] ?? at };
}

function opened(by: Party | 'system', reason: string, at: string): NonNullable<Terms['dispute']> {
  const never = { buyer: null, seller: null };
  return { opened_by: by, reason, spoke: by === 'system' ? never : { ...never, [by]: at }, stated: never, papers: 0 };
}

export const COMMANDS = {
  confirm: {
    rows: [{ from: ['awaiting_payment'], by: ['buyer'], to: 'payment_confirmed' }],
    label: { text: 'I have paid', style: 'success' },
    field: null,
    idle: null,
    takes: nothing,
    changes: unchangedTerms,
    releases: null,
    sentence: 'The buyer says that the payment is made.',
  },
  unconfirm: {
    rows: [{ from: ['payment_confirmed'], by: ['buyer'], to: 'awaiting_payment' }],
    label: { text: 'I have not paid yet', style: 'secondary' },
    field: null,
    idle: ({ terms }) =>
      terms.unconfirmed
        ? refuse('LIMIT_REACHED', 'A confirmation can be taken back once.', { limit: 'unconfirm', max: 1 })
        : null,
    takes: nothing,
    changes: () => ({ unconfirmed: true, cancel_asked_by: null }),
    releases: null,
    sentence: 'The buyer took back that the payment is made.',
  },
  release: {
    rows: [{ from: CONFIRMED, by: ['seller'], to: 'releasing' }],
    label: { text: 'Release', style: 'success' },
    field: null,
    idle: null,
    takes: nothing,
    changes: () => ({ cancel_asked_by: null }),
    releases: () => ALL,
    sentence: 'The seller releases what is held.',
  },
  cancel: {
    rows: [{ from: ['awaiting_payment'], by: ['buyer'], to: 'cancelled' }],
    label: { text: 'Cancel', style: 'danger' },
    field: null,
    idle: null,
    takes: nothing,
    changes: unchangedTerms,
    releases: () => 0,
    sentence: 'The buyer cancelled the trade.',
  },
  request_cancel: {
    rows: [{ from: CONFIRMED, by: PARTIES, to: 'same' }],
    label: { text: 'Ask to call it off', style: 'secondary' },
    field: null,
    idle: ({ terms: { cancel_asked_by, cancel_asks } }, by) => {
      if (cancel_asked_by === by) return null;
      if (cancel_asked_by !== null) {
        return refuse('CONFLICT', 'The other side asks to call it off already: agree to it.', {
          agree: 'agree_cancel',
        });
      }
      return cancel_asks < MAX_ASKS
        ? null
        : refuse('LIMIT_REACHED', `A trade can be asked to be called off ${MAX_ASKS} times.`, {
            limit: 'request_cancel',
            max: MAX_ASKS,
          });
    },
    takes: ({ terms }, { by }) => (terms.cancel_asked_by === by ? { unchanged: true } : { data: {} }),
    changes: ({ cancel_asks }, { by }) => ({ cancel_asked_by: by as Party, cancel_asks: cancel_asks + 1 }),
    releases: null,
    sentence: 'One side asks to call the trade off.',
  },
  withdraw_cancel: {
    rows: [{ from: CONFIRMED, by: PARTIES, to: 'same' }],
    label: { text: 'Go on after all', style: 'secondary' },
    field: null,
    idle: ({ terms }, by) =>
      terms.cancel_asked_by === by ? null : refuse('CONFLICT', 'You have not asked to call it off.'),
    takes: nothing,
    changes: () => ({ cancel_asked_by: null }),
    releases: null,
    sentence: 'The request to call it off was taken back.',
  },
  agree_cancel: {
    rows: [{ from: CONFIRMED, by: PARTIES, to: 'cancelled' }],
    label: { text: 'Agree to call it off', style: 'warning' },
    field: null,
    idle: ({ terms }, by) =>
      terms.cancel_asked_by !== null && terms.cancel_asked_by !== by
        ? null
        : refuse('CONFLICT', 'The other side has not asked to call it off.'),
    takes: nothing,
    changes: unchangedTerms,
    releases: () => 0,
    sentence: 'Both sides called the trade off.',
  },
  dispute: {
    rows: [{ from: ['payment_confirmed'], by: PARTIES, to: 'disputed' }],
    label: { text: 'Open a dispute', style: 'secondary' },
    field: { id: 'reason', placeholder: 'What went wrong', required: true, maxLength: 2_000 },
    idle: null,
    takes: (_, { data }) => {
      const accepted = readText(data, 'reason', 2_000);
      if (!('data' in accepted)) return accepted;
      const read = readOptionalText(data, 'evidence', 5_000);
      if (!('data' in read)) return read;
      const { evidence } = read.data;
      return { data: { ...accepted.data, ...(evidence !== undefined && { text: evidence }) } };
    },
    changes: (_, { by, at, data }) => ({ dispute: opened(by as Party, data.reason ?? '', at) }),
    releases: null,
    sentence: 'A dispute was opened.',
  },
  evidence: {
    ...paper('Add evidence', 'What shows it: receipts, references, pictures'),
    rows: [{ from: ['disputed'], by: PARTIES, to: 'same' }],
    changes: (terms, step) => spoken(terms, step, false),
    releases: null,
    sentence: 'Evidence was added.',
  },
  statement: {
    ...paper('Write a statement', 'Your side of it'),
    rows: [{ from: ['disputed'], by: PARTIES, to: 'same' }],
    changes: (terms, step) => spoken(terms, step, true),
    releases: null,
    sentence: 'A statement was written.',
  },
  resolve: {
    rows: [{ from: ['disputed'], by: ['admin'], to: 'releasing' }],
    label: { text: 'Rule', style: 'primary' },
    field: { id: 'reason', placeholder: 'Why', required: true, maxLength: 2_000 },
    idle: null,
    takes: (_, { data }) => {
      const percent = readPercent(data, 'release_percent');
      if (!('data' in percent)) return percent;
      const reason = readText(data, 'reason', 2_000);
      return 'data' in reason ? { data: { ...percent.data, ...reason.data } } : reason;
    },
    changes: (_, { by, data }) => ({
      ruling: { release_percent: data.release_percent ?? 0, reason: data.reason ?? '', by },
    }),
    releases: ({ data }) => data.release_percent ?? 0,
    sentence: 'An administrator ruled on the dispute.',
  },
  expire: {
    ...nobody,
    rows: [
      { from: ['awaiting_payment'], by: ['system'], to: 'expired' },
      { from: ['payment_confirmed'], by: ['system'], to: 'disputed' },
      { from: ['disputed'], by: ['system'], to: 'releasing' },
    ],
    takes: (trade) => {
      if (trade.state !== 'disputed') return { data: {} };
      const { release_percent, reason } = verdictOf(trade);
      return { data: { release_percent, reason } };
    },
    changes: (_, { from, at, data }) =>
      from === 'payment_confirmed'
        ? { dispute: opened('system', 'The seller was silent.', at) }
        : from === 'disputed'
          ? { ruling: { release_percent: data.release_percent ?? 0, reason: data.reason ?? '', by: 'system' } }
          : {},
    releases: ({ from, data }) =>
      from === 'disputed' ? (data.release_percent ?? 0) : from === 'awaiting_payment' ? 0 : null,
    sentence: 'The time was up.',
  },
  asset_released: {
    ...nobody,
    rows: [{ from: ['releasing'], by: ['system'], to: 'released' }],
    takes: asGiven,
    changes: unchangedTerms,
    releases: null,
    sentence: 'The buyer has what was held.',
  },
  asset_split: {
    ...nobody,
    rows: [{ from: ['releasing'], by: ['system'], to: 'split' }],
    takes: asGiven,
    changes: unchangedTerms,
    releases: null,
    sentence: 'Both sides have their part of what was held.',
  },
  asset_returned: {
    ...nobody,
    rows: [
      { from: ['releasing'], by: ['system'], to: 'refunded' },
      { from: ['cancelled', 'expired'], by: ['system'], to: 'same' },
    ],
    takes: asGiven,
    changes: unchangedTerms,
    releases: null,
    sentence: 'The seller has back what was held.',
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

export function entryOf(on: string): CommandEntry | null {
  return Object.hasOwn(COMMANDS, on) ? COMMANDS[on as CommandName] : null;
}

/** What stands in the way of a command that the table allows; null where nothing does. */
export function hindrance(process: Parameters<typeof asTrade>[0], on: string, by: string) {
  return entryOf(on)?.idle?.(asTrade(process), by) ?? null;
}
