/**
 * Months as a subscription counts them, in UTC: always from the day it began, at that time of day, so that what began on
 * the 31st of January is renewed on the 28th of February and then on the 31st of March.
 */

/** The instant so many months after another; the last day of the month where it has no such day. */
export function monthsAfter(began: string, months: number): string {
  const first = new Date(began);
  const [year, month, day] = [first.getUTCFullYear(), first.getUTCMonth() + months, first.getUTCDate()];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const midnight = new Date(began);
  midnight.setUTCHours(0, 0, 0, 0);
  return new Date(Date.UTC(year, month, Math.min(day, last)) + (first.getTime() - midnight.getTime())).toISOString();
}

/**
 * How many months of it are begun at an instant, at least `paid` and one more: the month that whoever renews it now pays
 * for. Months that went by while nobody could renew it are not paid for afterwards.
 */
export function monthToPay(began: string, paid: number, now: string): number {
  const [from, at] = [new Date(began), new Date(now)];
  const whole = (at.getUTCFullYear() - from.getUTCFullYear()) * 12 + at.getUTCMonth() - from.getUTCMonth();
  // One less than the calendar says, as its day may not have come; then on to the first that ends after now.
  let month = Math.max(paid + 1, whole);
  while (monthsAfter(began, month) <= now) month += 1;
  return month;
}
