import { execFileSync } from 'node:child_process';
import { cpus, platform, release, totalmem } from 'node:os';
import { number, table } from '../realtime/report.ts';
import type { Waiting } from './backlog.ts';
import type { Bounds, Carried } from './carrying.ts';
import { ALL, allOf, type Costs } from './costs.ts';
import type { CountName, Used } from './counters.ts';
import type { Effect } from './effects.ts';
import type { Held } from './holding.ts';
import { ACTS, type Act, DOMAINS, MIX } from './mix.ts';
import { refusalsOf, sumOf } from './tallies.ts';

/** What was measured, as the text of results.md. */

export type Results = {
  command: string;
  quick: boolean;
  seconds: number;
  syncMs: number;
  load: { began: string; ended: string };
  people: number;
  said: readonly string[];
  bounds: Bounds;
  /** Null where the factor was given. */
  carried: Carried | null;
  held: Held;
  /** The factor of the runs for costs. */
  most: number;
  costs: Costs;
  end: { ms: number; left: Waiting; broken: readonly string[]; sentences: readonly string[]; closed: number };
};

const KB = 1_024;
const cores = ({ cpu, seconds }: Used) => allOf(cpu) / 1_000 / seconds;
const within = ({ each, within: off }: Effect, digits = 1, by = 1) =>
  `${number(each / by, digits)} ± ${number(off / by, digits)}`;

export function report(results: Results): string {
  return [
    '# A day',
    '',
    ...machine(results),
    '',
    ...carriedText(results),
    ...heldText(results),
    ...costText(results),
    ...domainText(results),
    ...endText(results),
  ].join('\n');
}

function machine({ command, quick, seconds, syncMs, load, people, said, held }: Results): string[] {
  const [processor] = cpus();
  const others = held.used.others / 1_000 / held.used.seconds;
  return [
    `Written by \`${command}\` at ${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}: ${cpus().length} cores (${processor?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}, Node ${process.version}; ${Math.round(seconds)} s in all. 8 KiB are on this disk, synced, after ${number(syncMs, 2)} ms.`,
    '',
    `Load when it began ${load.began}, when it ended ${load.ended} (1, 5 and 15 minutes). In the long stretch others used ${number(others, 2)} of the ${cpus().length} cores, and those who played ${number((held.used.cpu.players ?? 0) / 1_000 / held.used.seconds, 2)}.${others > 0.1 * cpus().length ? ' **That is too much: CPU of one act says more than what is carried, and a quiet machine says more than this.**' : ''}${quick ? ' **This is the quick form: it says that everything works, and little of what it costs.**' : ''}`,
    '',
    `One API, one worker, Postgres with synced writes, Temporal on SQLite, Redis${held.used.cpu.rabbitmq === undefined ? '' : ', RabbitMQ'}; ${people} people, each with a socket that stays connected. ${said.join(' ')}`.trim(),
  ];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function carriedText({ carried, bounds, held }: Results): string[] {
  if (carried === null) return ['## What is carried', '', `The factor was given: ${number(held.factor, 2)}.`, ''];
  const rows = carried.steps.map(({ factor, sum, used, waits, tooMuch }) => [
    ...[number(factor, 2), number(sum.due / used.seconds), number(sum.answered / used.seconds)],
    ...[number(sum.p50), number(sum.p99), String(sum.refused + sum.leftOut)],
    ...[
      `${number(waits.ms, 0)} (${waits.name})`,
      number(cores(used), 2),
      number(used.others / 1_000 / used.seconds, 2),
    ],
    tooMuch ?? 'carried',
  ]);
  const step = carried.steps.findLast(({ factor, tooMuch }) => factor === carried.factor && tooMuch === null);
  return [
    '## What is carried',
    '',
    `Carried is what has a p99 of answers of ${bounds.p99} ms at most, refuses no more than one in a thousand and a tenth of any one act, and lets nothing that was taken on wait for more than ${bounds.late / 1_000} s. Acts come when they are due, whether or not those before are answered, and times count from then. What was too much was tried twice.`,
    '',
    ...table(
      [
        ...['factor', 'due a second', 'answered', 'p50 ms', 'p99 ms', 'refused'],
        ...['waits longest, ms', 'cores', 'cores of others', ''],
      ],
      rows,
    ),
    step
      ? `**${number(step.sum.answered / step.used.seconds, 0)} acts a second are carried**, at a factor of ${number(step.factor, 2)}, with ${number(cores(step.used), 2)} cores.`
      : '**Nothing was carried**, at any factor that was tried.',
    '',
  ];
}

function heldText({ held }: Results): string[] {
  const { factor, tallies, used, stretches, memory } = held;
  const acts = ACTS.map((act) => {
    const sum = sumOf(tallies, [act]);
    return [
      ...[act, MIX[act].domain, MIX[act].what, number(factor * MIX[act].perSecond, 2), String(sum.due)],
      ...[String(sum.answered), refusalsOf(tallies, [act]) || '–', number(sum.p50), number(sum.p99)],
    ];
  });
  const all = sumOf(tallies);
  const minutes = stretches.map(({ sum, used: spent, waits }, n) => [
    ...[
      String(n + 1),
      number(spent.seconds, 0),
      number(sum.answered / spent.seconds),
      number(sum.p50),
      number(sum.p99),
    ],
    ...[
      `${number(waits.ms, 0)} (${waits.name})`,
      number(cores(spent), 2),
      number(spent.others / 1_000 / spent.seconds, 2),
    ],
  ]);
  const parts = Object.keys(used.cpu).map((part) => [
    part,
    number((used.cpu[part] ?? 0) / 1_000 / used.seconds, 2),
    number((used.cpu[part] ?? 0) / all.answered, 2),
    number(memory.before[part] ?? Number.NaN, 0),
    number(memory.after[part] ?? Number.NaN, 0),
  ]);
  const { counts } = used;
  const each = (name: CountName, by = 1) => number(counts[name] / all.answered / by, 2);
  return [
    `## ${number(held.seconds / 60)} minutes at a factor of ${number(factor, 2)}`,
    '',
    ...table(['act', 'of', 'what one is', 'a second', 'due', 'answered', 'refused', 'p50 ms', 'p99 ms'], acts),
    `All together: ${all.due} due, ${all.answered} answered (${number(all.answered / used.seconds)} a second), ${all.refused} refused and ${all.leftOut} left out, p50 ${number(all.p50)} ms, p99 ${number(all.p99)} ms, on ${number(cores(used), 2)} cores.`,
    '',
    ...table(
      ['minute', 's', 'answered a second', 'p50 ms', 'p99 ms', 'waits longest, ms', 'cores', 'cores of others'],
      minutes,
    ),
    ...table(['process', 'cores', 'ms an act', 'MB before', 'MB after'], parts),
    `An act is, on the average of this mix, ${each('transactions')} transactions, ${each('rows written')} rows and ${each('WAL bytes', KB)} KB of log in Postgres, of which ${each('database bytes', KB)} KB stay; ${each('Signals')} Signals with ${each('steps told')} steps, ${each('workflow tasks')} workflow tasks, ${each('activities')} activities and ${each('Temporal’s store bytes', KB)} KB in Temporal's store; ${each('Redis commands')} commands and ${each('Redis bytes out', KB)} KB out of Redis; ${each('socket events')} events and ${each('socket bytes', KB)} KB to sockets.`,
    '',
  ];
}

function costText({ costs, most }: Results): string[] {
  const parts = Object.keys(costs.cpu).filter((part) => part !== ALL && part !== 'players');
  const of = (part: string, act: Act) => (costs.cpu[part] as Record<Act, Effect>)[act];
  const counted: [CountName, string, number, number][] = [
    ['WAL bytes', 'log KB', KB, 1],
    ['database bytes', 'kept KB', KB, 1],
    ['transactions', 'transactions', 1, 1],
    ['rows written', 'rows', 1, 1],
    ['Signals', 'Signals', 1, 2],
    ['workflow tasks', 'workflow tasks', 1, 2],
    ['Redis commands', 'Redis commands', 1, 1],
    ['socket events', 'socket events', 1, 1],
  ];
  const none = costs.none[ALL] as Effect;
  return [
    '## What one more of each costs',
    '',
    `${costs.runs.length} runs of ${number(costs.runs[0]?.used.seconds ?? Number.NaN, 0)} s at the rates of a factor of ${number(most, 2)}, in each of which half of the acts are left out, each time another half (Plackett and Burman's plan, and the same the other way round); what each is answerable for is by least squares over all runs, ± what nineteen of twenty are within. An act's cost is all that comes of it, while it is played: workflows, relays, other people's sockets.`,
    '',
    'CPU in ms an act, of all processes and by process:',
    '',
    ...table(
      ['act', 'all', ...parts],
      ACTS.map((act) => [act, within(of(ALL, act)), ...parts.map((part) => within(of(part, act), 2))]),
    ),
    `With nobody doing anything and everybody connected: ${within(none, 0)} ms a second (${parts.map((part) => `${part} ${number(costs.none[part]?.each ?? Number.NaN, 0)}`).join(', ')}).`,
    '',
    'What else an act comes to:',
    '',
    ...table(
      ['act', ...counted.map(([, head]) => head)],
      ACTS.map((act) => [act, ...counted.map(([name, , by, digits]) => within(costs.counts[name][act], digits, by))]),
    ),
  ];
}

function domainText({ costs, held }: Results): string[] {
  const { tallies, used } = held;
  const whole = allOf(used.cpu) / used.seconds;
  const all = costs.cpu[ALL] as Record<Act, Effect>;
  const rows = DOMAINS.map((domain) => {
    const acts = ACTS.filter((act) => MIX[act].domain === domain);
    const rate = (act: Act) => tallies[act].answered / used.seconds;
    const ms = acts.reduce((sum, act) => sum + rate(act) * (all[act].each || 0), 0);
    const off = Math.sqrt(acts.reduce((sum, act) => sum + (rate(act) * (all[act].within || 0)) ** 2, 0));
    return { domain, ms, off };
  });
  const none = costs.none[ALL] as Effect;
  const rest = whole - none.each - rows.reduce((sum, { ms }) => sum + ms, 0);
  const line = (name: string, ms: number, off: number | null) => [
    ...[name, `${number(ms / 1_000, 3)}${off === null ? '' : ` ± ${number(off / 1_000, 3)}`}`],
    `${number((100 * ms) / whole, 0)} %`,
  ];
  return [
    '## Where CPU goes by domain',
    '',
    `Of the ${number(whole / 1_000, 2)} cores of the long stretch, by what one act costs and how many there were:`,
    '',
    ...table(
      ['domain', 'cores', 'share'],
      [
        ...rows.map(({ domain, ms, off }) => line(domain, ms, off)),
        line('nobody: what runs by itself', none.each, none.within),
        line('what the costs do not come to', rest, null),
      ],
    ),
  ];
}

function endText({ end }: Results): string[] {
  const left = Object.entries(end.left).filter(([, { many }]) => many > 0);
  return [
    '## At the end',
    '',
    `All that was taken on was done ${number(end.ms / 1_000)} s after the last act${left.length === 0 ? '' : `, but for ${left.map(([name, { many }]) => `${many} ${name}`).join(', ')}`}. Invariants that were broken: ${end.broken.join(', ') || 'none'}. Sockets that were closed: ${end.closed}.`,
    ...(end.sentences.length === 0
      ? []
      : ['', 'Of what was refused, the first:', '', ...end.sentences.map((each) => `- ${each}`)]),
    '',
  ];
}
