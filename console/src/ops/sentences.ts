import { words } from '../machine/words.ts';
import { formatAmount, fromPaise } from '../money/amounts.ts';

type Facts = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** What a task is about, as rows to read: amounts in their currency, nothing that only a program reads. */
export function rowsOf(facts: Facts): [name: string, value: string][] {
  const currency = text(facts.currency) || 'INR';
  return Object.entries(facts).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || name === 'currency') return [];
    if (name === 'amount_minor') return [['Amount', formatAmount(fromPaise(Number(value)), currency)]];
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

function decided(decision: Facts, data: Facts): string {
  const share = `${text(data.release_percent)} % released to the influencer, the rest back to the brand owner.`;
  switch (decision.command ?? decision.decision) {
    case 'resolve_dispute':
    case 'rule':
      return `Ruled: ${share}`;
    case 'expire':
      return `Nobody ruled in time: ${share}`;
    case 'concede_dispute':
      return data.release_percent === 100 ? 'The brand owner conceded.' : 'The influencer conceded.';
    case 'refund':
      return 'Refunded to whoever paid.';
    case 'retry':
      return 'The refund is tried again.';
    case 'dismiss':
      return 'Dismissed.';
    default:
      return decision.outcome ? `Settled: ${text(decision.outcome)}.` : 'It has settled itself.';
  }
}
