import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { ROLES } from './accounts.ts';
import { leave } from './leaving.ts';

/** What staff sees of people, and does about them. */

const barred = z.object({ at: z.string(), by: z.string(), reason: z.string() });

const person = z.object({
  id: z.string(),
  handle: z.string(),
  display_name: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  created_at: z.string(),
  left_at: z.string().nullable(),
  sessions: z.int(),
  barred: barred.nullable(),
});
export type StaffPerson = z.infer<typeof person>;

const PERSON = sql.fragment`
  users.id, users.handle, users.display_name, users.roles, users.created_at, users.deleted_at AS left_at,
  (SELECT count(*)::int FROM sessions
    WHERE sessions.user_id = users.id AND ended_at IS NULL AND expires_at > now()) AS sessions,
  CASE WHEN barred_people.user_id IS NOT NULL THEN json_build_object(
    'at', to_char(barred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'by', staff.handle, 'reason', reason
  ) END AS barred`;
const PEOPLE = sql.fragment`
  users LEFT JOIN barred_people ON barred_people.user_id = users.id LEFT JOIN users AS staff ON staff.id = barred_by`;
/** Somebody who can sign in: not the account that system messages come from, nor one that was left. */
const SIGNS_IN = sql.fragment`(users.password_hash IS NOT NULL OR users.external_subject IS NOT NULL)`;

/** The same text for LIKE, which takes nothing in it for a sign of its own. */
const beginning = (text: string) => `${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;

/** People by their id or by how their handle begins, the newest first; all where nothing is looked for. */
export async function listPeople(
  executor: Executor,
  { q, id, limit, before }: { q: string | null; id: string | null; limit: number; before: string | null },
): Promise<readonly StaffPerson[]> {
  return executor.any(sql.type(person)`
    SELECT ${PERSON} FROM ${PEOPLE}
    WHERE ${SIGNS_IN} AND (${before}::uuid IS NULL OR users.id < ${before}::uuid)
      AND (${q}::text IS NULL OR users.id = ${id}::uuid OR lower(users.handle) LIKE ${q === null ? null : beginning(q)})
    ORDER BY users.id DESC LIMIT ${limit}
  `);
}

/** NOT_FOUND. */
async function getStaffPerson(executor: Executor, id: string): Promise<StaffPerson> {
  const found = await executor.maybeOne(sql.type(person)`
    SELECT ${PERSON} FROM ${PEOPLE} WHERE ${SIGNS_IN} AND users.id = ${id}
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such user.');
  return found;
}

/** The same, and those who have left: what staff wrote down about them since. NOT_FOUND. */
export async function getWhoWas(executor: Executor, id: string): Promise<StaffPerson> {
  const found = await executor.maybeOne(sql.type(person)`
    SELECT ${PERSON} FROM ${PEOPLE} WHERE (${SIGNS_IN} OR users.deleted_at IS NOT NULL) AND users.id = ${id}
  `);
  if (!found) throw new Failure('NOT_FOUND', 'There is no such user.');
  return found;
}

/**
 * Has somebody leave, as they would themselves (`leave`): what was written down about them goes, and why they left is
 * written down. Answers their sessions, to be ended. NOT_FOUND, CONFLICT as `leave`, FORBIDDEN for an administrator.
 */
export async function removePerson(
  transaction: Transaction,
  { userId, by, reason, now }: { userId: string; by: string; reason: string; now: string },
): Promise<readonly string[]> {
  const { roles } = await getStaffPerson(transaction, userId);
  if (roles.includes('admin')) throw new Failure('FORBIDDEN', 'An administrator is not deleted here.');
  const sessions = await leave(transaction, userId, now);
  await insertNote(transaction, { userId, by, text: `Deleted: ${reason}`, now });
  return sessions;
}

/** They may not sign in from now on. Their sessions are the caller's to end. FORBIDDEN for an administrator. */
export async function barPerson(
  transaction: Transaction,
  { userId, by, reason, now }: { userId: string; by: string; reason: string; now: string },
): Promise<void> {
  const { roles } = await getStaffPerson(transaction, userId);
  if (roles.includes('admin')) throw new Failure('FORBIDDEN', 'An administrator is not blocked here.');
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO barred_people (user_id, barred_at, barred_by, reason)
    VALUES (${userId}, ${now}::timestamptz, ${by}, ${reason})
    ON CONFLICT (user_id) DO NOTHING
  `);
}

export async function unbarPerson(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`DELETE FROM barred_people WHERE user_id = ${userId}`);
}

/** FORBIDDEN for whoever may not sign in. */
export async function refuseBarred(executor: Executor, userId: string): Promise<void> {
  const found = await executor.maybeOne(sql.typeAlias('id')`
    SELECT user_id AS id FROM barred_people WHERE user_id = ${userId}
  `);
  if (found) throw new Failure('FORBIDDEN', 'This account is blocked.');
}

const note = z.object({ id: z.string(), author: z.string(), text: z.string(), written_at: z.string() });
export type StaffNote = z.infer<typeof note>;

const NOTES_AT_MOST = 100;

/** The newest first. */
export async function listNotes(executor: Executor, userId: string): Promise<readonly StaffNote[]> {
  return executor.any(sql.type(note)`
    SELECT staff_notes.id, users.handle AS author, text, written_at
    FROM staff_notes JOIN users ON users.id = author_id WHERE user_id = ${userId}
    ORDER BY staff_notes.id DESC LIMIT ${NOTES_AT_MOST}
  `);
}

export async function addNote(
  transaction: Transaction,
  { userId, by, text, now }: { userId: string; by: string; text: string; now: string },
): Promise<void> {
  await getStaffPerson(transaction, userId);
  await insertNote(transaction, { userId, by, text, now });
}

async function insertNote(
  transaction: Transaction,
  { userId, by, text, now }: { userId: string; by: string; text: string; now: string },
): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO staff_notes (id, user_id, author_id, text, written_at)
    VALUES (${uuid()}, ${userId}, ${by}, ${text}, ${now}::timestamptz)
  `);
}
