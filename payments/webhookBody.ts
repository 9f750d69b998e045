import { MAX_MINOR } from '#workflows/money.ts';
import { WebhookRejected } from './provider.ts';

/**
 * How adapters read a signed body: narrow about what is stored and booked, blind to fields we do not know. Every
 * function throws WebhookRejected (malformed) and names the field.
 */
export type Part = Readonly<Record<string, unknown>>;

/** The whole body, an object. */
export function readBody(rawBody: Buffer): Part {
  return readText(textOf(rawBody), (text) => JSON.parse(text));
}

/** The same with every number as the text it was written in: for providers that write money as 5000.5. */
export function readExactBody(rawBody: Buffer): Part {
  return readExact(textOf(rawBody));
}

/** What readExactBody reads, from text. */
export function readExact(text: string): Part {
  return readText(text, (json) => JSON.parse(json, asWritten as Parameters<typeof JSON.parse>[1]));
}

function asWritten(_name: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined ? source : value;
}

function textOf(rawBody: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
  } catch {
    throw new WebhookRejected('malformed', 'the body is not UTF-8');
  }
}

function readText(text: string, parse: (text: string) => unknown): Part {
  let json: unknown;
  try {
    json = parse(text);
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

/** What a word is to us, by a table of those we know; undefined for any other, and where it is no word. */
export function meaningAt<T>(table: Readonly<Record<string, T>>, parent: Part, name: string): T | undefined {
  const word = parent[name];
  return typeof word === 'string' && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** A text or number as text, "" for anything else. */
export function wordAt(parent: Part, name: string): string {
  const value = parent[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Unix seconds before the year 10000, as ISO. */
export function instantAt(parent: Part, name: string): string {
  const value = parent[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 253_402_300_799) {
    return new Date(value * 1000).toISOString();
  }
  return unreadable(name, 'is not a time in unix seconds');
}

/** The same, null where it is absent, null or zero. */
export function maybeInstantAt(parent: Part, name: string): string | null {
  return parent[name] ? instantAt(parent, name) : null;
}

/** ISO 8601 with a zone, e.g. "2026-03-01T08:00:00Z", as providers write it; as ISO in UTC. */
export function isoAt(parent: Part, name: string): string {
  const value = parent[name];
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/.test(value)) {
    const at = new Date(value);
    if (!Number.isNaN(at.getTime()) && at.getTime() >= 0) return at.toISOString();
  }
  return unreadable(name, 'is not a time');
}

export function maybeIsoAt(parent: Part, name: string): string | null {
  return parent[name] ? isoAt(parent, name) : null;
}

/** The objects of a list; none where it is absent or null. */
export function partsAt(parent: Part, name: string): Part[] {
  const value = parent[name] ?? [];
  return Array.isArray(value) && value.every(isPart) ? value : unreadable(name, 'is not a list of objects');
}

/**
 * Minor units as a decimal string, from a major amount that was written as decimal text, e.g. "5000.50" INR. Digits
 * beyond the currency's, other than zeros, are malformed: a payment was never rounded.
 */
export function majorAt(parent: Part, name: string, decimals: number): string {
  const { whole, fraction } = decimalAt(parent, name);
  if (/[1-9]/.test(fraction.slice(decimals))) return unreadable(name, `has more than ${decimals} decimals`);
  return minorOf(name, whole, fraction.slice(0, decimals).padEnd(decimals, '0'));
}

/** The same with what is beyond the currency's digits cut off: for amounts that a provider worked out by a rate. */
export function majorRoundedDownAt(parent: Part, name: string, decimals: number): string {
  const { whole, fraction } = decimalAt(parent, name);
  return minorOf(name, whole, fraction.slice(0, decimals).padEnd(decimals, '0'));
}

/** Decimal text with all its digits. */
export function decimalTextAt(parent: Part, name: string): string {
  const { whole, fraction } = decimalAt(parent, name);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function decimalAt(parent: Part, name: string): { whole: string; fraction: string } {
  const value = parent[name];
  const match = typeof value === 'string' ? /^(\d{1,16})(?:\.(\d{1,30}))?$/.exec(value) : null;
  if (!match) return unreadable(name, 'is not a decimal amount');
  return { whole: match[1] ?? '', fraction: match[2] ?? '' };
}

function minorOf(name: string, whole: string, fraction: string): string {
  const units = BigInt(whole + fraction);
  return units <= MAX_MINOR ? units.toString() : unreadable(name, 'is out of range');
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
