/**
 * How good what is recommended is, on a world whose structure is planted and so known: lists learned from the older four
 * fifths of what was done, judged by the rest.
 *
 *   npm run recommendations:evaluate [-- --people 2000 --items 1000 --deeds 40 --seed 7 --noise 0.15]
 */
import { parseArgs } from 'node:util';
import { CONTENDERS, evaluate, K, type Report, SURE, verdict } from '#workflows/recommendation/evaluation.ts';
import { atOnce } from '#workflows/recommendation/learning.ts';
import { plant, WORLD, type World } from '#workflows/recommendation/testing/planted.ts';

const { values } = parseArgs({
  options: Object.fromEntries(
    Object.entries(WORLD).map(([name, value]) => [name, { type: 'string' as const, default: String(value) }]),
  ),
});
const world = Object.fromEntries(Object.keys(WORLD).map((name) => [name, Number(values[name])])) as World;
for (const [name, value] of Object.entries(world)) {
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} is no number`);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const WHAT: Record<(typeof CONTENDERS)[number], string> = {
  random: 'chance',
  popular: 'what is popular',
  content: 'what it is about, and what is popular',
  collaborative: 'what people like you like, alone',
  blended: 'all of it, as it is served',
  planted: 'the best there could be: what was planted',
};

judge('A planted world', world);
judge('The same of nothing but chance', { ...world, noise: 1 });

function judge(title: string, of: World): void {
  const planted = plant(of);
  const report = atOnce(evaluate(planted, { contenders: CONTENDERS, planted: planted.chancesOf, seed: of.seed }));
  say(`## ${title}\n`);
  say(
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  say(
    `\n${planted.deeds.size} deeds; learned from those before ${new Date(report.until).toISOString()}, judged by ${report.held} ` +
      `that ${report.people} people did afterwards with what they had not known. The whole catalogue was ranked for each ` +
      `(${report.items} things that were there by then, less what they knew): nothing was sampled.\n`,
  );
  table(report);
  say(
    `\nServed: ${verdict(report)} (what is better than the popular by more than ${SURE} standard errors of NDCG@${K}).\n`,
  );
}

function table({ by }: Report): void {
  const head = [
    'list',
    'by',
    ...['precision', 'recall', 'NDCG', 'MAP'].map((name) => `${name}@${K}`),
    'AUC',
    'coverage',
  ];
  say(`| ${[...head, 'standard errors above the popular'].join(' | ')} |`);
  say(`|${' --- |'.repeat(head.length + 1)}`);
  for (const name of CONTENDERS) {
    const figures = by[name];
    if (!figures) continue;
    const { precision, recall, ndcg, map, auc, coverage, sureness } = figures;
    const numbers = [precision, recall, ndcg, map, auc, coverage].map((each) => each.toFixed(4));
    say(`| ${[name, WHAT[name], ...numbers, sureness.toFixed(1)].join(' | ')} |`);
  }
}
