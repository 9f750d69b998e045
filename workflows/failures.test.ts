import { expect, test } from 'vitest';
import { FAILURES, Failure, type FailureCode } from './failures.ts';

const entries = Object.entries(FAILURES) as [FailureCode, (typeof FAILURES)[FailureCode]][];

test('every code is a word for programs, has an HTTP status of an error, and one sentence for people', () => {
  for (const [code, { status, meaning }] of entries) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(meaning, code).toMatch(/^[A-Z].*\.$/);
  }
});

test('the documented codes have the documented statuses', () => {
  expect(Object.fromEntries(entries.map(([code, { status }]) => [code, status]))).toMatchObject({
    VALIDATION_FAILED: 400,
    UNAUTHENTICATED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    FLOW_STATE_INVALID: 409,
    OFFER_STALE: 409,
    LIMIT_REACHED: 409,
    INSUFFICIENT_FUNDS: 409,
    PAYLOAD_TOO_LARGE: 413,
    IDEMPOTENCY_MISMATCH: 422,
    RATE_LIMITED: 429,
    UNAVAILABLE: 503,
  });
});

test('trying again helps where it is our fault or too soon, and nowhere else', () => {
  for (const [code, { status, retry }] of entries) expect(retry, code).toBe(status === 429 || status >= 500);
});

test('a failure carries its public sentence, and what caused it only inside', () => {
  const cause = new Error('password of the database');
  const failure = new Failure('UNAVAILABLE', 'The database is away.', {
    retryAfter: 2,
    cause,
    details: { part: 'postgres' },
  });
  expect(failure).toBeInstanceOf(Error);
  expect(failure).toMatchObject({
    code: 'UNAVAILABLE',
    status: 503,
    retryAfter: 2,
    details: { part: 'postgres' },
    cause,
  });
  expect(JSON.stringify({ ...failure })).not.toContain('password');
  expect(new Failure('NOT_FOUND', 'None.')).toMatchObject({ details: {}, retryAfter: undefined });
});
