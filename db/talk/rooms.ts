import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

/** Conversations of many: who is in them, and what they are called. Whoever changes one has its conversation locked. */

export type RoomKind = 'group' | 'public';

/** Makes a room with these in it, the owner among them. */
export async function createRoom(
  transaction: Transaction,
  room: { kind: RoomKind; name: string | null; ownerId: string; memberIds: readonly string[]; now: string },
): Promise<string> {
  const id = uuid();
  const { kind, name, ownerId, now } = room;
  const userIds = [...new Set([ownerId, ...room.memberIds])];
  if (userIds.length > TALK_LIMITS.members) throw roomIsFull();
  const apart = userIds.length > TALK_LIMITS.toldAtOnce;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO conversations (id, kind, brand_owner_id, chat, created_at, updated_at)
    VALUES (${id}, ${kind}, ${ownerId}, 'real_time', ${now}::timestamptz, ${now}::timestamptz)
  `);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO rooms (id, name, many, told_apart) VALUES (${id}, ${name}, ${userIds.length}, ${apart})
  `);
  if (apart) await insertTelling(transaction, id);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO members (conversation_id, user_id, role, joined_at)
    SELECT ${id}::uuid, user_id, CASE WHEN user_id = ${ownerId} THEN 'owner' ELSE 'member' END, ${now}::timestamptz
    FROM unnest(${sql.array(userIds, 'uuid')}) AS user_id
  `);
  return id;
}

/** From now on its members are told by a job; up to here they were by those who spoke. */
async function insertTelling(transaction: Transaction, id: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO tellings (conversation_id, told) SELECT id, said FROM conversations WHERE id = ${id}
    ON CONFLICT DO NOTHING
  `);
}

const lockedRoom = z.object({
  id: z.string(),
  kind: z.enum(['group', 'public']),
  name: z.string().nullable(),
  many: z.int(),
  said: z.int(),
});
export type LockedRoom = z.infer<typeof lockedRoom>;

/** Nobody speaks, joins or leaves there before this transaction is over. Null where it is no room. */
export async function lockRoom(transaction: Transaction, id: string): Promise<LockedRoom | null> {
  await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM conversations WHERE id = ${id} FOR NO KEY UPDATE`);
  return transaction.maybeOne(sql.type(lockedRoom)`
    SELECT conversations.id, kind, name, many, said
    FROM conversations JOIN rooms ON rooms.id = conversations.id WHERE conversations.id = ${id}
  `);
}

/**
 * Adds somebody to a locked room: what was said before is not unread. False where they are in it already. LIMIT_REACHED,
 * by which the transaction is to end, where it is full.
 */
export async function addMember(
  transaction: Transaction,
  room: LockedRoom,
  userId: string,
  now: string,
): Promise<boolean> {
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    INSERT INTO members (conversation_id, user_id, role, read_position, since, joined_at)
    VALUES (${room.id}, ${userId}, CASE WHEN ${room.many} = 0 THEN 'owner' ELSE 'member' END, ${room.said},
      ${room.said}, ${now}::timestamptz)
    ON CONFLICT DO NOTHING
  `);
  if (rowCount === 0) return false;
  if (room.many >= TALK_LIMITS.members) throw roomIsFull();
  const apart = room.many + 1 > TALK_LIMITS.toldAtOnce;
  await transaction.query(sql.typeAlias('void')`
    UPDATE rooms SET many = many + 1, told_apart = told_apart OR ${apart} WHERE id = ${room.id}
  `);
  if (apart) await insertTelling(transaction, room.id);
  return true;
}

const leaver = z.object({ role: z.enum(['owner', 'member']) });

/** Takes somebody out of a locked room; an owner's place goes to who has been in it longest. False where they are not in it. */
export async function removeMember(transaction: Transaction, room: LockedRoom, userId: string): Promise<boolean> {
  const left = await transaction.maybeOne(sql.type(leaver)`
    DELETE FROM members WHERE conversation_id = ${room.id} AND user_id = ${userId} RETURNING role
  `);
  if (!left) return false;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO former_members (conversation_id, user_id) VALUES (${room.id}, ${userId}) ON CONFLICT DO NOTHING
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE rooms SET many = many - 1 WHERE id = ${room.id}`);
  if (left.role === 'owner') {
    await transaction.query(sql.typeAlias('void')`
      UPDATE members SET role = 'owner' WHERE conversation_id = ${room.id} AND user_id = (
        SELECT user_id FROM members WHERE conversation_id = ${room.id} ORDER BY joined_at, user_id LIMIT 1
      )
    `);
  }
  return true;
}

export async function renameRoom(transaction: Transaction, id: string, name: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`UPDATE rooms SET name = ${name} WHERE id = ${id}`);
}

const memberRow = z.object({
  id: z.string(),
  handle: z.string(),
  display_name: z.string().nullable(),
  avatar_url: z.string().nullable(),
  role: z.enum(['owner', 'member']),
  joined_at: z.string(),
});
export type MemberRow = z.infer<typeof memberRow>;

/** Who is in a conversation, in the order of their ids. */
export async function listMembers(
  executor: Executor,
  conversationId: string,
  page: { limit: number; after: string | null },
): Promise<readonly MemberRow[]> {
  return executor.any(sql.type(memberRow)`
    SELECT user_id AS id, handle, display_name, avatar_url, role, joined_at
    FROM members JOIN users ON users.id = user_id
    WHERE conversation_id = ${conversationId} AND (${page.after}::uuid IS NULL OR user_id > ${page.after})
    ORDER BY user_id LIMIT ${page.limit}
  `);
}

/** Of these ids, those of people that can be talked to. */
export function listPeople(executor: Executor, ids: readonly string[]): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM users
    WHERE id = ANY(${sql.array([...ids], 'uuid')}) AND (password_hash IS NOT NULL OR external_subject IS NOT NULL)
  `);
}

function roomIsFull(): Failure {
  return new Failure('LIMIT_REACHED', `A room has at most ${TALK_LIMITS.members} members.`, {
    details: { limit: 'room_members', allowed: TALK_LIMITS.members },
  });
}
