import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests wait more than they work; with one worker less than cores, as is the default, two cores ran one file at a time. */
export const maxWorkers = Math.max(3, availableParallelism());

type Options = {
  name: string;
  include: string[];
  /** Of these, those that share a process with others, which loads what they test once for all of them. */
  together: string[];
  exclude: string[];
  globalSetup?: string[];
  testTimeout: number;
  hookTimeout: number;
};

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** A project of two: of tests that have a process each, `<name> (alone)`, and of those that share some, `<name> (together)`. */
export function projects({ include, together, exclude, ...test }: Options) {
  const others = [...configDefaults.exclude, 'bench/**', ...exclude];
  return defineConfig({
    root: path('.'),
    // Tandem's client as it is written, not as it is packed.
    resolve: { alias: { 'tandem-client': path('client/src/index.ts') } },
    test: {
      ...test,
      maxWorkers,
      setupFiles: [path('local/testSeed.ts')],
      // On a machine that others share: one stall is not a fault. `npm test` names whoever needed it.
      retry: 1,
      projects: [
        { test: { name: 'alone', include, exclude: [...others, ...together] } },
        { test: { name: 'together', include: together, exclude: others, isolate: false } },
      ],
    },
  });
}
