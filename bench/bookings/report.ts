import type { Tallies } from '../day/pace.ts';
import { refusalsOf, sumOf } from '../day/tallies.ts';
import { conditions, tableOf } from '../reliability/report.ts';
import { type Booked, TOGETHER_MS } from './booked.ts';

/** What was measured, as the text of results.md. */

export type Measured = {
  name: string;
  /** Deals a second that were to be played. */
  rate: number;
  tallies: Tallies;
  seconds: number;
  /** From when nothing was begun any more until nothing waited. */
  drainedMs: number;
  /** In ms, by process. */
  cpu: Record<string, number>;
  others: number;
  booked: Booked;
};

type Results = { how: string; seconds: number; workers: number; measured: readonly Measured[] };

const ms = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : '–');

export function report({ how, seconds, workers, measured }: Results): string {
  return `${[
    '# Bookings',
    '',
    conditions(`by \`${how}\``, seconds),
    '',
    `One API, ${workers === 1 ? 'one worker' : `${workers} workers`}, Postgres with synced writes, Temporal on SQLite, Redis. A payment waits from when its webhook was stored, which is before that is answered, until it is booked.`,
    '',
    ...tableOf([
      ['', ...measured.map(({ name }) => name)],
      row(measured, 'deals a second, to be played', ({ rate }) => String(rate)),
      row(measured, 'requests a second, of everything', ({ tallies, seconds: s }) =>
        (sumOf(tallies).answered / s).toFixed(0),
      ),
      row(measured, 'payments a second', ({ booked, seconds: s }) => (booked.payments / s).toFixed(1)),
      row(measured, 'a payment waits, p50, ms', ({ booked }) => ms(booked.p50)),
      row(measured, 'p95, ms', ({ booked }) => ms(booked.p95)),
      row(measured, 'p99, ms', ({ booked }) => ms(booked.p99)),
      row(measured, 'the longest, ms', ({ booked }) => ms(booked.most)),
      row(
        measured,
        'p50 of the first quarter → of the last',
        ({ booked }) => `${ms(booked.early)} → ${ms(booked.late)}`,
      ),
      row(measured, 'not booked yet when the time was over', ({ booked }) => `${booked.waited} of ${booked.payments}`),
      row(
        measured,
        `booked after one that came ${TOGETHER_MS} ms later`,
        ({ booked }) => `${booked.overtaken} of ${booked.payments}`,
      ),
      row(measured, 'never booked', ({ booked }) => String(booked.unbooked)),
      row(measured, 'until nothing waited any more, s', ({ drainedMs }) => (drainedMs / 1_000).toFixed(1)),
      row(measured, 'requests: p50, p99, ms', ({ tallies }) => {
        const { p50, p99 } = sumOf(tallies);
        return `${ms(p50)}, ${ms(p99)}`;
      }),
      row(measured, 'refused, left out', ({ tallies }) => {
        return `${refusalsOf(tallies) || 'none'}, ${sumOf(tallies).leftOut || 'none'}`;
      }),
      row(measured, 'cores used', (each) => coresOf(each)),
    ]),
  ].join('\n')}\n`;
}

function row(measured: readonly Measured[], what: string, of: (each: Measured) => string): string[] {
  return [what, ...measured.map(of)];
}

function coresOf({ cpu, seconds, others }: Measured): string {
  const cores = (used: number) => (used / 1_000 / seconds).toFixed(2);
  const parts = Object.entries(cpu).map(([name, used]) => `${name} ${cores(used)}`);
  return `${parts.join(', ')}; others ${cores(others)}`;
}
