import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../../journeys/plays/asking.ts';
import type { Missed } from '../../journeys/plays/counting.ts';
import { conditions, tableOf } from '../reliability/report.ts';
import type { Recovery } from './recovery.ts';

/** What came out of a soak, in words and as `results.md` keeps it. */

const RESULTS = fileURLToPath(new URL('./results.md', import.meta.url));
/** Of what is not as it has to be, so many are named. */
const NAMED = 20;

export type Found = {
  minutes: number;
  rate: number;
  every: number;
  seed: number;
  lastedMs: number;
  /** From the last answer until everything that was promised was there. */
  settledMs: number;
  plays: {
    name: string;
    counts: Counts;
    begun: number;
    played: number;
    broken: string[];
    owed: number;
    lost: Missed[];
    doubled: Missed[];
  }[];
  recoveries: readonly Recovery[];
  talk: { said: number; wrong: string[] };
  /** Checks of the books that do not hold. */
  reconciled: string[];
  isWell: boolean;
};

/** Says what came out. */
export function linesOf(found: Found): string[] {
  const { plays, talk, reconciled } = found;
  const sum = (of: (play: Found['plays'][number]) => number) => plays.reduce((total, each) => total + of(each), 0);
  return [
    '',
    ...tableOf(playRows(found)),
    '',
    ...tableOf(recoveryRows(found)),
    '',
    `${sum(({ counts }) => counts.answered)} acknowledged, ${sum(({ lost }) => lost.length)} lost, ${sum(({ doubled }) => doubled.length)} doubled; ${sum(({ counts }) => counts.refused.length)} refused; ${sum(({ broken }) => broken.length)} plays not to their end`,
    `messages at the doors: ${talk.said}, wrong: ${talk.wrong.length}`,
    `reconciliation: ${reconciled.length === 0 ? 'clean' : `broken: ${reconciled.join(', ')}`}`,
    ...troubles(found),
  ];
}

export function keep(found: Found): void {
  writeFileSync(RESULTS, `${markdownOf(found).join('\n').trimEnd()}\n`);
}

function markdownOf(found: Found): string[] {
  const { minutes, rate, every, seed, lastedMs, settledMs, talk, reconciled } = found;
  const what = `--minutes ${minutes} --rate ${rate} --every ${every} --seed ${seed}`;
  const kills = found.recoveries.length;
  return [
    '# All kinds at once, with parts killed at random',
    '',
    'Written by `npm run soak`. Each play has accounts of its own, so that what is in their wallets in the end is known to the last unit; whoever asks repeats under one key what was not acknowledged, and each webhook is told twice. Lost is what was promised and is not there in the end, doubled what is there more often. A load above the number of cores says that others were at work on the machine.',
    '',
    conditions(`\`${what}\``, lastedMs / 1_000),
    '',
    `${kills} kills. What was promised was all there ${Math.round(settledMs / 1_000)} s after the last play; reconciliation ${reconciled.length === 0 ? 'clean' : `broken: ${reconciled.join(', ')}`}. Six people at the three doors said ${talk.said} messages meanwhile: ${talk.wrong.length === 0 ? 'each has every event of theirs once and in order, as the database has it' : `${talk.wrong.length} things are wrong`}.`,
    '',
    '## Plays',
    '',
    ...tableOf(playRows(found)),
    '',
    '## Recovery',
    '',
    'From the kill on, in seconds, median and longest: until the next process is there, a message is acknowledged, its reader has it on their socket, and a payment is in its wallet (webhook, inbox, relay, workflow, ledger).',
    '',
    ...tableOf(recoveryRows(found)),
    ...(troubles(found).length === 0 ? [] : ['', '## Not as it has to be', '', ...troubles(found)]),
  ];
}

function playRows({ plays }: Found): string[][] {
  const rows = plays.map(({ name, counts, begun, played, owed, lost, doubled }) => {
    const sorted = [...counts.waits].sort((one, other) => one - other);
    const at = (part: number) => seconds(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
    return [
      ...[name, begun, played, counts.answered, counts.askedAgain, owed, lost.length, doubled.length].map(String),
      `${at(0.5)} / ${at(0.99)} / ${at(1)}`,
    ];
  });
  const head = [
    ...['play', 'begun', 'to the end', 'acknowledged', 'asked again', 'effects owed', 'lost', 'doubled'],
    'answered after s (p50 / p99 / most)',
  ];
  const sums = [1, 2, 3, 4, 5, 6, 7].map((column) =>
    String(rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)),
  );
  return [head, ...rows, ['all', ...sums, '']];
}

function recoveryRows({ recoveries }: Found): string[][] {
  const byParts = Map.groupBy(recoveries, ({ parts }) => (parts.length === 1 ? String(parts[0]) : 'two at once'));
  const rows = [...byParts].map(([parts, all]) => [
    parts,
    String(all.length),
    ...(['started', 'answered', 'told', 'carried'] as const).map((what) => spread(all.map((each) => each[what]))),
  ]);
  return [['killed', 'times', 'there again', 'acknowledges', 'tells', 'carries out'], ...rows];
}

function spread(all: readonly (number | null)[]): string {
  const sorted = all.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((one, other) => one - other);
  const middle = sorted[sorted.length >> 1] ?? 0;
  return [middle, sorted.at(-1) ?? 0].map((ms) => (Number.isFinite(ms) ? seconds(ms) : 'not within 3 min')).join(' / ');
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(ms < 9_950 ? 1 : 0);

function troubles({ plays, talk }: Found): string[] {
  const all = plays.flatMap(({ name, broken, counts, lost, doubled }) => [
    ...broken.map((why) => `${name} not to its end: ${why}`),
    ...counts.refused.map((why) => `${name} refused: ${why}`),
    ...lost.map(({ what, due, found }) => `lost: ${what}: ${found} of ${due}`),
    ...doubled.map(({ what, due, found }) => `doubled: ${what}: ${found} for ${due}`),
  ]);
  return [...all, ...talk.wrong].slice(0, NAMED).map((what) => `* ${what.slice(0, 400)}`);
}
