import { bidExists, campaignExists, findSeat, listEndedSessions, type Seat } from '#db/audience.ts';
import type { Pool } from '#db/pool.ts';
import { Failure } from '#workflows/failures.ts';
import type { Bus, LiveEvent } from './bus.ts';
import type { CloseReason } from './closeCodes.ts';
import { COMMANDS, type CommandAnswer, type CommandData, type CommandName, isCommand } from './commands.ts';
import type { CommandDeps, Log } from './deps.ts';
import type { Limits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { createPresence } from './presence.ts';
import { readOrRefuse } from './protocol.ts';
import { Rooms, room } from './rooms.ts';

/** A signed-in connection, whichever door it came through. */
export interface Member {
  /** Of the connection, for the logs. */
  readonly id: string;
  readonly userId: string;
  readonly sessionId: string | null;
  /** May drop it. */
  live(event: { name: string; data: unknown; room: string }): void;
  close(reason: CloseReason): void;
}

export interface RoomService {
  /** Lets a signed-in connection in. False when its user has too many already. */
  enter(member: Member): boolean;
  leave(member: Member): void;
  /** Does a command as its sender. Throws a Failure for a refusal. */
  perform(member: Member, command: { name: string; data: unknown; idempotencyKey: string | null }): Promise<object>;
  /** Closes the connections of a login that has ended. */
  sessionEnded(sessionId: string): void;
  close(): Promise<void>;
}

type Handlers = {
  readonly [Name in CommandName]: (
    member: Member,
    data: CommandData<Name>,
    idempotencyKey: string | null,
  ) => Promise<CommandAnswer<Name>>;
};

/** The one service behind all doors: rooms, commands, presence, and the ends of logins. */
export function createRoomService(options: {
  pool: Pool;
  bus: Bus;
  deps: CommandDeps;
  limits: Limits;
  metrics: RealtimeMetrics;
  log: Log;
}): RoomService {
  const { pool, bus, deps, limits, metrics, log } = options;
  const rooms = new Rooms<Member>();
  const members = new Set<Member>();
  const presence = createPresence({ pool, bus, limits, log });
  /** Conversations a connection said it is typing in. */
  const typing = new Rooms<Member>();

  function broadcast(event: LiveEvent): void {
    for (const [member, found] of rooms.among(event.rooms)) {
      if (member.userId !== event.except) member.live({ name: event.name, data: event.data, room: found });
    }
  }

  function sessionEnded(sessionId: string): void {
    for (const member of members) if (member.sessionId === sessionId) member.close('session_ended');
  }

  /** Announcements of ended logins may be lost with Redis; the table has them all. */
  async function sweepSessions(): Promise<void> {
    const ids = new Set<string>();
    for (const { sessionId } of members) if (sessionId !== null) ids.add(sessionId);
    if (ids.size === 0) return;
    try {
      for (const id of await listEndedSessions(pool, [...ids])) sessionEnded(id);
    } catch (error) {
      log.debug({ err: error }, 'ended sessions could not be looked for; trying again');
    }
  }

  bus.listen({ live: broadcast, sessionEnded });
  const timer = setInterval(() => void sweepSessions(), limits.sessionSweepMs);

  async function seatOf(conversationId: string, member: Member): Promise<Seat> {
    const seat = await findSeat(pool, conversationId, member.userId);
    if (seat === null) throw new Failure('NOT_FOUND', 'There is no such conversation.');
    return seat;
  }

  function joinRoom(name: string, member: Member): { room: string } {
    if (!rooms.has(name, member) && rooms.of(member).length > limits.roomsPerConnection) {
      throw new Failure('LIMIT_REACHED', `A connection is in at most ${limits.roomsPerConnection} rooms.`);
    }
    // It may have gone while Postgres was asked.
    if (members.has(member)) rooms.join(name, member);
    return { room: name };
  }

  function tellTyping(conversationId: string, userId: string, isTyping: boolean): void {
    bus.live({
      rooms: [room.conversation(conversationId)],
      name: 'user_typing',
      data: { conversationId, userId, isTyping },
      except: userId,
    });
  }

  async function type(member: Member, conversationId: string, isTyping: boolean): Promise<Record<string, never>> {
    // Administrators may read along, but have nothing to say.
    if ((await seatOf(conversationId, member)) !== 'party') {
      throw new Failure('FORBIDDEN', 'Only the parties of a conversation write in it.');
    }
    if (!members.has(member)) return {};
    if (isTyping) typing.join(conversationId, member);
    else typing.leave(conversationId, member);
    tellTyping(conversationId, member.userId, isTyping);
    return {};
  }

  const handlers: Handlers = {
    async join(member, { userId }) {
      refuseOther(member, userId);
      return { room: room.user(userId) };
    },
    async join_conversation(member, { conversationId }) {
      await seatOf(conversationId, member);
      return joinRoom(room.conversation(conversationId), member);
    },
    async leave_conversation(member, { conversationId }) {
      const name = room.conversation(conversationId);
      rooms.leave(name, member);
      stopTyping(member, conversationId);
      return { room: name };
    },
    async join_bid_room(member, { bidId }) {
      if (!(await bidExists(pool, bidId))) throw new Failure('NOT_FOUND', 'There is no such bid.');
      return joinRoom(room.bid(bidId), member);
    },
    async join_campaign_room(member, { campaignId }) {
      if (!(await campaignExists(pool, campaignId))) throw new Failure('NOT_FOUND', 'There is no such campaign.');
      return joinRoom(room.campaign(campaignId), member);
    },
    async send_message(member, data, idempotencyKey) {
      refuseOther(member, data.senderId);
      const conversationId = data.conversationId ?? null;
      const receiverId = data.receiverId ?? null;
      if (conversationId === null && receiverId === null) {
        throw new Failure('VALIDATION_FAILED', 'A message needs a conversation or a receiver.', {
          details: { fields: [{ field: 'conversationId', problem: 'is required without receiverId' }] },
        });
      }
      const message = await deps.sendMessage(callerOf(member), {
        conversationId,
        receiverId,
        message: data.message,
        mediaUrl: data.mediaUrl ?? null,
        idempotencyKey,
      });
      stopTyping(member, message.conversation_id);
      return { message };
    },
    async typing_start(member, { conversationId, userId }) {
      refuseOther(member, userId);
      return type(member, conversationId, true);
    },
    async typing_stop(member, { conversationId, userId }) {
      refuseOther(member, userId);
      return type(member, conversationId, false);
    },
    async mark_seen(member, { conversationId, messageId, userId }) {
      refuseOther(member, userId);
      return { seen: await deps.markSeen(callerOf(member), { conversationId, messageId: messageId ?? null }) };
    },
    async user_status(member, { userId, status }) {
      refuseOther(member, userId);
      presence.said(member.userId, status, rooms.of(member));
      return {};
    },
  };

  function stopTyping(member: Member, conversationId: string): void {
    if (!typing.has(conversationId, member)) return;
    typing.leave(conversationId, member);
    tellTyping(conversationId, member.userId, false);
  }

  async function perform<Name extends CommandName>(
    member: Member,
    name: Name,
    data: unknown,
    idempotencyKey: string | null,
  ): Promise<CommandAnswer<Name>> {
    const read = readOrRefuse(COMMANDS[name].data, data, 'data');
    return handlers[name](member, read as CommandData<Name>, idempotencyKey);
  }

  return {
    enter(member) {
      const own = rooms.in(room.user(member.userId)).length;
      if (own >= limits.connectionsPerUser) return false;
      members.add(member);
      rooms.join(room.user(member.userId), member);
      if (own === 0) {
        metrics.users.inc();
        presence.arrived(member.userId);
      }
      return true;
    },
    leave(member) {
      if (!members.delete(member)) return;
      for (const conversationId of typing.of(member)) stopTyping(member, conversationId);
      const left = rooms.of(member);
      rooms.forget(member);
      if (rooms.in(room.user(member.userId)).length === 0) {
        metrics.users.dec();
        presence.left(member.userId, left);
      }
    },
    async perform(member, { name, data, idempotencyKey }) {
      if (!isCommand(name))
        throw new Failure('VALIDATION_FAILED', 'There is no such command.', {
          details: { fields: [{ field: 'name', problem: 'is not a command' }] },
        });
      return perform(member, name, data, idempotencyKey);
    },
    sessionEnded,
    async close() {
      clearInterval(timer);
      await presence.close();
    },
  };
}

function callerOf(member: Member): { userId: string; correlationId: string } {
  return { userId: member.userId, correlationId: member.id };
}

/** Whose command it is, is the token's to say. */
function refuseOther(member: Member, userId: string | undefined): void {
  if (userId !== undefined && userId !== member.userId) {
    throw new Failure('FORBIDDEN', 'That is another user’s id; commands are done as who you signed in as.');
  }
}
