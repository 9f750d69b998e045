/** What commands of any kind bring with them, checked and put into one form. */
import { isLongerThan, isStorable, showsNothing } from '../text.ts';
import { type Accepted, type Command, refuse } from './machine.ts';

type Data = Command['data'];

/** Nothing, whatever is sent. */
export function nothing(): Accepted {
  return { data: {} };
}

/** Ours: the transaction that books the fact or moves the money says what it was. */
export function asGiven(_process: unknown, { data }: Pick<Command, 'data'>): Accepted {
  return { data };
}

/** A text that shows something, in at most `max` characters as people see them. */
export function readText(data: Data, key: string, max: number): Accepted {
  const value = data[key];
  if (value === undefined || value === null) return { missing: key };
  const wrong = wrongText(key, value, max);
  if (wrong) return wrong;
  return showsNothing(value as string) ? emptyText(key) : { data: { [key]: (value as string).trim() } };
}

/** The same, which may be left out or empty: then it is no part of the step. */
export function readOptionalText(data: Data, key: string, max: number): Accepted {
  const accepted = readText(data, key, max);
  const value = data[key];
  const isEmpty = typeof value === 'string' && showsNothing(value);
  return 'missing' in accepted || (isEmpty && !wrongText(key, value, max)) ? { data: {} } : accepted;
}

/** A whole number from 0 to 100. */
export function readPercent(data: Data, key: string): Accepted {
  const percent = data[key];
  if (percent === undefined || percent === null) return { missing: key };
  if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100) {
    return refuse('VALIDATION_FAILED', `${key} is a whole number from 0 to 100.`, { field: key });
  }
  // JSON has a zero with a minus, which would not come back from where it is kept.
  return { data: { [key]: Math.abs(percent) } };
}

/** What is wrong with a value as a text, but for showing nothing; null where nothing is. */
export function wrongText(key: string, value: unknown, max: number): ReturnType<typeof refuse> | null {
  if (typeof value !== 'string') return refuse('VALIDATION_FAILED', `${key} is a text.`, { field: key });
  if (!isStorable(value)) {
    return refuse('VALIDATION_FAILED', `${key} has a character that is none.`, { field: key });
  }
  return isLongerThan(value.trim(), max)
    ? refuse('VALIDATION_FAILED', `${key} has at most ${max} characters.`, { field: key, max })
    : null;
}

export function emptyText(key: string): ReturnType<typeof refuse> {
  return refuse('VALIDATION_FAILED', `${key} must not be empty.`, { field: key });
}
