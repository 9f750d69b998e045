import { createHmac, timingSafeEqual } from 'node:crypto';
import { type WebhookHeaders, WebhookRejected } from './provider.ts';

/** How far a signed instant may lie from ours, either way: a delivery is signed when it is sent. */
const REPLAY_WINDOW_SECONDS = 300;

/** Several `v1=` are sent while a secret is rotated; more than this is no provider's doing. */
const MAX_SIGNATURES = 10;

/** Hex HMAC-SHA256 of the parts, one after the other. */
export function hmacHex(secret: string, ...parts: (string | Buffer)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Whether one of the given signatures is one of the expected; takes as long for a near miss as for a far one. */
export function anyMatches(given: string[], expected: string[]): boolean {
  let found = false;
  for (const signature of given) {
    const bytes = Buffer.from(signature, 'utf8');
    for (const candidate of expected) {
      const wanted = Buffer.from(candidate, 'utf8');
      // Lengths are public: every right signature is 64 hex digits.
      if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) found = true;
    }
  }
  return found;
}

/** `t=<unix seconds>,v1=<hex>` over "t.body": the form of the sandbox, and of Stripe. */
export function signTimestamped(secret: string, body: string | Buffer, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${hmacHex(secret, `${seconds}.`, body)}`;
}

/**
 * Checks a `t=…,v1=…` header against any of the secrets and the instant against both sides of the window. The
 * signature is judged first, so that an unsigned caller learns nothing about clocks. Throws WebhookRejected.
 */
export function verifyTimestamped(header: string, rawBody: Buffer, secrets: string[], now: Date): void {
  const instants: string[] = [];
  const signatures: string[] = [];
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (name === 't') instants.push(value);
    if (name === 'v1') signatures.push(value);
  }
  const [instant] = instants;
  if (instant === undefined || instants.length > 1 || !/^\d{1,12}$/.test(instant)) {
    throw new WebhookRejected('signature', 'the signature header names no single instant');
  }
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) {
    throw new WebhookRejected('signature', `the signature header carries ${signatures.length} signatures`);
  }
  const expected = secrets.map((secret) => hmacHex(secret, `${instant}.`, rawBody));
  if (!anyMatches(signatures, expected)) throw new WebhookRejected('signature', 'no signature of ours');
  const away = Number(instant) - now.getTime() / 1000;
  if (Math.abs(away) > REPLAY_WINDOW_SECONDS) {
    throw new WebhookRejected('timestamp', `signed ${Math.round(Math.abs(away))} s ${away < 0 ? 'ago' : 'ahead'}`);
  }
}

/**
 * Checks the instant that a signed body names itself against how long its provider tries, and a little into the future.
 * Throws WebhookRejected.
 */
export function verifyAge(occurredAt: string, now: Date, oldestSeconds: number): void {
  const age = (now.getTime() - Date.parse(occurredAt)) / 1000;
  if (age <= oldestSeconds && age >= -REPLAY_WINDOW_SECONDS) return;
  throw new WebhookRejected('timestamp', `it is of ${occurredAt.slice(0, 40)}`);
}

/** One header's value; a header that is missing or sent twice signs nothing. Throws WebhookRejected. */
export function singleHeader(headers: WebhookHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') {
    throw new WebhookRejected(
      'signature',
      `${name} is ${value === undefined || value === '' ? 'missing' : 'repeated'}`,
    );
  }
  return value;
}
