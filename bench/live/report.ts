import { execFileSync } from 'node:child_process';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { number, table } from '../realtime/report.ts';
import type { Mix } from './mix.ts';
import type { Given, Polled, Watched } from './run.ts';

/** What was measured, as the text of results.md. */
export type Results = {
  mix: Mix;
  said: string[];
  load: number;
  seconds: number;
  watched: Watched[];
  polled: Polled[];
  given: Given[];
};

export function report({ mix, said, load, seconds, watched, polled, given }: Results): string {
  const [processor] = cpus();
  const { viewers, rates } = mix;
  return [
    '# Measured',
    '',
    `${new Date().toISOString().slice(0, 16)}Z, commit ${commit()}. ${cpus().length} cores (${processor?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}, Node ${process.version}; ${Math.round(seconds)} s in all.`,
    `Load when it began: ${number(load)}, and when it ended: ${number(loadavg()[0] ?? 0)}.${load > cpus().length / 2 ? ' **Others were at work on the machine: CPU says more than rates and latencies.**' : ''}`,
    ...said.map((line) => `- ${line}`),
    '',
    '## Targets',
    '',
    ...targets({ watched, polled, given }),
    '',
    '## Gifts to one creator',
    '',
    ...table(
      ['variant', 'a second', 'p50 ms', 'p99 ms', 'CPU µs: server', 'Postgres', 'refused', 'wrong in the books'],
      given.map((row) => [
        ...[row.variant, number(row.perSecond, 0), number(row.p50), number(row.p99)],
        ...[number(row.serverUs, 0), number(row.postgresUs, 0), row.refused || '–', row.wrong || 'nothing'],
      ]),
    ),
    '## A stream',
    '',
    `${viewers} viewers, each on a line of their own; a second ${rates.chat} of them write, ${rates.gift} give, ${rates.react} react and ${rates.vote} vote, all together, ${mix.seconds} s long. What is written and given is told to everybody, moods and votes as sums. Times are from the act to each viewer who sees it; of sums to the first one that has it in, at who acted.`,
    '',
    ...table(
      [
        ...['variant', 'delivered', 'missing', 'CPU µs a delivery: server', 'with all behind it', 'CPU µs an act'],
        ...['shown p50 ms', 'p99', 'in the sum p50 ms', 'p99', 'refused, unanswered', 'busiest generator'],
      ],
      watched.map((row) => [
        ...[row.variant, String(row.delivered), String(row.missing), number(row.serverUs), number(row.allUs)],
        ...[number(row.actUs, 0), number(row.shown.p50), number(row.shown.p99)],
        ...[number(row.summed.p50, 0), number(row.summed.p99, 0)],
        ...[`${row.refused || '–'}, ${row.unanswered}`, `${number(100 * row.busy, 0)} %`],
      ]),
    ),
    '## A poll',
    '',
    `In the same room ${polled[0]?.voters ?? 0} vote within one second, each once, in a poll that has just begun; CPU is of that second and the two after it, of everything that runs. Times are from the vote to its answer, and to the first tally that has it in, at who voted.`,
    '',
    ...table(
      [
        ...[
          'variant',
          'CPU µs a vote: server',
          'with all behind it',
          'answered p50 ms',
          'p99',
          'in the tally p50 ms',
          'p99',
        ],
        ...['tallies told', 'shortest apart ms', 'refused, unanswered', 'wrong in the count', 'busiest generator'],
      ],
      polled.map((row) => [
        ...[row.variant, number(row.serverUs, 0), number(row.allUs, 0)],
        ...[number(row.answered.p50), number(row.answered.p99), number(row.summed.p50, 0), number(row.summed.p99, 0)],
        ...[String(row.tallies), row.tallies > 1 ? number(row.apart, 0) : '–'],
        ...[`${row.refused || '–'}, ${row.unanswered}`, row.wrong || 'nothing', `${number(100 * row.busy, 0)} %`],
      ]),
    ),
  ].join('\n');
}

function targets({ watched, polled, given }: Pick<Results, 'watched' | 'polled' | 'given'>): string[] {
  const lines: string[] = [];
  const [gives, seedsGive] = [given[0], given.at(-1)];
  if (gives && seedsGive && given.length > 1) {
    const times = gives.perSecond / seedsGive.perSecond;
    lines.push(
      `- ${times >= 5 ? '✓' : '✗'} gifts a second to one creator, of the documents' design's: ${number(times, 2)} (to reach: 5)`,
    );
  }
  const [shows, seedsShow] = [watched[0], watched.at(-1)];
  if (shows && seedsShow && watched.length > 1) {
    const server = shows.serverUs / seedsShow.serverUs;
    const all = shows.allUs / seedsShow.allUs;
    lines.push(
      `- ${server <= 0.25 ? '✓' : '✗'} CPU of a delivered event, of the documents' design's: ${number(server, 2)}, with all behind it ${number(all, 2)} (to reach: at most 0.25)`,
    );
  }
  const [votes, seedsVotes] = [polled[0], polled.at(-1)];
  if (votes && seedsVotes && polled.length > 1) {
    // A second of votes and two after it: one tally at the beginning, and two a second.
    const isTold = votes.tallies > 0 && votes.tallies <= 7;
    lines.push(
      `- ${isTold ? '✓' : '✗'} tallies of a poll: ${votes.tallies} in three seconds (to reach: at most two a second); CPU of a vote, of the documents' design's: ${number(votes.serverUs / seedsVotes.serverUs, 2)}, with all behind it ${number(votes.allUs / seedsVotes.allUs, 2)}`,
    );
  }
  return lines;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
