import { describe, expect, test } from 'vitest';
import { MOST } from '#db/trading/writer.ts';
import { Failure } from '#workflows/failures.ts';
import { Trouble } from './trouble.ts';

const wrong = new RangeError('is no whole number');
const slow = new Failure('UNAVAILABLE', 'The database did not answer in time.');
const away = new Failure('UNAVAILABLE', 'The database is away.', {
  cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
});
const lost = Object.assign(new Error('the book of BTC-USD is another’s'), { code: 'TD010' });

/** How often a batch fails until the command that is next is given up; null where it never is. */
function failuresUntilGivenUp(trouble: Trouble, error: unknown): number | null {
  for (let many = 1; many <= 100; many++) {
    trouble.failed(error, 0);
    if (trouble.givenUp) return many;
  }
  return null;
}

describe('a batch that cannot be written', () => {
  test('is made smaller until one command is alone, which is given up when it fails alone', () => {
    const trouble = new Trouble();
    const limits: number[] = [];
    while (trouble.limit > 1) {
      trouble.failed(wrong, 0);
      limits.push(trouble.limit);
      expect(trouble.givenUp).toBeNull();
    }
    expect([MOST, ...limits]).toEqual([256, 64, 16, 4, 1]);
    expect(failuresUntilGivenUp(trouble, wrong)).toBe(3);
    expect(trouble.givenUp?.why).toBe('is no whole number');
  });

  test('may be larger again with each that is written, and it is forgotten when all is well', () => {
    const trouble = new Trouble();
    while (trouble.limit > 1) trouble.failed(wrong, 0);
    const wells = Array.from({ length: 8 }, () => trouble.worked());
    expect(wells).toEqual([false, false, false, false, false, false, false, true]);
    expect(trouble.limit).toBe(MOST);
  });

  test('is tried longer where it may be the moment, and for ever where the database is away or the book another’s', () => {
    const narrowed = 4;
    expect(failuresUntilGivenUp(new Trouble(), wrong)).toBe(narrowed + 3);
    expect(failuresUntilGivenUp(new Trouble(), slow)).toBe(narrowed + 20);
    expect(failuresUntilGivenUp(new Trouble(), away)).toBeNull();
    expect(failuresUntilGivenUp(new Trouble(), lost)).toBeNull();
  });

  test('is tried at once at first, and seldom in the end', () => {
    const trouble = new Trouble();
    const pauses = Array.from({ length: 16 }, () => trouble.failed(slow, 1_000));
    expect(pauses.slice(0, 5)).toEqual([20, 20, 20, 20, 20]);
    expect(pauses.at(-1)).toBe(2_000);
    expect([trouble.rests(2_999), trouble.rests(3_000)]).toEqual([true, false]);
  });
});
