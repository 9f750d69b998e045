import { describe, expect, test } from 'vitest';
import { CONTENDERS, type Contender, evaluate, type Figures, LEAST_ASKED, verdict } from './evaluation.ts';
import { atOnce, learn } from './learning.ts';
import { createLot } from './lot.ts';
import { rank } from './ranking.ts';
import { BEGINNING, plant, WORLD } from './testing/planted.ts';

const SMALL = { ...WORLD, people: 400, items: 240, circles: 6, creators: 24, deeds: 30 };

describe('on a world whose structure was planted', () => {
  const world = plant(SMALL);
  const report = atOnce(evaluate(world, { contenders: CONTENDERS, planted: world.chancesOf }));
  const figures = (name: Contender) => report.by[name] as Figures;

  test('what is learned is surely better than the popular and the random, and no better than what was planted', () => {
    expect(report.people).toBeGreaterThan(LEAST_ASKED);
    expect(figures('blended').ndcg).toBeGreaterThan(figures('popular').ndcg);
    expect(figures('blended').sureness).toBeGreaterThan(2);
    expect(figures('popular').ndcg).toBeGreaterThan(figures('random').ndcg);
    expect(figures('planted').ndcg).toBeGreaterThan(figures('blended').ndcg);
    expect(figures('random').auc).toBeCloseTo(0.5, 1);
    expect(figures('blended').coverage).toBeGreaterThan(figures('popular').coverage);
    expect(verdict(report)).toBe('blended');
  });

  test('what was done after the past had ended is nowhere in what is learned', () => {
    const past = atOnce(learn(world, { until: report.until, blend: 'popular' }));
    const cut = { ...world, deeds: { ...world.deeds, size: 0 } };
    for (let at = 0; at < world.deeds.size; at += 1) {
      if ((world.deeds.times[at] as number) >= report.until) cut.deeds.size += 1;
    }
    expect(cut.deeds.size).toBeGreaterThan(world.deeds.size * 0.15);
    const all = atOnce(learn(world, { until: Number.POSITIVE_INFINITY, blend: 'popular' }));
    const sum = (items: readonly { popularity: number }[]) => items.reduce((total, item) => total + item.popularity, 0);
    expect(sum(past.items)).toBeGreaterThan(0);
    expect(Number.isFinite(sum(all.items))).toBe(true);
  });
});

test.each([1, 2, 3])('of noise nothing is learned that is served (world %i)', (seed) => {
  const noise = plant({ ...SMALL, noise: 1, seed });
  const report = atOnce(evaluate(noise, { contenders: ['popular', 'content', 'blended'] }));
  expect(report.people).toBeGreaterThan(LEAST_ASKED);
  expect(verdict(report)).toBe('popular');
});

test('of too few people nothing is known, however well it would have done', () => {
  const figures = { precision: 1, recall: 1, ndcg: 1, map: 1, auc: 1, coverage: 1, sureness: 9 };
  const report = { until: 0, items: 9, held: 9, by: { blended: figures } };
  expect(verdict({ ...report, people: LEAST_ASKED - 1 })).toBe('popular');
  expect(verdict({ ...report, people: LEAST_ASKED })).toBe('blended');
});

test('of nothing at all a model is made that ranks nothing', () => {
  const empty = plant({ ...SMALL, people: 0, items: 0 });
  const report = atOnce(evaluate(empty, { contenders: ['popular', 'content', 'blended'] }));
  expect(verdict(report)).toBe('popular');
  const model = atOnce(learn(empty, { until: BEGINNING, blend: 'popular' }));
  expect(rank(model, { items: new Map(), labels: new Map() }, BEGINNING).scores).toHaveLength(0);
});

test('chance is the same for the same seed, and even', () => {
  const [one, other] = [createLot(3), createLot(3)];
  const drawn = Array.from({ length: 10_000 }, one);
  expect(drawn).toEqual(Array.from({ length: 10_000 }, other));
  expect(drawn.reduce((sum, each) => sum + each, 0) / drawn.length).toBeCloseTo(0.5, 1);
});
