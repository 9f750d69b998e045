/** What a deal's commands bring with them beside what those of all kinds may: prices and work. */
import { emptyText, readOptionalText, readPercent, readText, wrongText } from '../../process/intake.ts';
import { type Accepted, type Circumstances, type Command, refuse } from '../../process/machine.ts';
import { showsNothing } from '../../text.ts';
import { PRICE_EXPECTED, parsePrice } from '../price.ts';
import type { Deal, DealData, Terms } from '../terms.ts';
import type { CommandEntry } from './entry.ts';

type Intake = CommandEntry['takes'];

export function text(key: string, max: number): Intake {
  return (_, { data }) => readText(data, key, max);
}

export function optionalText(key: string, max: number): Intake {
  return (_, { data }) => readOptionalText(data, key, max);
}

export const price: Intake = (_, { data }) => readPrice(data);

/** An acceptance of the price that stands, named or not. */
export function agreement(standing: (terms: Terms) => string): Intake {
  return ({ terms }, { data }, { feeBps }) => {
    const stands = standing(terms);
    if (data.price !== undefined && data.price !== null) {
      const named = readPrice(data);
      if (!('data' in named)) return named;
      if (named.data.price !== stands) {
        return refuse('OFFER_STALE', 'The offer has changed since you saw it.', {
          standing_price_minor: stands,
          sent_price_minor: named.data.price,
        });
      }
    }
    return { data: { price: stands, fee_bps: feeBps } };
  };
}

const WORK_MAX = 5_000;

/** A submission: what was made, and what there is to say about it. */
export function work(_: Deal, { data }: Command, { now }: Circumstances): Accepted {
  if (data.deliverables === undefined || data.deliverables === null) return { missing: 'work' };
  const taken: Record<string, string> = {};
  for (const key of ['deliverables', 'description', 'submission_notes']) {
    const value = data[key] ?? '';
    const wrong = wrongText(key, value, WORK_MAX);
    if (wrong) return wrong;
    taken[key] = (value as string).trim();
    if (key === 'deliverables' && showsNothing(value as string)) return emptyText(key);
  }
  const { deliverables = '', description = '', submission_notes = '' } = taken;
  const made: DealData['work'] = { deliverables, description, submission_notes, submitted_at: now };
  return { data: { work: made } };
}

/** How much of what is held is released, and why. */
export function ruling(_: Deal, { data }: Command): Accepted {
  const percent = readPercent(data, 'release_percent');
  if ('missing' in percent) return { missing: 'reason' };
  if (!('data' in percent)) return percent;
  const reason = readText(data, 'reason', 2_000);
  return 'data' in reason ? { data: { ...percent.data, ...reason.data } } : reason;
}

function readPrice({ price: value }: Command['data']): Accepted {
  if (value === undefined || value === null) return { missing: 'price' };
  const paise = typeof value === 'string' || typeof value === 'number' ? parsePrice(value) : null;
  if (paise === null) return refuse('VALIDATION_FAILED', PRICE_EXPECTED, { field: 'price', expected: PRICE_EXPECTED });
  return { data: { price: paise.toString() } };
}
