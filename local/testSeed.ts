import fc from 'fast-check';

/**
 * Where the chance in tests comes from. It is the same at each `npm test`, so that what is said of a commit today is
 * said of it tomorrow; `npm run fuzz` looks for what other chances bring.
 */
export const SEED = Number(process.env.SEED || 1);

fc.configureGlobal({ seed: SEED });
