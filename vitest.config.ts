import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const elsewhere = [...configDefaults.exclude, 'bench/**'];

/** `unit` needs nothing but Node; `integration` (`*.int.test.ts`) runs against real servers started for the run. */
export default defineConfig({
  test: {
    // Tests wait more than they work; with one worker less than cores, as is the default, two cores ran one file at a time.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...elsewhere, '**/*.int.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.int.test.ts'],
          exclude: elsewhere,
          globalSetup: ['./local/testServers.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
