import { execFileSync } from 'node:child_process';
import { cpus, platform, release, totalmem } from 'node:os';
import type { Clicked } from './click.ts';
import type { FannedOut } from './fanOut.ts';
import type { Away } from './faults.ts';
import type { IdleSocket } from './idle.ts';
import type { Messaged } from './message.ts';
import type { Storm } from './storm.ts';
import { BARE, OURS, OURS_IO, PLAIN, SEEDS, STREAMS } from './variants.ts';

/** What was measured, as the text of results.md. A part is left out where it was not measured. */
export type Results = {
  seconds: number;
  load: number;
  said: string[];
  fanOut: FannedOut[];
  messages: Messaged[];
  idle: IdleSocket[];
  clicks: Clicked[];
  storm: Storm[];
  away: Away[];
};

export const number = (value: number, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [
    `| ${head.join(' | ')} |`,
    `|${' --- |'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ];
}

export function report(results: Results): string {
  return [
    '# Measured',
    '',
    ...machine(results),
    '',
    '## Targets',
    '',
    ...fanOutTargets(results),
    ...idleTargets(results),
    ...clickTargets(results),
    ...stormTargets(results),
    '',
    ...fanOutTable(results),
    ...messageTable(results),
    ...idleTable(results),
    ...clickTable(results),
    ...stormTable(results),
    ...awayText(results),
  ].join('\n');
}

function machine({ seconds, load, said }: Results): string[] {
  const [processor] = cpus();
  return [
    `${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}. ${cpus().length} cores (${processor?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}, Node ${process.version}; ${Math.round(seconds)} s in all.`,
    `Load when it began: ${number(load)}.${load > cpus().length / 2 ? ' **Others were at work on the machine: CPU says more than latency, and a quiet one says more than this.**' : ''}`,
    ...said.map((line) => `- ${line}`),
  ];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function target(what: string, found: number, most: number): string {
  return `- ${found <= most ? '✓' : '✗'} ${what}: ${number(found, 2)} (to reach: at most ${most})`;
}

function fanOutTargets({ fanOut }: Results): string[] {
  const loads = fanOut.filter(({ variant }) => variant === OURS);
  return loads.flatMap(({ sockets, together }) => {
    const of = (variant: string) =>
      fanOut.find((row) => row.variant === variant && row.sockets === sockets && row.together === together);
    const [ours, seeds] = [of(OURS), of(SEEDS)];
    if (!ours || !seeds) return [];
    const load = `in a room of ${sockets}, ${together} at a time, of Socket.IO's`;
    const bare = of(BARE);
    return [
      ...(sockets < 1_000 ? [] : [target(`CPU of a delivery ${load}`, ours.serverUs / seeds.serverUs, 0.25)]),
      ...(sockets < 1_000 || !bare ? [] : [`  - of socket.write alone: ${number(ours.serverUs / bare.serverUs, 2)}`]),
      target(`p99 ${load}`, ours.p99 / seeds.p99, 0.5),
    ];
  });
}

function idleTargets({ idle }: Results): string[] {
  const of = (variant: string) => idle.find((row) => row.variant === variant);
  const plain = of(PLAIN);
  return [OURS, OURS_IO].flatMap((variant) => {
    const ours = of(variant);
    if (!ours || !plain) return [];
    const socket = `of an idle socket at ${variant}, of plain ws'`;
    return [
      target(`heap ${socket}`, (ours.heap ?? Number.NaN) / (plain.heap ?? Number.NaN), 1.4),
      target(`memory (RSS) ${socket}`, ours.rss / plain.rss, 1.4),
    ];
  });
}

function clickTargets({ clicks }: Results): string[] {
  const [ours] = clicks;
  return ours ? [target("from a click to the other's socket, of the seeds' design", ours.ratio, 1.5)] : [];
}

function stormTargets({ storm }: Results): string[] {
  const ours = storm.find(({ variant }) => variant === OURS);
  return storm.flatMap((row) => {
    // Of fewer clients nothing can be said of as many.
    if (!ours || ![SEEDS, STREAMS].includes(row.variant) || row.clients !== ours.clients) return [];
    return [target(`the storm until all have all, of ${row.variant}`, ours.ms / row.ms, 0.2)];
  });
}

function fanOutTable({ fanOut }: Results): string[] {
  if (fanOut.length === 0) return [];
  const head = ['variant', 'room', 'at a time', 'delivered', 'missing', 'CPU µs a delivery', 'of it kernel'];
  const rows = fanOut.map((row) => [
    ...[
      row.variant,
      String(row.sockets),
      String(row.together),
      String(row.delivered),
      String(row.missing),
      number(row.serverUs),
      number(row.kernelUs),
    ],
    ...[number(row.p50), number(row.p99), number(row.generatorUs), `${number(100 * row.busy, 0)} %`],
  ]);
  return [
    '## A live event to a room',
    '',
    '10,000 deliveries a second whatever the size of the room; CPU is the server’s process. The last two columns are the load generators’: what a delivery costs them, and the busiest one’s share of a core.',
    '',
    ...table([...head, 'p50 ms', 'p99 ms', 'generator µs', 'busiest generator'], rows),
  ];
}

function messageTable({ messages }: Results): string[] {
  if (messages.length === 0) return [];
  const rows = messages.map(({ variant, members, answered, live, kept, missing, serverMs }) => [
    ...[variant, String(members), number(answered), number(live.p50), number(live.last)],
    ...[number(kept.p50), number(kept.last), String(missing), number(serverMs, 0)],
  ]);
  const head = ['variant', 'members', 'answered ms', 'live p50 ms', 'live last', 'kept p50 ms', 'kept last', 'missing'];
  return [
    '## A message in a large room',
    '',
    'All have it open. Whoever speaks is answered when the one row is committed; `message_received` is the live event, `new_message` the one that is kept for each member, which a job writes a chunk a transaction. A frontend of Stoory’s at /socket.io/ hears the second alone.',
    '',
    ...table([...head, 'CPU ms a message'], rows),
  ];
}

function idleTable({ idle }: Results): string[] {
  if (idle.length === 0) return [];
  const rows = idle.map(({ variant, sockets, heap, rss }) => [
    ...[variant, String(sockets), heap === null ? '–' : number(heap), number(rss)],
  ]);
  return [
    '## An idle socket',
    '',
    'Signed in, and in no room but its own.',
    '',
    ...table(['variant', 'sockets', 'heap KB', 'RSS KB'], rows),
  ];
}

function clickTable({ clicks }: Results): string[] {
  if (clicks.length === 0) return [];
  const rows = clicks.map(({ variant, p50, p99, ratio }) => [
    variant,
    number(p50, 2),
    number(p99, 2),
    number(ratio, 2),
  ]);
  return [
    '## From a click to the other party’s socket',
    '',
    'A message sent over HTTP, one after the other; each is committed, synced, before anybody hears it. Rounds of both take turns; the middle of the rounds’ ratios.',
    '',
    ...table(['variant', 'p50 ms', 'p99 ms', 'of the seeds’ design'], rows),
  ];
}

function stormTable({ storm }: Results): string[] {
  if (storm.length === 0) return [];
  const rows = storm.map((row) => [
    ...[row.variant, `${row.complete} of ${row.clients}`, number(row.ready, 0), number(row.ms, 0)],
    ...[String(row.lost), String(row.doubled)],
    ...[number(row.serverMs, 0), number(row.generatorMs, 0), String(row.queries)],
  ]);
  const [{ clients = 0, events = 0 } = {}] = storm;
  return [
    '## All come back at once',
    '',
    `${clients} clients lose their line, miss ${events} events each, and come back at once; given up after 60 s. Socket.IO on Express asks for what was missed, a question a client; the others resume. Centrifugo’s history is in memory and is lost with it.`,
    '',
    ...table(
      [
        'variant',
        'have all',
        'last signed in, ms',
        'until the last, ms',
        'events lost',
        'doubled',
        'CPU of the server, ms',
        'of the clients',
        'transactions of Postgres',
      ],
      rows,
    ),
  ];
}

function awayText({ away }: Results): string[] {
  return away.flatMap(({ seconds, people, said, wrong }) => [
    `## Redis away for ${seconds} s`,
    '',
    `Two API processes behind one address, ${people} people at both doors: ${said} messages were acknowledged meanwhile. ${wrong.length === 0 ? 'In the end each client’s durable log was the database’s: nothing lost, nothing doubled, in order.' : `**Wrong in the end:** ${wrong.join('; ')}`}`,
    '',
  ]);
}
