/** Lengths of time as people agree on them, and instants that many later. */

/** A year: longer than any process waits for one answer, short enough for every timer. */
export const MAX_DURATION_MS = 366 * 24 * 3_600_000;
export const MIN_DURATION_MS = 1_000;

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

/** Whether people may agree on it: a duration from a second to a year. */
export function isDuration(text: string): boolean {
  const ms = durationMs(text);
  return ms !== null && ms >= MIN_DURATION_MS && ms <= MAX_DURATION_MS;
}

/** The instant a duration after another, ISO. The duration was checked when it was agreed on. */
export function after(instant: string, ...durations: string[]): string {
  const ms = durations.reduce((sum, text) => sum + (durationMs(text) ?? 0), Date.parse(instant));
  return new Date(ms).toISOString();
}

/** The instant a duration before another, ISO. */
export function before(instant: string, duration: string): string {
  return new Date(Date.parse(instant) - (durationMs(duration) ?? 0)).toISOString();
}

/** The later of two instants. */
export function later(one: string, other: string): string {
  return one > other ? one : other;
}
