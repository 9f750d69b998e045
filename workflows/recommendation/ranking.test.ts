import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange, PER_CREATOR, WINDOW } from './arranging.ts';
import { LEARNING } from './factorise.ts';
import { DAY_MS, weightOf } from './feedback.ts';
import { createModel, type Item } from './model.ts';
import { bestOf, rank } from './ranking.ts';
import { tasteOf } from './taste.ts';

const NOW = Date.parse('2026-03-01T00:00:00.000Z');
const item = (id: string, labels: string[], more: Partial<Item> = {}): Item => ({
  ...{ id, creatorId: `by ${id}`, labels, popularity: 1, createdAt: NOW - 30 * DAY_MS },
  ...more,
});
const signal = (itemId: string, more = {}) => ({
  deed: 'liked' as const,
  part: 1,
  at: NOW,
  itemId,
  labels: [],
  ...more,
});

describe('what is done says', () => {
  test('nothing of what was watched for less than 30 % of it, and more the more was watched', () => {
    expect(weightOf('watched', 0.299)).toBe(0);
    expect(weightOf('watched', 0.3)).toBeCloseTo(0.3);
    expect(weightOf('watched', 2)).toBe(1);
    expect(weightOf('liked', 1)).toBeGreaterThan(weightOf('watched', 1));
    expect(tasteOf([signal('a', { deed: 'watched', part: 0.2 })], NOW).items.size).toBe(0);
  });

  test('less the longer ago it was', () => {
    const weight = (at: number) => tasteOf([signal('a', { at })], NOW).items.get('a')?.weight;
    expect(weight(NOW - 60 * DAY_MS)).toBeCloseTo(1);
    expect(weight(NOW)).toBe(2);
    expect(weight(NOW + DAY_MS)).toBe(2);
  });
});

describe('by what things are about', () => {
  const model = createModel(
    [item('old', ['category:dance']), item('a', ['category:news']), item('b', ['category:dance'], { popularity: 0 })],
    { blend: 'content', factors: null, learning: LEARNING },
  );

  test('what is about the same as something liked comes before what is about something else', () => {
    const { scores } = rank(model, tasteOf([signal('old')], NOW), NOW);
    expect(scores[2]).toBeGreaterThan(0.9);
    const label = { itemId: null, labels: ['category:news'], deed: 'followed' as const };
    const others = rank(model, tasteOf([signal('x', label)], NOW), NOW);
    expect(others.partsOf(1).content).toBe(1);
    expect(others.partsOf(2).content).toBe(0);
  });

  test('something that the model has not seen yet is ranked by its labels at once', () => {
    const ranking = rank(model, tasteOf([signal('old')], NOW), NOW);
    const fresh = ranking.partsOfNew(item('new', ['category:dance'], { createdAt: NOW }));
    const other = ranking.partsOfNew(item('new', ['category:news'], { createdAt: NOW }));
    expect(fresh.fresh).toBe(1);
    expect(ranking.scoreOf(fresh)).toBeGreaterThan(ranking.scoreOf(other));
  });

  test('what was said for the first time after the model was made counts too', () => {
    const yodel = { labels: ['category:yodelling'] };
    const ranking = rank(model, tasteOf([signal('newer', yodel)], NOW), NOW);
    expect(ranking.partsOfNew(item('new', ['category:yodelling'])).content).toBe(1);
    expect(ranking.partsOfNew(item('new', ['category:humming'])).content).toBe(0);
  });

  test('of whom nothing is known, what is popular comes first', () => {
    const popular = createModel([item('a', ['x']), item('b', ['x'], { popularity: 9 })], {
      ...{ blend: 'blended' as const, factors: null, learning: LEARNING },
    });
    expect(bestOf(rank(popular, tasteOf([], NOW), NOW).scores, 2)).toEqual([1, 0]);
  });
});

test('the best are those that sorting all would find', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 0, max: 12 }), (numbers, wanted) => {
      const all = numbers.map((_, place) => place).filter((place) => place % 3 !== 0);
      all.sort((one, other) => (numbers[other] as number) - (numbers[one] as number) || one - other);
      expect(bestOf(Float64Array.from(numbers), wanted, (place) => place % 3 === 0)).toEqual(all.slice(0, wanted));
    }),
  );
});

describe('a list', () => {
  test('has at most three of one creator in any twenty over its pages, nothing twice, and explores', () => {
    const one = fc.record({ id: fc.nat(200), creator: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 150 }), fc.integer({ min: 1, max: 30 }), (drawn, limit) => {
        const ranked = drawn.map(({ id, creator }) => ({ id: `${id}`, creatorId: `${creator}` }));
        const shown: { id: string; creatorId: string }[] = [];
        for (let page = 0; page < 4; page += 1) {
          shown.push(...arrange(ranked, [{ id: `new ${page}`, creatorId: 'n' }], { limit, before: shown }));
        }
        expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length);
        for (let from = 0; from < shown.length; from += 1) {
          const window = shown.slice(from, from + WINDOW);
          for (const { creatorId } of window) {
            expect(window.filter((each) => each.creatorId === creatorId).length).toBeLessThanOrEqual(PER_CREATOR);
          }
        }
      }),
    );
  });

  test('has something that hardly anybody has seen at the seventh place', () => {
    const ranked = Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, creatorId: `${n}` }));
    const page = arrange(ranked, [{ id: 'unknown', creatorId: 'u' }], { limit: 10, before: [] });
    expect(page.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '5', 'unknown', '6', '7', '8']);
  });
});
