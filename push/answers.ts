/** How an HTTP answer of a push service is read. */
import type { PushAnswer } from './service.ts';

/** For a service that asks for more patience than this, it is asked again then. */
const LONGEST_MS = 6 * 3_600_000;
/** Of what a service says, so much is kept. */
const WORDS = 300;

/** `Retry-After` in seconds or as a date → ms from now; null where it says nothing that can be read. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, ms), LONGEST_MS);
}

export function saidBy(status: number, text: string): string {
  const words = text.replaceAll(/\s+/g, ' ').trim().slice(0, WORDS);
  return words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
}

/** What every service means by these; null where a status is its own to explain. */
export function commonAnswer(response: Response, text: string, now: number): PushAnswer | null {
  const { status } = response;
  if (status === 429 || status >= 500) {
    const afterMs = retryAfterMs(response.headers.get('retry-after'), now);
    return { outcome: 'later', why: saidBy(status, text), afterMs };
  }
  return null;
}

/** The line failed: whether the message arrived is not known. */
export function lineFailed(error: unknown): PushAnswer {
  const why = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return { outcome: 'later', why: `no answer: ${why}${cause}`.slice(0, WORDS), afterMs: null };
}
