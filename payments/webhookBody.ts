import { MAX_MINOR } from '#workflows/money.ts';
import { WebhookRejected } from './provider.ts';

/**
 * How adapters read a signed body: narrow about what is stored and booked, blind to fields we do not know. Every
 * function throws WebhookRejected (malformed) and names the field.
 */
export type Part = Readonly<Record<string, unknown>>;

/** The whole body, an object. */
export function readBody(rawBody: Buffer): Part {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    throw new WebhookRejected('malformed', 'the body is not JSON');
  }
  return isPart(json) ? json : unreadable('the body', 'is not an object');
}

export function partAt(parent: Part, name: string): Part {
  return maybePartAt(parent, name) ?? unreadable(name, 'is missing');
}

/** Null where it is absent or null. */
export function maybePartAt(parent: Part, name: string): Part | null {
  const value = parent[name] ?? null;
  return value === null || isPart(value) ? value : unreadable(name, 'is not an object');
}

/** A provider's id. No spaces or control characters: ids end up in keys, logs and jsonb. */
export function idAt(parent: Part, name: string): string {
  return maybeIdAt(parent, name) ?? unreadable(name, 'is missing');
}

/** Null where it is absent, null or empty. */
export function maybeIdAt(parent: Part, name: string): string | null {
  const value = parent[name] ?? '';
  if (value === '') return null;
  if (typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)) return value;
  return unreadable(name, 'is not an id');
}

/**
 * Minor units as a decimal string, from a whole JSON number or a string of digits. A number beyond 2^53 was rounded
 * on its way, and an amount beyond MAX_MINOR cannot have been paid.
 */
export function amountAt(parent: Part, name: string): string {
  const value = parent[name];
  const whole = typeof value === 'string' ? /^\d{1,16}$/.test(value) : Number.isSafeInteger(value);
  if (!whole) return unreadable(name, 'is not a whole count of minor units');
  const units = BigInt(value as string | number);
  return units >= 0n && units <= MAX_MINOR ? units.toString() : unreadable(name, 'is out of range');
}

/** ISO 4217 in either case, upper case afterwards. It need not be one we have an asset for. */
export function currencyAt(parent: Part, name: string): string {
  const value = parent[name];
  if (typeof value === 'string' && /^[A-Za-z]{3,10}$/.test(value)) return value.toUpperCase();
  return unreadable(name, 'is not a currency');
}

/** Unix seconds before the year 10000, as ISO. */
export function instantAt(parent: Part, name: string): string {
  const value = parent[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 253_402_300_799) {
    return new Date(value * 1000).toISOString();
  }
  return unreadable(name, 'is not a time in unix seconds');
}

/** The longest reason we keep, in code points. */
const MAX_REASON = 500;

/** Text for people: control characters out (Postgres' jsonb takes no NUL), cut to what is kept; null when empty. */
export function reasonText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const clean = value.replace(/\p{Cc}|\p{Cs}/gu, ' ').trim();
  return clean === '' ? null : [...clean].slice(0, MAX_REASON).join('');
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(name: string, what: string): never {
  throw new WebhookRejected('malformed', `${name} ${what}`);
}
