import { expect, test } from 'vitest';
import { described } from './log.ts';

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
