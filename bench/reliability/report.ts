import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';

/** What was found last, part by part, as `results.md` keeps it. */

const RESULTS = fileURLToPath(new URL('./results.md', import.meta.url));

const HEAD = [
  '# What goes wrong, and how it comes right',
  '',
  'Written by `npm run reliability`, each part when it was last run. Before: what the trials found by which the mechanism was changed, on a machine like this one. A load above the number of cores says that others were at work on it.',
  '',
].join('\n');

/** Of one part, with the conditions that it was found under. */
export function sectionOf(
  part: string,
  findings: readonly Finding[],
  run: { isSmall: boolean; seconds: number },
): string {
  return [
    `## ${part}`,
    '',
    conditions(run.isSmall ? 'in small form' : 'in full', run.seconds),
    '',
    ...table(findings),
    '',
  ].join('\n');
}

/** When, of what commit, how, and on what machine something was found. */
export function conditions(how: string, seconds: number): string {
  const [processor] = cpus();
  const machine = `${processor?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  return `${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}, ${how}, within ${Math.round(seconds)} s; load ${loadavg()[1]?.toFixed(0)} over five minutes on ${cpus().length} cores (${machine}).`;
}

/** Keeps what was found of a part in the place of what was found before. */
export function keep(part: string, section: string, parts: readonly string[]): void {
  const before = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '';
  const sections = new Map(
    before.split(/^(?=## )/m).flatMap((text) => {
      const [, name] = /^## (.+)$/m.exec(text) ?? [];
      return name ? [[name, text] as const] : [];
    }),
  );
  sections.set(part, section);
  const found = parts.flatMap((name) => sections.get(name)?.trimEnd() ?? []);
  writeFileSync(RESULTS, `${[HEAD.trimEnd(), ...found].join('\n\n')}\n`);
}

function table(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ what, before, now, holds }) => [holds ? '✓' : '✗', what, before ?? '', now]);
  return tableOf([['', 'what', 'before', 'now'], ...rows]);
}

/** As lines of a document; the first row is its head. */
export function tableOf(all: readonly (readonly string[])[]): string[] {
  const widths = (all[0] ?? []).map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
