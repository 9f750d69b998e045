import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// `npm run recommendations:evaluate`, on a world that is small enough to be judged within seconds.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SMALL = { people: 400, items: 240, creators: 24, circles: 6, deeds: 30, seed: 7 };
const COLUMNS = ['precision@10', 'recall@10', 'NDCG@10', 'MAP@10', 'AUC', 'coverage'];
const LISTS = ['random', 'popular', 'content', 'collaborative', 'blended', 'planted'];

type Judged = { title: string; said: string; figures: Record<string, Record<string, number>>; served: string };

/** As the command runs it, after what it installs. */
function evaluate(options: Record<string, string | number>): Promise<{ stdout: string }> {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [, file = ''] = /exec env node (\S+)$/.exec(scripts['recommendations:evaluate']) ?? [];
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return promisify(execFile)(process.execPath, [file, ...args], { cwd: ROOT });
}

function read(text: string): Judged[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = ''] = part.split('\n');
      const [head = [], , ...rows] = part
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        );
      const figures = rows.map(
        ([list = '', ...cells]) =>
          [list, Object.fromEntries(head.slice(1).map((name, at) => [name, Number(cells[at])]))] as const,
      );
      const [, served = ''] = /^Served: (\w+)/m.exec(part) ?? [];
      return { title, said: part, figures: Object.fromEntries(figures), served };
    });
}

test('the evaluation finds what was planted, and nothing where nothing was', async () => {
  const judged = read((await evaluate(SMALL)).stdout);
  expect(judged.map(({ title }) => title)).toEqual(['A planted world', 'The same of nothing but chance']);
  for (const { figures, said } of judged) {
    expect(said).toMatch(
      /\d+ deeds; learned from those before \S+Z, judged by [1-9]\d* that [1-9]\d* people did afterwards/,
    );
    expect(Object.keys(figures)).toEqual(LISTS);
    for (const row of Object.values(figures)) {
      for (const column of COLUMNS) {
        expect(row[column]).toBeGreaterThanOrEqual(0);
        expect(row[column]).toBeLessThanOrEqual(1);
      }
    }
    expect(figures.popular?.['standard errors above the popular']).toBe(0);
  }
  const [planted, chance] = judged;
  for (const column of ['precision@10', 'recall@10', 'NDCG@10'] as const) {
    const inOrder = ['random', 'popular', 'blended', 'planted'].map((list) => planted?.figures[list]?.[column]);
    expect(inOrder, column).toEqual(inOrder.toSorted((one = 0, other = 0) => one - other));
    expect(new Set(inOrder).size, column).toBe(4);
  }
  expect(planted?.figures.blended?.['standard errors above the popular']).toBeGreaterThan(2);
  expect(planted?.figures.blended?.coverage).toBeGreaterThan(planted?.figures.popular?.coverage as number);
  expect([planted?.served, chance?.served]).toEqual(['blended', 'popular']);
});

test('the evaluation of the same world comes to the same, and of another to something else', async () => {
  const [one, again, other] = await Promise.all(
    [SMALL, SMALL, { ...SMALL, seed: 8 }].map(async (world) => (await evaluate(world)).stdout),
  );
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});

test('the evaluation is refused a number that is none, by its name', async () => {
  await expect(evaluate({ ...SMALL, people: 'many' })).rejects.toThrow('--people is no number');
});
