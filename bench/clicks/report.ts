import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Followed, Following } from './follow.ts';
import type { Idle, Watched } from './idle.ts';
import { LANES, middle, type Plan, type Row, ratio } from './measure.ts';
import { median } from './numbers.ts';
import type { Measured } from './variant.ts';
import { ALONE, BY_HAND, LIMIT, OURS, PEERS } from './variants.ts';

/** What was measured, as the text of results.md. */

/** A section is left out where it was not measured. */
export type Results = {
  plan: Plan;
  /** The whole run. */
  seconds: number;
  syncMs: number;
  durability: string[];
  clicks?: Row[];
  following?: Following;
  idle?: Idle;
};

/** With more of the machine in others' hands, latencies say little. */
const BUSY = 0.1;

const p50 = (measured: Measured) => measured.p50;
const perSecond = (measured: Measured) => measured.perSecond;

export function report(results: Results): string {
  const { clicks, following, idle } = results;
  return [
    '# Measured',
    '',
    ...machine(results),
    '',
    '## Targets',
    '',
    ...(clicks ? clickTargets(clicks) : []),
    ...(following ? followTargets(following) : []),
    ...(idle ? idleTargets(idle) : []),
    '',
    ...(clicks ? clickTables(clicks) : []),
    ...(following ? followTable(following) : []),
    ...(idle ? idleTable(idle) : []),
  ].join('\n');
}

function machine({ clicks = [], plan, seconds, syncMs, durability }: Results): string[] {
  const others = clicks.flatMap((row) => row.rounds.map((round) => round.others));
  const [processor] = cpus();
  return [
    `${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}. ${cpus().length} cores (${processor?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()} ${arch()}, Node ${process.version}.`,
    `${plan.rounds} rounds of ${plan.ms / 1_000} s after ${plan.warmMs / 1_000} s of warm-up each, ${Math.round(seconds)} s in all.`,
    ...(others.length > 0
      ? [
          `While clicks were measured, others used ${number(median(others))} of the ${cpus().length} cores (at most ${number(Math.max(...others))}).${median(others) > BUSY * cpus().length ? ' **That is too much: measure again on a quiet machine.**' : ''}`,
        ]
      : []),
    `8 KiB are on this disk, synced, after ${number(syncMs)} ms.`,
    '',
    ...[...new Set(durability)].map((line) => `- ${line}`),
  ];
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

function rowOf(rows: readonly Row[], variant: string, lanes: number): Row {
  const row = rows.find((each) => each.variant === variant && each.lanes === lanes);
  if (!row) throw new Error(`${variant} was not measured at ${lanes}`);
  return row;
}

function target(passed: boolean, what: string, found: string): string {
  return `- ${passed ? '✓' : '✗'} ${what}: ${found}`;
}

function clickTargets(rows: readonly Row[]): string[] {
  const ahead = LANES.flatMap((lanes) => {
    const ours = rowOf(rows, OURS, lanes);
    return PEERS.map((peer) => {
      const row = rowOf(rows, peer, lanes);
      const [slower, fewer] = [ratio(row, ours, p50), ratio(row, ours, perSecond)];
      const found = `its p50 is ${number(slower)} ×, its clicks a second ${number(fewer)} ×`;
      return target(slower > 1 && fewer < 1, `ahead of ${peer} at ${lanes}`, found);
    });
  });
  const near = LANES.map((lanes) => {
    const times = ratio(rowOf(rows, ALONE, lanes), rowOf(rows, LIMIT, lanes), p50);
    return target(times <= 2, `at most 2 × the hand-rolled p50 at ${lanes}`, `${number(times)} ×`);
  });
  const alike = LANES.map(
    (lanes) => `${number(ratio(rowOf(rows, ALONE, lanes), rowOf(rows, BY_HAND, lanes), p50))} × at ${lanes}`,
  );
  return [
    ...ahead,
    ...near,
    `- beside a transaction that writes the same rows by hand, its p50 is ${alike.join(', ')}`,
  ];
}

function followTargets({ paced, pressed, heard }: Following): string[] {
  return [
    target(
      paced.evolved.p99 <= 1_000,
      'workflows evolved within 1 s (p99) at 300 clicks/s',
      `${number(paced.evolved.p99)} ms at ${number(paced.perSecond)} clicks/s`,
    ),
    target(pressed.drained <= 10_000, 'drained within 10 s of clicking without pause', `${number(pressed.drained)} ms`),
    target(heard.changed <= 5, "on the other's socket within 5 ms of the answer (p50)", `${number(heard.changed)} ms`),
  ];
}

function idleTargets({ deals, none, open }: Idle): string[] {
  const more = (open.cpu.all ?? 0) - (none.cpu.all ?? 0);
  return [target(more <= 2, `${deals} open deals cost at most 2 % of a core`, `${number(more)} %`)];
}

function clickTables(rows: readonly Row[]): string[] {
  return [
    '## A guarded click on a waiting deal',
    '',
    'Latency in ms; × is a ratio to Tandem, the function with everything running; CPU in ms a click of all processes',
    'together; syncs are those of the whole machine.',
    '',
    ...LANES.flatMap((lanes) => [`### ${lanes} ${lanes === 1 ? 'deal' : 'deals'}`, '', ...clickTable(rows, lanes), '']),
  ];
}

function clickTable(rows: readonly Row[], lanes: number): string[] {
  const ours = rowOf(rows, OURS, lanes);
  return table(
    ['', 'p50', '×', 'p99', 'clicks/s', '×', 'CPU', 'of it', 'syncs a click'],
    rows
      .filter((row) => row.lanes === lanes)
      .map((row) => {
        const flushes = middle(row, (round) => round.flushes ?? Number.NaN);
        return [
          row.variant,
          number(middle(row, p50)),
          number(ratio(row, ours, p50)),
          number(middle(row, (round) => round.p99)),
          number(middle(row, perSecond)),
          number(ratio(row, ours, perSecond)),
          number(middle(row, (round) => round.cpu.all ?? Number.NaN)),
          cpuParts(row),
          Number.isNaN(flushes) ? '?' : number(flushes),
        ];
      }),
  );
}

function cpuParts(row: Row): string {
  const names = Object.keys(row.rounds[0]?.cpu ?? {}).filter((name) => name !== 'all');
  return names
    .map((name) => [name, middle(row, (round) => round.cpu[name] ?? 0)] as const)
    .filter(([, ms]) => ms >= 0.005)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, ms]) => `${name} ${number(ms)}`)
    .join(', ');
}

function followTable({ paced, pressed, heard }: Following): string[] {
  const row = (name: string, each: Followed) => [
    name,
    number(each.perSecond),
    `${number(each.answered.p50)} / ${number(each.answered.p99)}`,
    `${number(each.evolved.p50)} / ${number(each.evolved.p99)} / ${number(each.evolved.max)}`,
    String(each.behind),
    number(each.drained),
    Object.entries(each.cpu)
      .toSorted(([, one], [, other]) => other - one)
      .map(([name, cores]) => `${name} ${number(cores)}`)
      .join(', '),
    number(each.others),
  ];
  return [
    '## What follows a click',
    '',
    'Over HTTP, 64 deals. Evolved: from a step’s instant to its workflow having evolved through it. All in ms, CPU in cores.',
    '',
    ...table(
      [
        '',
        'clicks/s',
        'answered p50 / p99',
        'evolved p50 / p99 / max',
        'steps behind at the end',
        'drained after',
        'CPU',
        'others',
      ],
      [row('paced', paced), row('without pause', pressed)],
    ),
    '',
    `On the other side's socket: \`conversation_state_changed\` ${number(heard.changed)} ms after the clicker had the answer (p50 of ${heard.clicks} clicks, each answered after ${number(heard.answered)} ms), the click's last event after ${number(heard.last)} ms.`,
    '',
  ];
}

function idleTable({ deals, seconds, none, open }: Idle): string[] {
  const rows = (of: (watched: Watched) => Record<string, number>) =>
    Object.entries(of(open)).map(([name, much]) => {
      const before = of(none)[name] ?? 0;
      return [name, number(before), number(much), number(much - before)];
    });
  const head = ['', 'no deal', `${deals} open deals`, 'more'];
  return [
    '## Idle',
    '',
    `CPU in per cent of a core over ${seconds} s.`,
    '',
    ...table(
      head,
      rows(({ cpu }) => cpu),
    ),
    '',
    'Memory in MB.',
    '',
    ...table(
      head,
      rows(({ memory }) => memory),
    ),
    '',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(Math.max(1, width - 1))}:`));
  return [line(head), line(rule), ...rows.map(line)];
}

/** Three digits that count. */
function number(value: number): string {
  if (Number.isNaN(value)) return '?';
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
