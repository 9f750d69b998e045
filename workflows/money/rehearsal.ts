import { z } from 'zod';

/** A field of what moves money: it is rehearsed, and not done. */
export const dryRun = z
  .boolean()
  .optional()
  .describe('Answers as it would, and does nothing: ids in the answer name nothing. No Idempotency-Key is used up');
