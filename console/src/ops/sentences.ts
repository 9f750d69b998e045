import { words } from '../machine/words.ts';
import { formatAmount, fromPaise } from '../money/amounts.ts';

type Facts = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

const MINOR = '_minor';
/** Of other assets amounts are told in their smallest unit, as that is not the same for all. */
const IN_HUNDREDTHS = new Set(['INR', 'USD']);

/** What a task is about, as rows to read: amounts in their currency, nothing that only a program reads. */
export function rowsOf(facts: Facts): [name: string, value: string][] {
  const currency = text(facts.currency) || text(facts.asset) || 'INR';
  return Object.entries(facts).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || name === 'currency') return [];
    if (name.endsWith(MINOR) && IN_HUNDREDTHS.has(currency))
      return [[words(name.slice(0, -MINOR.length)), formatAmount(fromPaise(Number(value)), currency)]];
    if (name === 'why' || name === 'opened_by') return [[words(name), words(text(value)).toLowerCase()]];
    if (typeof value === 'object') return rowsOf(value as Facts);
    return [[words(name), String(value)]];
  });
}

/** What was decided, as a sentence, with the reason that was given. */
export function decisionSentence(decision: Facts): string {
  const data = (decision.data ?? decision) as Facts;
  const reason = text(data.reason);
  return `${decided(decision, data)}${reason ? ` “${reason}”` : ''}`;
}

/** What an administrator decided that is no ruling, by what it is called. */
const DECIDED: Readonly<Record<string, string>> = {
  approve: 'Approved.',
  reject: 'Rejected.',
  refund: 'Refunded to whoever paid.',
  retry: 'It is tried again.',
  settle: 'Settled by hand.',
  go_on: 'It goes on all the same.',
  dismiss: 'Dismissed.',
};

function decided(decision: Facts, data: Facts): string {
  const command = text(decision.command ?? decision.decision);
  const share =
    typeof data.release_percent === 'number' ? `${data.release_percent} % released, the rest given back.` : null;
  if (command === 'concede_dispute')
    return data.release_percent === 100 ? 'The brand owner conceded.' : 'The influencer conceded.';
  if (command === 'expire') return share ? `Nobody ruled in time: ${share}` : 'Nobody decided in time.';
  if (share) return `Ruled: ${share}`;
  return DECIDED[command] ?? (decision.outcome ? `Settled: ${text(decision.outcome)}.` : 'It has settled itself.');
}

type Noted = { kind: 'note' | 'claim' | 'unclaim' | 'decision' | 'opened_anew'; data: Facts };

/** What was said about a task, or done with it, as a sentence. */
export function noteSentence({ kind, data }: Noted): string {
  if (kind === 'note') return text(data.text);
  if (kind === 'claim') return 'Taken up.';
  if (kind === 'unclaim') return 'Laid down.';
  return kind === 'decision' ? decisionSentence(data) : 'Something was heard later: it is open again.';
}
