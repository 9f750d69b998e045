import { projects } from './testProjects.ts';

/** Tests on real servers that are started for the run. */
export default projects({
  name: 'integration',
  include: ['**/*.int.test.ts'],
  // All with databases of their own. `api/main` starts programs: what ends them after each test is told by being loaded.
  together: ['api/!(main).int.test.ts', 'api/*/**/*.int.test.ts', 'db/**/*.int.test.ts'],
  exclude: [],
  globalSetup: ['local/testServers.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
});
