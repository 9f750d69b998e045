/** Which boards a gift counts on, and which places of one are looked at. Weeks begin on Monday, 00:00 UTC. */

export const SCOPES = ['global', 'weekly', 'stream', 'season'] as const;
export type Scope = (typeof SCOPES)[number];
export const BOARD_KINDS = ['senders', 'creators'] as const;
export type BoardKind = (typeof BOARD_KINDS)[number];

const DAY_MS = 24 * 3_600_000;

/** The Monday of an instant's week, as a day: 2026-11-23. */
export function weekOf(now: string): string {
  const ms = Date.parse(now);
  const sinceMonday = (new Date(ms).getUTCDay() + 6) % 7;
  return new Date(ms - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

/** The season of an instant, a quarter of a year: 2026-Q4. */
export function seasonOf(now: string): string {
  const at = new Date(now);
  return `${at.getUTCFullYear()}-Q${Math.floor(at.getUTCMonth() / 3) + 1}`;
}

/** The season that was over last at an instant. */
export function seasonBefore(now: string): string {
  const at = new Date(now);
  const begins = Date.UTC(at.getUTCFullYear(), Math.floor(at.getUTCMonth() / 3) * 3);
  return seasonOf(new Date(begins - 1).toISOString());
}

/** A board's name, as its rows have it. `streamId` of the scope `stream`. */
export function boardOf(scope: Scope, kind: BoardKind, at: { now: string; streamId: string | null }): string {
  const of = { global: 'all', weekly: weekOf(at.now), season: seasonOf(at.now), stream: at.streamId ?? 'none' }[scope];
  return `${scope}:${of}:${kind}`;
}

export const seasonBoard = (season: string, kind: BoardKind) => `season:${season}:${kind}`;

/** Where a window of `limit` places begins that has the one at `place` (from 0) in its middle, of `total`. */
export function windowAround(place: number, limit: number, total: number): number {
  return Math.max(0, Math.min(place - Math.floor(limit / 2), total - limit));
}
