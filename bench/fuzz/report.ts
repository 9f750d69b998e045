import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../journeys/fuzzing/report.ts';
import { conditions, tableOf } from '../reliability/report.ts';
import type { Memory } from './memory.ts';

/** What came out, in words and as `results.md` keeps it. */

const RESULTS = fileURLToPath(new URL('./results.md', import.meta.url));

export type Found = {
  asked: { requests: number; frames: number; seed: number; atOnce: number };
  report: Report;
  memory: readonly Memory[];
  seconds: number;
};

export function linesOf({ report, memory, seconds }: Found): string[] {
  return [
    `${report.requests()} requests and ${report.sent()} frames within ${Math.round(seconds)} s`,
    ...tableOf(rowsOf('requests', report.byManner)),
    ...tableOf(rowsOf('frames', report.frames)),
    ...memory.map(({ part, warmMb, lastMb }) => `${part}: ${warmMb} MB when warm, ${lastMb} MB in the end`),
    ...report.missed().map((name) => `never asked: ${name}`),
    ...report.faults().map(({ what, example, times }) => `✗ ${times} × ${what}\n    ${example}`),
  ];
}

export function keep(found: Found): void {
  const { asked, report, memory, seconds } = found;
  const how = `\`--requests ${asked.requests} --frames ${asked.frames} --seed ${asked.seed} --at-once ${asked.atOnce}\``;
  const faults = report.faults();
  const text = [
    '# Requests and frames made from the documents',
    '',
    'Written by `npm run fuzz:documents`: to every route of the OpenAPI document and every command of the AsyncAPI document at both doors; fitting, nearly fitting, hostile, and without a good token; with ids of others, by strangers and, one request in ten, by an administrator. Each answer is held to its documented status and schema; what is private of two victims is looked for in each; what they have, the books and the health of the API are looked at in the end.',
    '',
    conditions(how, seconds),
    '',
    `${report.requests()} requests and ${report.sent()} frames: ${faults.length === 0 ? 'no fault' : `${faults.length} sorts of faults`}, ${report.missed().length} routes never asked.`,
    '',
    '## Requests by how they were made and how they were answered',
    '',
    ...tableOf(rowsOf('', report.byManner)),
    '',
    '## Frames by door and answer',
    '',
    ...tableOf(rowsOf('', report.frames)),
    '',
    '## Memory',
    '',
    ...tableOf([
      ['', 'process', 'warm (second fifth of the time)', 'in the end (last fifth)'],
      ...memory.map(({ part, warmMb, lastMb, isFlat }) => [isFlat ? '✓' : '✗', part, `${warmMb} MB`, `${lastMb} MB`]),
    ]),
    ...(faults.length === 0 ? [] : ['', '## Faults', '', ...faults.map(({ what, times }) => `* ${times} × ${what}`)]),
  ];
  writeFileSync(RESULTS, `${text.join('\n')}\n`);
}

function rowsOf(name: string, counts: ReadonlyMap<string, ReadonlyMap<string, number>>): string[][] {
  const columns = [...new Set([...counts.values()].flatMap((row) => [...row.keys()]))].sort();
  const rows = [...counts].map(([row, all]) => [row, ...columns.map((column) => String(all.get(column) ?? 0))]);
  return [[name, ...columns], ...rows];
}
