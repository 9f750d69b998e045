import { projects } from './testProjects.ts';

/** Tests that need nothing but Node. */
export default projects({
  name: 'unit',
  include: ['**/*.test.ts'],
  together: ['workflows/**/*.test.ts', 'payments/**/*.test.ts'],
  exclude: ['**/*.int.test.ts'],
  // Some time programs and connections of their own.
  testTimeout: 20_000,
  // The first to ask for a document makes it: two seconds, on processors that others are at work on as well.
  hookTimeout: 60_000,
});
