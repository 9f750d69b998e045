import { expect, test } from 'vitest';
import { flyingOf, type Given, give, land, NOTHING_SHOWN, type Show } from './show.ts';

function gift(giftId: string, combo: string, count: number): Given {
  return {
    ...{ giftId, code: 'ROSE', quantity: 1, tokens: 5, fromUserId: 'ben', fromHandle: 'ben', streamId: 'stream' },
    ...{ toCreatorId: 'asha', message: null, combo: { id: combo, count }, at: '2026-11-28T12:00:00.000Z' },
  };
}

const shown = (...gifts: Given[]): Show => gifts.reduce(give, NOTHING_SHOWN);
const flies = (show: Show) => flyingOf(show).map(({ giftId }) => giftId);

test('equal gifts that follow each other fly as one, which counts them', () => {
  const show = shown(gift('a', 'a', 1), gift('b', 'a', 2), gift('c', 'c', 1));
  expect(show.given.map(({ giftId, combo }) => [giftId, combo.count])).toEqual([
    ['b', 2],
    ['c', 1],
  ]);
  expect(flies(show)).toEqual(['b', 'c']);
});

test('a gift that is told twice, or after the one that followed it, is shown once', () => {
  const [first, second] = [gift('a', 'a', 1), gift('b', 'a', 2)];
  const show = shown(first, second);
  expect(give(show, second)).toBe(show);
  expect(give(show, first)).toBe(show);
});

test('a combo flies until its last gift has landed', () => {
  const [first, second] = [gift('a', 'a', 1), gift('b', 'a', 2)];
  const show = shown(first, second);
  expect(flies(land(show, first))).toEqual(['b']);
  expect(flies(land(show, second))).toEqual([]);
  expect(land(show, second).given).toHaveLength(1);
});

test('of a shower of gifts no more fly than can be told apart', () => {
  const show = shown(...Array.from({ length: 100 }, (_, n) => gift(`${n}`, `${n}`, 1)));
  expect(flies(show)).toEqual(['92', '93', '94', '95', '96', '97', '98', '99']);
  expect(show.given).toHaveLength(50);
});
