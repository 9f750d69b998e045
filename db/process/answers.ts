import { z } from 'zod';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { openJson, type Secrets, sealJson } from '../secrets.ts';

/** What was answered to requests that carried an Idempotency-Key. A key belongs to an account and a path. */

export type AnswerKey = {
  accountId: string;
  path: string;
  key: string;
  /** SHA-256 of the canonical body, hex. */
  bodyHash: string;
  /** Where the answer shows a secret: it is kept as such. */
  secrets?: Secrets;
};

/** Where an answer that shows a secret is kept; its `id` is JSON of the three. */
export const cellOfAnswer = ({ accountId, path, key }: Pick<AnswerKey, 'accountId' | 'path' | 'key'>) => ({
  table: 'answers',
  column: 'answer',
  id: JSON.stringify([accountId, path, key]),
});

export type Answer = { status: number; body: unknown };

const storedRow = z.object({ status: z.int(), answer: z.unknown(), body_hash: z.string() });

/** A status no answer has: the row is there, its answer is still being worked out. */
const UNDER_WAY = 0;

/**
 * Does some work once for a key, in one transaction with remembering its answer; a repeat, also one that comes while
 * the first is still at it and so waits, is given that answer. `work` may be called again after a serialization
 * failure. What it throws undoes it all, but for a refusal with 409: that is remembered like any answer, or a delayed
 * copy could be applied after its sender was told no.
 * IDEMPOTENCY_MISMATCH when the key was used with another body.
 */
export async function answerOnce(
  pool: Pool,
  key: AnswerKey,
  work: (transaction: Transaction) => Promise<Answer>,
  refused: (failure: Failure) => Answer,
): Promise<Answer & { repeated: boolean }> {
  const once = (answering: (transaction: Transaction) => Promise<Answer>) =>
    pool.transaction(async (transaction) => {
      if (!(await insertAnswer(transaction, key))) {
        const stored = await getAnswer(transaction, key);
        if (stored.body_hash !== key.bodyHash) throw mismatch();
        const body = key.secrets ? openJson(key.secrets, cellOfAnswer(key), stored.answer) : stored.answer;
        return { status: stored.status, body, repeated: true };
      }
      const answer = await answering(transaction);
      await updateAnswer(transaction, key, answer);
      return { ...answer, repeated: false };
    });
  try {
    return await once(work);
  } catch (error) {
    if (!(error instanceof Failure && error.status === REMEMBERED_REFUSAL)) throw error;
    // By a transaction of its own, as a savepoint would be two more round trips for everybody: whoever took the key
    // between the two has an answer, and that is this one's as well.
    return once(async () => refused(error));
  }
}

/** The answer remembered under a key, null where there is none. IDEMPOTENCY_MISMATCH when it was for another body. */
export async function findAnswer(executor: Executor, key: AnswerKey): Promise<Answer | null> {
  const stored = await executor.maybeOne(selectAnswer(key));
  if (!stored) return null;
  if (stored.body_hash !== key.bodyHash) throw mismatch();
  return { status: stored.status, body: stored.answer };
}

const REMEMBERED_REFUSAL = 409;

function mismatch(): Failure {
  return new Failure('IDEMPOTENCY_MISMATCH' satisfies FailureCode, 'This Idempotency-Key was used with another body.');
}

/** Takes the key. Waits for another request that has it and has not committed; false when that one got it. */
async function insertAnswer(executor: Executor, { accountId, path, key, bodyHash }: AnswerKey): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    VALUES (${accountId}, ${path}, ${key}, decode(${bodyHash}, 'hex'), ${UNDER_WAY}, 'null')
    ON CONFLICT (account_id, path, key) DO NOTHING
  `);
  return rowCount === 1;
}

async function getAnswer(executor: Executor, key: AnswerKey): Promise<z.infer<typeof storedRow>> {
  return executor.one(selectAnswer(key));
}

function selectAnswer({ accountId, path, key }: AnswerKey) {
  return sql.type(storedRow)`
    SELECT status, answer, encode(body_hash, 'hex') AS body_hash FROM answers
    WHERE account_id = ${accountId} AND path = ${path} AND key = ${key}
  `;
}

async function updateAnswer(executor: Executor, key: AnswerKey, { status, body = null }: Answer): Promise<void> {
  const kept = key.secrets ? sealJson(key.secrets, cellOfAnswer(key), body) : JSON.stringify(body);
  await executor.query(sql.typeAlias('void')`
    UPDATE answers SET status = ${status}, answer = ${kept}::json
    WHERE account_id = ${key.accountId} AND path = ${key.path} AND key = ${key.key}
  `);
}

/** Forgets answers from before an instant. */
export function deleteAnswers(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'answers',
    age: sql.fragment`created_at`,
  });
}
