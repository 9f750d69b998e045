import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { described, masked } from './log.ts';

const text = (error: unknown) => JSON.stringify(described(error));

test('an error is told with its name, code and causes, and with nothing else that it carries', () => {
  const cause = Object.assign(new Error('violates unique constraint "users_handle"'), {
    code: '23505',
    constraint: 'users_handle',
    detail: 'Key (handle)=(private) already exists.',
  });
  const error = Object.assign(new Error('A query failed.', { cause }), { sql: 'INSERT', values: ['private'] });
  expect(described(error)).toMatchObject({
    type: 'Error',
    message: 'A query failed.',
    stack: expect.stringMatching(/^ +at .*log\.test/),
    cause: { code: '23505', constraint: 'users_handle', message: expect.stringContaining('users_handle') },
  });
  expect(text(error)).not.toContain('private');
});

test('what could not be read is not quoted', () => {
  const unread = Object.assign(new Error('invalid input syntax for type uuid: "private"'), { code: '22P02' });
  expect(text(new Error('invalid input syntax for type uuid: "private"', { cause: unread }))).not.toContain('private');
  let parsed: unknown;
  try {
    JSON.parse('private, and no JSON');
  } catch (error) {
    parsed = error;
  }
  expect((parsed as Error).message).toContain('private');
  expect(text(parsed)).not.toContain('private');
  expect(text({ private: 'thrown' })).not.toContain('private');
});

test('an error that is its own cause is told of once and for all', () => {
  const error = new Error('round');
  error.cause = error;
  expect(text(error).length).toBeLessThan(20_000);
});

test('what a provider says of somebody is left out of its words, and of its reason', () => {
  const said = 'The VPA asha.rao@okaxis of +91 98765 43210 is not at account 50100123456789 (BAD_REQUEST_ERROR)';
  const refused = Object.assign(new Error(`razorpay: ${said}`), { code: 'BAD_REQUEST_ERROR', reason: said });
  expect(described(refused)).toMatchObject({
    message: 'razorpay: The VPA … of … is not at account … (BAD_REQUEST_ERROR)',
    code: 'BAD_REQUEST_ERROR',
    reason: 'The VPA … of … is not at account … (BAD_REQUEST_ERROR)',
  });
});

test('tokens, secrets of webhooks and passwords in URLs are left out, and ids stay', () => {
  const id = '01931c2e-77aa-7000-8123-123456789012';
  for (const secret of ['eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', 'whsec_MfKQ9r8GKYqrTwjU', 'asha@example.com']) {
    expect(masked(`before ${secret} after`)).toBe('before … after');
  }
  expect(masked('cannot reach postgres://tandem:p4ss@db:5432/tandem')).not.toContain('p4ss');
  expect(masked(`process ${id} of order 41 at 2026-11-29T08:15:57.123Z took 1500 ms`)).toBe(
    `process ${id} of order 41 at 2026-11-29T08:15:57.123Z took 1500 ms`,
  );
  expect(masked(7)).toBe(7);
});

test('what was thrown as words alone is masked as well', () => {
  expect(described('no such payee: asha.rao@okaxis')).toBe('no such payee: …');
});

test('of long words without anything private none are left out, and none cost the square of their length', () => {
  for (const long of ['a'.repeat(250_000), 'eyJa-'.repeat(50_000), '1 '.repeat(4)]) expect(masked(long)).toBe(long);
  expect(masked(`${'a'.repeat(250_000)} asha@example.com`)).toMatch(/a …$/);
});

test('an error is described by whatever name a line has it, as Temporal’s own lines say `error`', async () => {
  const code = `
    const { createLog } = await import(${JSON.stringify(new URL('log.ts', import.meta.url).href)});
    const error = Object.assign(new Error('A query failed.'), { sql: 'INSERT', values: ['private'] });
    const log = createLog('worker', 'debug');
    log.warn({ error }, 'Activity failed');
    log.error({ why: 'no asha@okaxis' }, 'a process calls for an operator');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  const [failed, called] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(failed).toMatchObject({ error: { type: 'Error', message: 'A query failed.' }, msg: 'Activity failed' });
  expect(called).toMatchObject({ why: 'no …' });
  expect(stdout).not.toContain('private');
});
