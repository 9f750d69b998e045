/** What the two sides of a deal may count on: how long each step may take, and how often they may go round. */

/** ISO 8601 durations, weeks to seconds; months and years have no fixed length and are refused. */
export type Policy = {
  answer_within: string;
  pay_within: string;
  start_within: string;
  deliver_within: string;
  grace: string;
  approve_within: string;
  dispute_within: string;
  default_release_percent: number;
  max_revisions: number;
  max_rounds: number;
};

export const DEFAULT_POLICY: Policy = {
  answer_within: 'P7D',
  pay_within: 'PT24H',
  start_within: 'P7D',
  deliver_within: 'P14D',
  grace: 'P3D',
  approve_within: 'P14D',
  dispute_within: 'P30D',
  default_release_percent: 50,
  max_revisions: 3,
  max_rounds: 5,
};

export const DURATION_KEYS = [
  'answer_within',
  'pay_within',
  'start_within',
  'deliver_within',
  'grace',
  'approve_within',
  'dispute_within',
] as const satisfies readonly (keyof Policy)[];

/** A year: longer than any deal, short enough for every timer. */
export const MAX_DURATION_MS = 366 * 24 * 3_600_000;
export const MIN_DURATION_MS = 1_000;
/** Of revisions and of rounds: what one conversation may hold at most. */
export const MAX_REPEATS = 1_000;

const DURATION = /^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** Durations as they were written, in ms: the same few come again and again. */
const read = new Map<string, number>();
const READ_AT_MOST = 1_000;

/** "PT24H" → 86400000 ms; null when it is not a duration of weeks, days, hours, minutes and seconds. */
export function durationMs(text: string): number | null {
  const known = read.get(text);
  if (known !== undefined) return known;
  const match = DURATION.exec(text);
  if (!match || text === 'P') return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const ms = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
  if (read.size < READ_AT_MOST) read.set(text, ms);
  return ms;
}

/** The instant a duration after another, ISO. The duration was checked when the policy was made. */
export function after(instant: string, ...durations: string[]): string {
  const ms = durations.reduce((sum, text) => sum + (durationMs(text) ?? 0), Date.parse(instant));
  return new Date(ms).toISOString();
}

/** The later of two instants. */
export function later(one: string, other: string): string {
  return one > other ? one : other;
}
