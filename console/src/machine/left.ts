const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long there still is until an instant, in the largest unit of which there are two: "in 13 days", "in 40 h". */
export function leftUntil(at: number, now: number): string {
  const left = at - now;
  if (left <= 0) return 'now due';
  if (left >= 2 * DAY) return `in ${Math.floor(left / DAY)} days`;
  if (left >= 2 * HOUR) return `in ${Math.floor(left / HOUR)} h`;
  if (left >= 2 * MINUTE) return `in ${Math.floor(left / MINUTE)} min`;
  return `in ${Math.ceil(left / 1_000)} s`;
}
