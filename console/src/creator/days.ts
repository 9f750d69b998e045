const DAY = 24 * 60 * 60_000;
/** As many as can be told apart beside each other. */
const AT_MOST = 30;

/**
 * The latest days, one after the other: what is told of those on which something was, and null for those between. Days
 * are as the API has them, "2026-11-28", in whatever order.
 */
export function dayByDay<Told extends { day: string }>(told: readonly Told[]): { day: string; of: Told | null }[] {
  const known = new Map(told.map((each) => [each.day, each]));
  const instants = told.map(({ day }) => Date.parse(day));
  const last = Math.max(...instants);
  const first = Math.max(Math.min(...instants), last - (AT_MOST - 1) * DAY);
  const days = [];
  for (let at = first; at <= last; at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push({ day, of: known.get(day) ?? null });
  }
  return days;
}
