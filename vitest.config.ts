import { defineConfig } from 'vitest/config';
import { LongestFirst } from './local/testOrder.ts';
import { maxWorkers } from './local/testProjects.ts';
import { ReportWriter } from './local/testReport.ts';

/** Vitest asks an order that is set, whatever else it is told: `--sequence.shuffle.files` is to be another one. */
const shuffled = process.argv.some((argument) => argument.startsWith('--sequence.shuffle'));

/** `unit` needs nothing but Node; `integration` (`*.int.test.ts`) runs against real servers started for the run. */
export default defineConfig({
  test: {
    maxWorkers,
    reporters: ['default', new ReportWriter()],
    ...(!shuffled && { sequence: { sequencer: LongestFirst } }),
    projects: ['./local/vitest.unit.config.ts', './local/vitest.integration.config.ts'],
  },
});
