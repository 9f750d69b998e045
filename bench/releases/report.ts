import { cpus, loadavg, totalmem } from 'node:os';
import type { Finding } from '../reliability/finding.ts';
import type { Rolled } from './rolling.ts';

/** What was found last, as `results.md` keeps it. */
export function resultsOf(
  findings: readonly Finding[],
  rolled: readonly Rolled[],
  { before, today, seconds }: { before: string; today: string; seconds: number },
): string {
  const [processor] = cpus();
  const second = (ms: number) => (ms / 1_000).toFixed(1);
  return [
    '# Two releases side by side',
    '',
    'Written by `npm run releases`: a release is rolled forward, back and forward again under load. A load above the number of cores says that others were at work on the machine.',
    '',
    `${new Date().toISOString().slice(0, 16)}Z; the release before is commit ${before}${before === today ? ', which is this one under another build id' : `, this one ${today}`}; all given within ${seconds} s; load ${loadavg()[1]?.toFixed(0)} over five minutes on ${cpus().length} cores (${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}).`,
    '',
    ...table(
      ['', 'what', 'found'],
      findings.map(({ holds, what, now }) => [holds ? '✓' : '✗', what, now]),
    ),
    '',
    ...table(
      ['at, s', 'brought to their ends', 'what', 'took, s'],
      rolled.map(({ at, given, what, ms }) => [second(at), String(given), what, second(ms)]),
    ),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly string[][]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
