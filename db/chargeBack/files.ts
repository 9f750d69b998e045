import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** Files that speak for a side of a charge-back. */

export const MEDIA_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Of each side, so that none fills what others need: together as many as Stripe takes, which takes the fewest. */
const SHARES = { payee: 3, payer: 2, admin: 1 } as const;
export type Side = keyof typeof SHARES;

const listed = z.object({
  id: z.string(),
  by_role: z.string(),
  name: z.string(),
  media_type: z.enum(MEDIA_TYPES),
  size: z.int(),
  added_at: z.string(),
});
export type ListedFile = z.infer<typeof listed>;

const LISTED = sql.fragment`id, by_role, name, media_type, octet_length(bytes) AS size, added_at`;

export type NewFile = {
  processId: string;
  /** Whose side it speaks for, and who added it. */
  by: Side;
  userId: string;
  name: string;
  mediaType: MediaType;
  bytes: Buffer;
  now: string;
};

/** Keeps a file; its charge-back is locked, and takes evidence. LIMIT_REACHED. */
export async function insertFile(transaction: Transaction, file: NewFile): Promise<ListedFile> {
  const { processId, by, userId, name, mediaType, bytes, now } = file;
  const max = SHARES[by];
  const made = await transaction.maybeOne(sql.type(listed)`
    INSERT INTO charge_back_files (id, process_id, n, by_role, user_id, name, media_type, bytes, added_at)
    SELECT ${uuid()}, ${processId}, count(*) + 1, ${by}, ${userId}, ${name}, ${mediaType}, ${sql.binary(bytes)}, ${now}::timestamptz
    FROM charge_back_files WHERE process_id = ${processId} HAVING count(*) FILTER (WHERE by_role = ${by}) < ${max}
    RETURNING ${LISTED}
  `);
  if (made) return made;
  const many = max === 1 ? 'is one file' : `are ${max} files`;
  throw new Failure('LIMIT_REACHED', `There ${many} of this side already.`, { details: { limit: 'files', max } });
}

/** In the order in which they came; of one side, or of all (null). */
export async function listFiles(
  executor: Executor,
  processId: string,
  by: string | null,
): Promise<readonly ListedFile[]> {
  return executor.any(sql.type(listed)`
    SELECT ${LISTED} FROM charge_back_files
    WHERE process_id = ${processId} AND (${by}::text IS NULL OR by_role = ${by}) ORDER BY n
  `);
}

const whole = listed.extend({ bytes: z.instanceof(Buffer) });
export type WholeFile = z.infer<typeof whole>;

export async function findFile(executor: Executor, processId: string, id: string): Promise<WholeFile | null> {
  return executor.maybeOne(sql.type(whole)`
    SELECT ${LISTED}, bytes FROM charge_back_files WHERE process_id = ${processId} AND id = ${id}
  `);
}

/** All of them, to be handed in. */
export async function listWholeFiles(executor: Executor, processId: string): Promise<readonly WholeFile[]> {
  return executor.any(sql.type(whole)`
    SELECT ${LISTED}, bytes FROM charge_back_files WHERE process_id = ${processId} ORDER BY n
  `);
}
