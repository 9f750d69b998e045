/** Days in a row, by the clock on somebody's own wall. */

const DAY_MS = 86_400_000;
const calendars = new Map<string, Intl.DateTimeFormat>();

/** The day (YYYY-MM-DD) that it is in a zone. */
export function localDay(at: string, zone: string): string {
  let calendar = calendars.get(zone);
  if (!calendar) {
    calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    calendars.set(zone, calendar);
  }
  return calendar.format(Date.parse(at));
}

export type Streak = { days: number; longest: number; lastDay: string | null };

/**
 * A streak after somebody came by on a day. A calendar's days are counted and not hours, so a day of 23 or 25 hours is one
 * day; who flies west and has a day twice has it once.
 */
export function streakOn(before: Streak, today: string): Streak {
  const { days, longest, lastDay } = before;
  if (lastDay !== null && today <= lastDay) return before;
  const goesOn = lastDay !== null && Date.parse(today) - Date.parse(lastDay) === DAY_MS;
  const now = goesOn ? days + 1 : 1;
  return { days: now, longest: Math.max(longest, now), lastDay: today };
}

/** What it stands at when nobody came by since: nothing, once a whole day was missed. */
export function streakAt({ days, lastDay }: Streak, today: string): number {
  if (lastDay === null) return 0;
  return Date.parse(today) - Date.parse(lastDay) <= DAY_MS ? days : 0;
}
