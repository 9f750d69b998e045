import { z } from 'zod';
import { announce } from '#db/event/announce.ts';
import { getPerson } from '#db/people/accounts.ts';
import { listBlocked, refuseBlocked } from '#db/people/blocks.ts';
import type { Transaction } from '#db/pool.ts';
import { findMembership, findSummary, listConversations, listPublicRooms } from '#db/talk/conversations.ts';
import {
  addMember,
  createRoom,
  type LockedRoom,
  listPeople,
  lockRoom,
  removeMember,
  renameRoom,
} from '#db/talk/rooms.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { ROOM_KINDS, room, roomPatch, roomRequest } from '#workflows/talk/contract.ts';
import { TALK_LIMITS } from '#workflows/talk/limits.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Account } from '../people/account.ts';
import type { Pace } from '../people/pace.ts';
import { roomTags as tags } from './shapes.ts';
import { roomView } from './views.ts';

const params = z.strictObject({ roomId: id });
const memberParams = z.strictObject({ roomId: id, userId: id });
const oneRoom = success(z.object({ room }));

/** Rooms: made, listed, joined and left. */
export function roomRoutes(app: App, deps: Deps, pace: Pace): void {
  allRoomsRoutes(app, deps, pace);
  oneRoomRoutes(app, deps);
  memberRoutes(app, deps, pace);
}

function allRoomsRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/chat/rooms',
    {
      schema: {
        operationId: 'rooms.create',
        tags,
        summary: 'Make a room',
        description:
          `A group is for who is named, a public room for everybody; at most ${TALK_LIMITS.members} members. Who is ` +
          `added hears of it by \`notification\` (\`room_joined\`) where there are at most ${TALK_LIMITS.toldAtOnce}, ` +
          'and by the first message where there are more.',
        headers: idempotencyHeaders,
        body: roomRequest,
        response: answers(
          { 201: oneRoom },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'LIMIT_REACHED', 'RATE_LIMITED'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'rooms');
      const now = deps.now().toISOString();
      let heard: readonly string[] = [];
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const memberIds = await takePeople(transaction, account, body.member_ids);
        if (body.kind === 'group' && memberIds.length === 0) throw invalidField('member_ids', 'names nobody but you');
        const roomId = await createRoom(transaction, {
          ...{ kind: body.kind, name: body.name ?? null, ownerId: account.id, memberIds, now },
        });
        if (memberIds.length < TALK_LIMITS.toldAtOnce) {
          await tellJoined(transaction, { roomId, name: body.name ?? null, by: account, userIds: memberIds });
          heard = memberIds;
        }
        return {
          status: 201,
          body: { success: true as const, data: { room: await view(transaction, account, roomId) } },
        };
      });
      deps.ringUsers(heard);
      return answer;
    },
  );

  app.get(
    '/api/chat/rooms',
    {
      schema: {
        operationId: 'rooms.list',
        tags,
        summary: 'Your conversations in one form, last changed first',
        description:
          'Rooms, and conversations between two. `scope=public` lists the public rooms there are instead, the newest ' +
          'first, whether you are in them or not.',
        querystring: pageQuery.extend({
          kind: z.enum(['direct', 'campaign', 'bid', ...ROOM_KINDS]).optional(),
          scope: z.enum(['mine', 'public']).default('mine'),
        }),
        response: answers({ 200: list(room) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const { limit } = query;
      if (query.scope === 'public') {
        const keys = decodeCursor(query.cursor, z.tuple([id]));
        const rows = await listPublicRooms(pool, account.id, { limit: limit + 1, before: keys?.[0] ?? null });
        return pageOf(rows, limit, (row) => [row.id], roomView);
      }
      const keys = decodeCursor(query.cursor, cursorKeys);
      const rows = await listConversations(pool, account.id, {
        ...{ kind: query.kind ?? null, limit: limit + 1, offset: 0 },
        start: keys && { at: keys[0], id: keys[1] },
      });
      return pageOf(rows, limit, (row) => [row.updated_at, row.id], roomView);
    },
  );
}

function oneRoomRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/chat/rooms/:roomId',
    {
      schema: {
        operationId: 'rooms.get',
        tags,
        summary: 'A room',
        params,
        response: answers({ 200: oneRoom }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const found = await findSummary(pool, account.id, params.roomId);
      if (!found || (found.role === null && found.kind !== 'public')) throw noRoom();
      return { success: true as const, data: { room: roomView(found) } };
    },
  );

  app.patch(
    '/api/chat/rooms/:roomId',
    {
      schema: {
        operationId: 'rooms.rename',
        tags,
        summary: 'Call a room something else',
        description: 'Its owner may.',
        params,
        body: roomPatch,
        response: answers({ 200: oneRoom }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'),
      },
    },
    async ({ account, params, body }) => {
      const changed = await pool.transaction(async (transaction) => {
        const { locked, role } = await lockVisible(transaction, params.roomId, account);
        if (role !== 'owner') throw new Failure('FORBIDDEN', 'Only its owner names a room.');
        await renameRoom(transaction, locked.id, body.name);
        return view(transaction, account, locked.id);
      });
      return { success: true as const, data: { room: changed } };
    },
  );
}

function memberRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/chat/rooms/:roomId/members/:userId',
    {
      schema: {
        operationId: 'rooms.addMember',
        tags,
        summary: 'Add somebody to a room, or join it',
        description:
          'Whoever is in a room may add others; everybody may join a public one. What was said before is not unread; ' +
          'in a group it is not shown either. Adding who is in it changes nothing.',
        params: memberParams,
        body: z.strictObject({}).nullish(),
        response: answers(
          { 200: oneRoom },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'LIMIT_REACHED', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, params }) => {
      await pace.take(account.id, 'members');
      const { userId } = params;
      const changed = await pool.transaction(async (transaction) => {
        const { locked, role } = await lockVisible(transaction, params.roomId, account);
        if (role === null && userId !== account.id)
          throw new Failure('FORBIDDEN', 'Only members add others to a room.');
        if (userId !== account.id) {
          await getPerson(transaction, userId);
          await refuseBlocked(transaction, account.id, userId);
        }
        const added = await addMember(transaction, locked, userId, deps.now().toISOString());
        const seen = await view(transaction, account, locked.id);
        if (added && userId !== account.id) {
          await tellJoined(transaction, { roomId: locked.id, name: locked.name, by: account, userIds: [userId] });
        }
        return seen;
      });
      deps.ringUsers([userId]);
      return { success: true as const, data: { room: changed } };
    },
  );

  app.delete(
    '/api/chat/rooms/:roomId/members/:userId',
    {
      schema: {
        operationId: 'rooms.removeMember',
        tags,
        summary: 'Leave a room, or take somebody out of it',
        description: 'Its owner may take others out. When the owner leaves, who has been in it longest is the next.',
        params: memberParams,
        response: answers(
          { 200: success(z.object({ left: z.boolean() })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'FORBIDDEN',
        ),
      },
    },
    async ({ account, params }) => {
      const { left, kind } = await pool.transaction(async (transaction) => {
        const { locked, role } = await lockVisible(transaction, params.roomId, account);
        if (params.userId !== account.id && role !== 'owner') {
          throw new Failure('FORBIDDEN', 'Only its owner takes others out of a room.');
        }
        return { left: await removeMember(transaction, locked, params.userId), kind: locked.kind };
      });
      if (!left) throw new Failure('NOT_FOUND', 'They are not in this room.');
      // A public room is everybody's to read along.
      if (kind !== 'public') deps.bus.expel({ room: `conversation_${params.roomId}`, userId: params.userId });
      return { success: true as const, data: { left } };
    },
  );
}

async function view(transaction: Transaction, account: Account, roomId: string) {
  const found = await findSummary(transaction, account.id, roomId);
  if (!found) throw noRoom();
  return roomView(found);
}

/** A room that one may know of, with nobody else changing it, and what one is in it. NOT_FOUND of conversations between two. */
async function lockVisible(
  transaction: Transaction,
  roomId: string,
  account: Account,
): Promise<{ locked: LockedRoom; role: 'owner' | 'member' | null }> {
  const locked = await lockRoom(transaction, roomId);
  const membership = locked && (await findMembership(transaction, roomId, account.id));
  if (!locked || (!membership && locked.kind !== 'public')) throw noRoom();
  return { locked, role: membership?.role ?? null };
}

export function noRoom(): Failure {
  return new Failure('NOT_FOUND', 'There is no such room.');
}

/** Who is to be in a room beside its maker. VALIDATION_FAILED naming the first that is nobody one may add. */
async function takePeople(
  transaction: Transaction,
  account: Account,
  asked: readonly string[],
): Promise<readonly string[]> {
  const others = [...new Set(asked)].filter((userId) => userId !== account.id);
  if (others.length === 0) return others;
  const there = new Set(await listPeople(transaction, others));
  for (const blocked of await listBlocked(transaction, account.id, others)) there.delete(blocked);
  const missing = others.findIndex((userId) => !there.has(userId));
  if (missing !== -1)
    throw invalidField(`member_ids.${asked.indexOf(others[missing] as string)}`, 'is nobody you can add');
  return others;
}

async function tellJoined(
  transaction: Transaction,
  joined: { roomId: string; name: string | null; by: Account; userIds: readonly string[] },
): Promise<void> {
  const { roomId, name, by } = joined;
  await announce(
    transaction,
    joined.userIds.map((userId) => ({
      user_id: userId,
      name: 'notification' as const,
      data: {
        type: 'room_joined',
        data: { conversation_id: roomId, message: `${by.handle} added you to ${name ?? 'a group'}`, sender_id: by.id },
      },
    })),
  );
}
