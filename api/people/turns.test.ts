import { expect, test } from 'vitest';
import { Failure } from '#workflows/failures.ts';
import { createTurns } from './turns.ts';

const LIMITS = { atOnce: 2, waiting: { account: 5, address: 8, all: 12 } };

/** Work that ends when it is told to. */
function bench() {
  const inTurn = createTurns(LIMITS);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const refused: string[] = [];
  const give = (account: string, address: string) => {
    const name = `${account}@${address}`;
    const given = inTurn({ account, address }, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.push(() => resolve(name)));
    });
    return given.catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      refused.push(error.code);
      return error.code;
    });
  };
  const endOne = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { give, begun, refused, endOne };
}

test('a few run at once, the rest wait, and each gets what its own work gave', async () => {
  const { give, begun, endOne } = bench();
  const all = ['a', 'b', 'c', 'd'].map((account) => give(account, 'one'));
  await new Promise(setImmediate);
  expect(begun).toEqual(['a@one', 'b@one']);
  for (let at = 0; at < 4; at++) await endOne();
  expect(await Promise.all(all)).toEqual(['a@one', 'b@one', 'c@one', 'd@one']);
});

test('who sends many from one address waits behind himself: the next from elsewhere is the next but one', async () => {
  const { give, begun, endOne } = bench();
  for (let at = 0; at < 10; at++) void give(`a${at}`, 'crowd');
  void give('victim', 'elsewhere');
  for (let at = 0; at < 3; at++) await endOne();
  expect(begun.indexOf('victim@elsewhere')).toBeLessThanOrEqual(3);
});

test('more of one account than may wait are refused, and of others none is', async () => {
  const { give, refused, endOne } = bench();
  const many = Array.from({ length: 20 }, (_, at) => give('asha', `address${at}`));
  const other = give('ravi', 'elsewhere');
  await new Promise(setImmediate);
  expect(refused).toEqual(Array(13).fill('RATE_LIMITED'));
  for (let at = 0; at < 8; at++) await endOne();
  expect(await other).toBe('ravi@elsewhere');
  await Promise.all(many);
});

test('more of one address than may wait are refused, and so is who comes when all places are taken', async () => {
  const { give, refused } = bench();
  for (let at = 0; at < 12; at++) void give(`a${at}`, 'crowd');
  await new Promise(setImmediate);
  expect(refused).toEqual(Array(2).fill('RATE_LIMITED'));
  for (let at = 0; at < 4; at++) void give(`b${at}`, `address${at}`);
  void give('late', 'elsewhere');
  await new Promise(setImmediate);
  expect(refused.slice(2)).toEqual(['UNAVAILABLE']);
});

test('work that fails gives its turn on', async () => {
  const inTurn = createTurns({ ...LIMITS, atOnce: 1 });
  const who = { account: 'a', address: 'b' };
  const fails = inTurn(who, () => Promise.reject(new Error('broken')));
  const works = inTurn(who, async () => 'done');
  await expect(fails).rejects.toThrow('broken');
  expect(await works).toBe('done');
});
