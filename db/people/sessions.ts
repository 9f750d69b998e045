import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Note, notify } from '../notification/notify.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, type Pool, sql } from '../pool.ts';
import { openBytes, type Secrets, sealBytes } from '../secrets.ts';
import { ROLES } from './accounts.ts';

/**
 * One row a login, and under it the refresh tokens that followed one another. Stored are hashes: they open nothing. What
 * the next token is made with cannot be one, as it is needed itself; it is sealed. Whoever had it, and a token that was
 * used long ago, could make all that came after it up to the one that is good today.
 */

export type NewSession = {
  id: string;
  userId: string;
  refreshHash: Buffer;
  /** ISO. */
  at: string;
  expiresAt: string;
};

const SECRET_BYTES = 32;
const cellOf = (sessionId: string) => ({ table: 'sessions', column: 'secret', id: sessionId });

export async function createSession(pool: Pool, secrets: Secrets, session: NewSession): Promise<void> {
  const secret = sealBytes(secrets, cellOf(session.id), randomBytes(SECRET_BYTES));
  await pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO sessions (id, user_id, secret, created_at, expires_at)
      VALUES (${session.id}, ${session.userId}, ${sql.binary(secret)}, ${session.at}, ${session.expiresAt})
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
  used_by: z.instanceof(Buffer).nullable(),
  /** As it is kept; see `cellOf`. */
  secret: z.instanceof(Buffer),
});

/** A refresh token with its session, which is locked: two uses of one token come one after the other. */
async function lockRefreshToken(executor: Executor, hash: Buffer): Promise<z.infer<typeof tokenRow> | null> {
  return executor.maybeOne(sql.type(tokenRow)`
    SELECT token.session_id, session.user_id, session.expires_at, session.ended_at, token.used_at, token.used_by,
      session.secret
    FROM refresh_tokens AS token JOIN sessions AS session ON session.id = token.session_id
    WHERE token.hash = ${sql.binary(hash)}
    FOR NO KEY UPDATE
  `);
}

/** For so long a client that sends a token twice, as two tabs do, is given what it was given the first time, in ms. */
const SAME_AGAIN_MS = 10_000;

export type Rotation =
  /** `at`: when it was used, which is before now where the same client sends it again. */
  | { outcome: 'rotated'; sessionId: string; userId: string; secret: Buffer; at: string }
  /** It was used before: whoever holds it now, its family has ended. */
  | { outcome: 'reused'; sessionId: string }
  /** Unknown, expired, or of a session that has ended. */
  | { outcome: 'refused' };

type TokenUse = {
  hash: Buffer;
  /** Who uses it; see `refresh_tokens.used_by`. */
  by: Buffer;
  /** The hash of the token that follows it, as the session's secret makes it. */
  next: (secret: Buffer) => Buffer;
  at: string;
  expiresAt: string;
};

/**
 * Uses a refresh token up and puts the next one in its place. The same client may send it again for some seconds, and
 * has the same again; any other second use ends the session, also when the two came in the same instant: whose it is
 * cannot be told from a thief's.
 */
export async function rotateRefreshToken(pool: Pool, secrets: Secrets, use: TokenUse): Promise<Rotation> {
  return pool.transaction(async (transaction): Promise<Rotation> => {
    const found = await lockRefreshToken(transaction, use.hash);
    if (!found) return { outcome: 'refused' };
    const { session_id: sessionId, user_id: userId } = found;
    const isOver = found.ended_at !== null || found.expires_at <= use.at;
    const secret = () => openBytes(secrets, cellOf(sessionId), found.secret);
    if (found.used_at !== null) {
      const isSame = found.used_by?.equals(use.by) && Date.parse(use.at) - Date.parse(found.used_at) < SAME_AGAIN_MS;
      if (isSame && !isOver) return { outcome: 'rotated', sessionId, userId, secret: secret(), at: found.used_at };
      await endSession(transaction, sessionId, 'reuse', use.at);
      await notify(transaction, [reuseNote(sessionId, userId)], { now: use.at });
      return { outcome: 'reused', sessionId };
    }
    if (isOver) return { outcome: 'refused' };
    await transaction.query(sql.typeAlias('void')`
      UPDATE refresh_tokens SET used_at = ${use.at}, used_by = ${sql.binary(use.by)}
      WHERE hash = ${sql.binary(use.hash)}
    `);
    await insertRefreshToken(transaction, sessionId, use.next(secret()), use.at);
    await transaction.query(sql.typeAlias('void')`
      UPDATE sessions SET expires_at = ${use.expiresAt} WHERE id = ${sessionId}
    `);
    return { outcome: 'rotated', sessionId, userId, secret: secret(), at: use.at };
  });
}

/** To whose account it is: one of the two who held the token may not be them. */
function reuseNote(sessionId: string, userId: string): Note {
  return {
    ...{ userId, kind: 'security', key: `session_reused_${sessionId}`, actorId: null, target: null },
    title: 'A sign-in of yours was ended',
    body: 'A token of it was used twice, which two do of whom one has copied it. Sign in again where it was you.',
    data: { sessionId },
  };
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

/** Forgets sessions that ended or expired before an instant, with their tokens. */
export function deleteSessions(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'sessions',
    age: sql.fragment`least(ended_at, expires_at)`,
    also: sql.fragment`tokens AS (DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM old))`,
  });
}
