import { PartFailure } from './part.ts';

/** Which Temporal tests are played on: what `npm start` runs, or what a cluster does. */
export type TemporalInTests = 'start-dev' | 'postgres';

/** By TANDEM_TEMPORAL. */
export function temporalInTests(environment: NodeJS.ProcessEnv = process.env): TemporalInTests {
  const said = environment.TANDEM_TEMPORAL || 'start-dev';
  if (said === 'start-dev' || said === 'postgres') return said;
  throw new PartFailure(`TANDEM_TEMPORAL is "${said}": it can be postgres, or start-dev.`);
}
