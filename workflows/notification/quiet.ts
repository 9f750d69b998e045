/** Hours in which no device is to make a sound, by the clock on its wall. */
import type { QuietHours } from './preferences.ts';

const MINUTE_MS = 60_000;
/** The longest day there is: one has 25 hours where clocks go back; zones that crossed the date line had more. */
const LONGEST_MINUTES = 49 * 60;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(zone, clock);
  }
  return clock;
}

/** Whether there is such a zone, as `Asia/Kolkata`. */
export function isTimeZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** `HH:MM` on a wall of the zone. */
export function wallTime(at: number, zone: string): string {
  return clockOf(zone).format(at);
}

function isQuiet(at: number, { from, to, time_zone }: QuietHours): boolean {
  const time = wallTime(at, time_zone);
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/**
 * When it is quiet now: the instant (ISO) at which it no longer is; null when it is not. Looked for minute by minute,
 * so that what it says is what the wall's clock says, whichever hour a zone leaves out or has twice that day.
 */
export function quietUntil(hours: QuietHours | null, now: string): string | null {
  if (hours === null || hours.from === hours.to) return null;
  const at = Date.parse(now);
  if (!isQuiet(at, hours)) return null;
  let minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  for (let passed = 0; passed < LONGEST_MINUTES; passed += 1) {
    minute += MINUTE_MS;
    if (!isQuiet(minute, hours)) return new Date(minute).toISOString();
  }
  return null;
}
