import { z } from 'zod';
import { ROLES } from './accounts.ts';
import { type Executor, type Pool, sql } from './pool.ts';

/** One row a login, and under it the refresh tokens that followed one another. Stored are hashes: they open nothing. */

export type NewSession = {
  id: string;
  userId: string;
  refreshHash: Buffer;
  /** ISO. */
  at: string;
  expiresAt: string;
};

export async function createSession(pool: Pool, session: NewSession): Promise<void> {
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO sessions (id, user_id, created_at, expires_at)
      VALUES (${session.id}, ${session.userId}, ${session.at}, ${session.expiresAt})
    `);
    await insertRefreshToken(transaction, session.id, session.refreshHash, session.at);
  });
}

async function insertRefreshToken(executor: Executor, sessionId: string, hash: Buffer, at: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO refresh_tokens (hash, session_id, created_at)
    VALUES (${sql.binary(hash)}, ${sessionId}, ${at})
  `);
}

const tokenRow = z.object({
  session_id: z.string(),
  user_id: z.string(),
  expires_at: z.string(),
  ended_at: z.string().nullable(),
  used_at: z.string().nullable(),
});

/** A refresh token with its session, which is locked: two uses of one token come one after the other. */
async function lockRefreshToken(executor: Executor, hash: Buffer): Promise<z.infer<typeof tokenRow> | null> {
  return executor.maybeOne(sql.type(tokenRow)`
    SELECT token.session_id, session.user_id, session.expires_at, session.ended_at, token.used_at
    FROM refresh_tokens AS token JOIN sessions AS session ON session.id = token.session_id
    WHERE token.hash = ${sql.binary(hash)}
    FOR NO KEY UPDATE
  `);
}

export type Rotation =
  | { outcome: 'rotated'; sessionId: string; userId: string }
  /** It was used before: whoever holds it now, its family has ended. */
  | { outcome: 'reused'; sessionId: string }
  /** Unknown, expired, or of a session that has ended. */
  | { outcome: 'refused' };

/**
 * Uses a refresh token up and puts the next one in its place. A second use ends the session, also when the two came in
 * the same instant: a client that sent twice cannot be told from a thief.
 */
export async function rotateRefreshToken(
  pool: Pool,
  token: { hash: Buffer; next: Buffer; at: string; expiresAt: string },
): Promise<Rotation> {
  return pool.transaction(async (transaction): Promise<Rotation> => {
    const found = await lockRefreshToken(transaction, token.hash);
    if (!found) return { outcome: 'refused' };
    if (found.used_at !== null) {
      await endSession(transaction, found.session_id, 'reuse', token.at);
      return { outcome: 'reused', sessionId: found.session_id };
    }
    if (found.ended_at !== null || found.expires_at <= token.at) return { outcome: 'refused' };
    await transaction.query(sql.typeAlias('void')`
      UPDATE refresh_tokens SET used_at = ${token.at} WHERE hash = ${sql.binary(token.hash)}
    `);
    await insertRefreshToken(transaction, found.session_id, token.next, token.at);
    await transaction.query(sql.typeAlias('void')`
      UPDATE sessions SET expires_at = ${token.expiresAt} WHERE id = ${found.session_id}
    `);
    return { outcome: 'rotated', sessionId: found.session_id, userId: found.user_id };
  });
}

export type Ending = 'logout' | 'reuse' | 'admin';

/** Ends a session; one that has ended keeps the reason it ended for. */
export async function endSession(executor: Executor, id: string, by: Ending, at: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE sessions SET ended_at = ${at}, ended_by = ${by} WHERE id = ${id} AND ended_at IS NULL
  `);
}

/** Ends all sessions of a user; returns their ids. */
export async function endSessionsOfUser(
  executor: Executor,
  userId: string,
  by: Ending,
  at: string,
): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    UPDATE sessions SET ended_at = ${at}, ended_by = ${by} WHERE user_id = ${userId} AND ended_at IS NULL
    RETURNING id
  `);
}

/** The session a refresh token belongs to, used or not. */
export async function findSessionOfRefreshToken(executor: Executor, hash: Buffer): Promise<string | null> {
  return executor.maybeOneFirst(sql.typeAlias('id')`
    SELECT session_id AS id FROM refresh_tokens WHERE hash = ${sql.binary(hash)}
  `);
}

const liveRow = z.object({ id: z.string(), handle: z.string(), roles: z.array(z.enum(ROLES)) });

/** Whose session this is, with the roles they have today; null when it has ended, expired or never was. */
export async function findSessionUser(
  executor: Executor,
  sessionId: string,
  at: string,
): Promise<z.infer<typeof liveRow> | null> {
  return executor.maybeOne(sql.type(liveRow)`
    SELECT owner.id, owner.handle, owner.roles
    FROM sessions AS session JOIN users AS owner ON owner.id = session.user_id
    WHERE session.id = ${sessionId} AND session.ended_at IS NULL AND session.expires_at > ${at}
  `);
}

/** Forgets up to `limit` sessions that ended or expired before an instant, with their tokens. Returns how many. */
export async function deleteSessionsBefore(executor: Executor, before: string, limit: number): Promise<number> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    WITH old AS (
      SELECT id FROM sessions WHERE least(ended_at, expires_at) < ${before} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), tokens AS (
      DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM old)
    )
    DELETE FROM sessions WHERE id IN (SELECT id FROM old)
  `);
  return rowCount;
}
