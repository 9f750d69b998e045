import { expect, test } from 'vitest';
import { Receipts } from './receipts.ts';

function opened() {
  const asked: number[] = [];
  const took: number[] = [];
  const may = { ask: true };
  const receipts = new Receipts(
    (seq) => may.ask && asked.push(seq) > 0,
    (seq) => took.push(seq),
  );
  return { receipts, asked, took, may };
}
/** Until what was put off to the end of this turn is done. */
const soon = () => Promise.resolve();

test('what is sent in one go is asked about together, and what was answered is taken', async () => {
  const { receipts, asked, took } = opened();
  for (const seq of [4, 5, 6]) receipts.sent(seq);
  expect(asked).toEqual([]);
  await soon();
  expect(asked).toEqual([6]);
  receipts.answered(6);
  expect(took).toEqual([6]);
});

test('one question at a time, the next no sooner than in a second, and nothing is asked where nothing came', async () => {
  const { receipts, asked, took } = opened();
  receipts.sent(1);
  await soon();
  receipts.sent(2);
  receipts.look(performance.now() + 5_000);
  expect(asked).toEqual([1]);
  receipts.answered(1);
  expect(took).toEqual([1]);
  receipts.look(performance.now());
  expect(asked).toEqual([1]);
  receipts.look(performance.now() + 1_001);
  expect(asked).toEqual([1, 2]);
  receipts.answered(2);
  receipts.look(performance.now() + 10_000);
  expect(asked).toEqual([1, 2]);
});

test('an answer that nobody asked for takes nothing, and an answer counts once', async () => {
  const { receipts, took } = opened();
  receipts.answered(9);
  receipts.sent(9);
  receipts.answered(9);
  await soon();
  receipts.answered(10);
  expect(took).toEqual([]);
  receipts.answered(9);
  receipts.answered(9);
  expect(took).toEqual([9]);
});

test('who cannot be asked now is asked a second later', async () => {
  const { receipts, asked, may } = opened();
  may.ask = false;
  receipts.sent(3);
  await soon();
  may.ask = true;
  receipts.look(performance.now() + 1_001);
  expect(asked).toEqual([3]);
});
