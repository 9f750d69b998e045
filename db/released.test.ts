import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { complaintsOf, migrationsToday } from './released.ts';

const RELEASED = new URL('./migrations/released.json', import.meta.url);

test('a migration that was released stays as it was, and those that come are numbered after it', () => {
  const released = JSON.parse(readFileSync(RELEASED, 'utf8'));
  expect(complaintsOf(released, migrationsToday())).toEqual([]);
});

test('whoever changes or takes away a released migration, or puts one before it, is told what to do instead', () => {
  const today = migrationsToday();
  const [first = '', second = '', ...others] = Object.keys(today);
  const last = others.at(-1) ?? '';
  const { [second]: _, ...without } = today;
  expect(
    complaintsOf(today, { ...without, [first]: 'another', '0001_more.sql': 'new', '9999_more.sql': 'new' }),
  ).toEqual([
    `${first} was released and has changed: leave it as it was, and add a migration with a higher number.`,
    `${second} was released and is gone: leave it as it was, and add a migration with a higher number.`,
    `0001_more.sql comes before ${last}, which was released: give it a higher number.`,
  ]);
  expect(complaintsOf(today, { ...today, '9999_more.sql': 'new' })).toEqual([]);
});
