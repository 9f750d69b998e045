import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { accounts, transfer } from '../money/ledger.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { brokenConstraint, type Executor, type Pool, sql } from '../pool.ts';

export const ROLES = ['viewer', 'creator', 'brand_owner', 'influencer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The form of every handle: Postgres and JavaScript agree on the lower case of these letters, and not of all. */
export const HANDLE = /^[A-Za-z0-9_.-]{2,40}$/;

const userRow = z.object({
  id: z.string(),
  handle: z.string(),
  roles: z.array(z.enum(ROLES)),
  created_at: z.string(),
});
export type User = z.infer<typeof userRow>;

const credentialsRow = userRow.extend({ password_hash: z.string().nullable() });
/** A user with what a password is checked against; null for accounts that have none. */
export type Credentials = z.infer<typeof credentialsRow>;

export type NewUser = {
  id: string;
  handle: string;
  /** Null for accounts without a password. */
  passwordHash: string | null;
  roles: readonly Role[];
  /** "issuer|sub" of an outside issuer, or null. */
  externalSubject: string | null;
  /** ISO. */
  at: string;
};

/** What every new account is given. */
const WELCOME_TOKENS = 100n;

/** Makes an account and gives it its first tokens, both or neither. CONFLICT when the handle is taken. */
export async function createAccount(pool: Pool, user: NewUser): Promise<User> {
  return pool.transaction(async (transaction) => {
    const made = await insertUser(transaction, user);
    await transfer(transaction, {
      key: `register_${user.id}`,
      reason: 'registration',
      conversationId: null,
      occurredAt: user.at,
      legs: [
        { account: accounts.issuance('TOKEN', user.id), amount: -WELCOME_TOKENS },
        { account: accounts.wallet(user.id, 'TOKEN'), amount: WELCOME_TOKENS },
      ],
    });
    return made;
  });
}

export function handleTaken(cause?: unknown): Failure {
  return new Failure('CONFLICT', 'This handle is taken.', { details: { field: 'handle' }, cause });
}

/** CONFLICT when the handle or the outside subject has an account. */
export async function insertUser(executor: Executor, user: NewUser): Promise<User> {
  try {
    return await executor.one(sql.type(userRow)`
      INSERT INTO users (id, handle, password_hash, roles, external_subject, created_at)
      VALUES (${user.id}, ${user.handle}, ${user.passwordHash}, ${sql.array([...user.roles], 'text')},
        ${user.externalSubject}, ${user.at})
      RETURNING id, handle, roles, created_at
    `);
  } catch (error) {
    switch (brokenConstraint(error)) {
      case 'users_handle_unique':
        throw handleTaken(error);
      case 'users_external_subject_unique':
        throw new Failure('CONFLICT', 'This subject has an account.', { details: { field: 'subject' }, cause: error });
      default:
        throw error;
    }
  }
}

/** The account that system messages come from; made where it is not there. */
export async function ensureSystemUser(executor: Executor, id: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO users (id, handle, roles)
    VALUES (${id}, ${`system-${id.replaceAll('-', '')}`}, '{}')
    ON CONFLICT (id) DO NOTHING
  `);
}

/** Handles are found whatever their case. */
export async function findCredentials(executor: Executor, handle: string): Promise<Credentials | null> {
  return executor.maybeOne(sql.type(credentialsRow)`
    SELECT id, handle, roles, created_at, password_hash FROM users WHERE lower(handle) = lower(${handle})
  `);
}

export async function findUserBySubject(executor: Executor, externalSubject: string): Promise<User | null> {
  return executor.maybeOne(sql.type(userRow)`
    SELECT id, handle, roles, created_at FROM users WHERE external_subject = ${externalSubject}
  `);
}

/** NOT_FOUND. */
export async function getUser(executor: Executor, id: string): Promise<User> {
  const user = await executor.maybeOne(sql.type(userRow)`
    SELECT id, handle, roles, created_at FROM users WHERE id = ${id}
  `);
  if (!user) throw new Failure('NOT_FOUND', 'There is no such user.');
  return user;
}

/** Somebody who can sign in, whom one can talk to: not the account that system messages come from. NOT_FOUND. */
export async function getPerson(executor: Executor, id: string): Promise<User> {
  const user = await executor.maybeOne(sql.type(userRow)`
    SELECT id, handle, roles, created_at FROM users
    WHERE id = ${id} AND (password_hash IS NOT NULL OR external_subject IS NOT NULL)
  `);
  if (!user) throw new Failure('NOT_FOUND', 'There is no such user.');
  return user;
}

/** Whose owner, by this column, has not deleted their account: nobody finds what is somebody's who left. */
export const hasOwner = (owner: string) => sql.fragment`
  NOT EXISTS (SELECT FROM users AS gone WHERE gone.id = ${sql.identifier([owner])} AND gone.deleted_at IS NOT NULL)`;

/** NOT_FOUND where one of these has deleted their account; whoever refers to them in this transaction, and then asks, knows. */
export async function refuseLeft(executor: Executor, userIds: readonly string[]): Promise<void> {
  const left = await executor.exists(sql.typeAlias('void')`
    SELECT FROM users WHERE id = ANY(${sql.array([...userIds], 'uuid')}) AND deleted_at IS NOT NULL
  `);
  if (left) throw new Failure('NOT_FOUND', 'Whom this is with has deleted their account.');
}

/** Whether a subject of an outside issuer deleted their account after a token of theirs was issued. */
export async function hasLeftSince(executor: Executor, externalSubject: string, issuedAt: string): Promise<boolean> {
  return executor.exists(sql.typeAlias('void')`
    SELECT FROM left_subjects
    WHERE hash = sha256(convert_to(${externalSubject}, 'UTF8')) AND left_at >= ${issuedAt}::timestamptz
  `);
}

/** Forgets those who left before an instant. */
export function deleteLeft(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, { from: 'left_subjects', age: sql.fragment`left_at` });
}

export async function updateRoles(executor: Executor, id: string, roles: readonly Role[]): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    UPDATE users SET roles = ${sql.array([...roles], 'text')} WHERE id = ${id}
  `);
}

export async function updatePasswordHash(executor: Executor, id: string, passwordHash: string): Promise<void> {
  await executor.query(sql.typeAlias('void')`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${id}`);
}
