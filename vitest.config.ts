import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './local/testOrder.ts';
import { keepLoose, ReportWriter } from './local/testReport.ts';

const elsewhere = [...configDefaults.exclude, 'bench/**'];

/** Tandem's client as it is written, not as it is packed. */
const resolve = { alias: { 'tandem-client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)) } };

/** Vitest asks an order that is set, whatever else it is told: `--sequence.shuffle.files` is to be another one. */
const shuffled = process.argv.some((argument) => argument.startsWith('--sequence.shuffle'));

/** `unit` needs nothing but Node; `integration` (`*.int.test.ts`) runs against real servers started for the run. */
export default defineConfig({
  test: {
    ...(!shuffled && { sequence: { sequencer: LongestFirst } }),
    reporters: ['default', new ReportWriter()],
    onUnhandledError: keepLoose,
    // Tests wait more than they work; with one worker less than cores, as is the default, two cores ran one file at a time.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...elsewhere, '**/*.int.test.ts'],
          setupFiles: ['./local/testSeed.ts'],
          // Some time programs and connections of their own, on a machine that others share: `npm test` names whoever
          // needed it.
          retry: 1,
          testTimeout: 20_000,
          // The first to ask for a document makes it: two seconds, on processors that others are at work on as well.
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.int.test.ts'],
          exclude: elsewhere,
          globalSetup: ['./local/testServers.ts'],
          setupFiles: ['./local/testSeed.ts'],
          // Real servers on a machine that others share: one stall is not a fault. `npm test` names whoever needed it.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
