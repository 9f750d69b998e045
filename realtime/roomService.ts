import type { Pool } from '#db/pool.ts';
import { listEndedSessions } from '#db/talk/audience.ts';
import { id as anyId } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import type { Bus, Expulsion, LiveEvent } from './bus.ts';
import type { Act } from './catalogue/declaration.ts';
import { ROOMS } from './catalogue.ts';
import type { CloseReason } from './closeCodes.ts';
import { createCommandLimit } from './commandLimit.ts';
import { notBuilt, perform, type Sent } from './commands.ts';
import type { CommandDeps, Log } from './deps.ts';
import { FanOut } from './fanOut.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { createPresence } from './presence.ts';
import { Rooms, room, roomIn } from './rooms.ts';
import { Typing } from './typing.ts';
import { startCounting } from './viewing.ts';

/** Live events on their way to a socket. The same ones for all who hear them, so that their frames are made once. */
export interface Live {
  readonly events: readonly { readonly name: string; readonly data: unknown }[];
  readonly room: string;
  readonly frames: Frames;
}

/** A signed-in connection, whichever door it came through. */
export interface Member {
  /** Of the connection, for the logs. */
  readonly id: string;
  readonly userId: string;
  readonly handle: string | undefined;
  readonly sessionId: string | null;
  /** May drop them. */
  live(said: Live): void;
  close(reason: CloseReason): void;
}

export interface RoomService {
  /** Lets a signed-in connection in. False when its user has too many already. */
  enter(member: Member): boolean;
  /** Whether a connection more would be let in. */
  hasPlace(userId: string): boolean;
  leave(member: Member): void;
  /** Does a command as its sender. Throws a Failure for a refusal. */
  perform(member: Member, command: { name: string; sent: Sent; idempotencyKey: string | null }): Promise<object>;
  /** The rooms a connection has joined, its own not among them. */
  roomsOf(member: Member): readonly string[];
  isIn(member: Member, kind: string, id: string): boolean;
  /** Lets a connection that came back into the rooms it was in, those that it still may be in. */
  rejoin(member: Member, names: readonly string[]): Promise<void>;
  /** Closes the connections of a login that has ended. */
  sessionEnded(sessionId: string): void;
  close(): Promise<void>;
}

/** To the others in the conversation. */
function sayTyping(bus: Bus) {
  return ({ userId, handle }: Member, conversationId: string, isTyping: boolean): void =>
    bus.live({
      rooms: [room.conversation(conversationId)],
      name: 'user_typing',
      data: { conversationId, userId, isTyping, ...(handle !== undefined && { username: handle }) },
      except: userId,
    });
}

/** Everybody is in their own room besides. */
function joined(rooms: Rooms<Member>, member: Member): readonly string[] {
  const own = room.user(member.userId);
  return rooms.of(member).filter((name) => name !== own);
}

/** The room of a kind that somebody is in, by this connection or else by any; null where there is not just one. */
function onlyRoom(rooms: Rooms<Member>, member: Member, kind: string): string | null {
  const within = (those: readonly Member[]) =>
    new Set(
      those
        .flatMap((each) => rooms.of(each).flatMap((name) => roomIn(name) ?? []))
        .flatMap((found) => (found.kind === kind ? [found.id] : [])),
    );
  const own = within([member]);
  const [only, other] = own.size > 0 ? own : within(rooms.in(room.user(member.userId)));
  return only !== undefined && other === undefined ? only : null;
}

/** Has people leave the rooms that they may not be in any more. */
function createLooking(from: {
  rooms: Rooms<Member>;
  mayBeIn: (kind: string, id: string, userId: string) => Promise<boolean>;
  expel: (member: Member, name: string) => void;
  log: Log;
}) {
  const { rooms, mayBeIn, expel, log } = from;
  /** Who is just being let in somewhere: Postgres is asked, and knows nothing yet of what happens meanwhile. */
  const asked = new Set<{ readonly userId: string; again: boolean }>();

  function doubted(userIds: readonly string[]): void {
    for (const each of asked) if (userIds.includes(each.userId)) each.again = true;
  }

  async function lookAgain(member: Member): Promise<void> {
    for (const name of joined(rooms, member)) {
      const found = roomIn(name);
      if (found && !(await mayBeIn(found.kind, found.id, member.userId)) && rooms.has(name, member))
        expel(member, name);
    }
  }

  async function lookAtAll(userIds: readonly string[]): Promise<void> {
    for (const member of userIds.flatMap((userId) => rooms.in(room.user(userId)))) await lookAgain(member);
  }

  return {
    lookAgain,
    /** They may have lost a right: who is just being let in by it is asked about once more. */
    doubted,
    /** Has somebody enter who may, though rights are lost while that is asked. Null where they may not. */
    async letIn<T>(userId: string, may: () => Promise<boolean>, enter: () => T): Promise<T | null> {
      const asking = { userId, again: false };
      asked.add(asking);
      try {
        do {
          asking.again = false;
          if (!(await may())) return null;
        } while (asking.again);
        return enter();
      } finally {
        asked.delete(asking);
      }
    },
    /** Their rights have changed: all of their rooms are asked about at once, wherever they are connected. */
    unsure(userIds: readonly string[]): void {
      doubted(userIds);
      lookAtAll(userIds).catch((error: unknown) =>
        log.debug({ err: error }, 'rooms could not be looked through; the sweep will'),
      );
    },
  };
}

type Options = {
  pool: Pool;
  bus: Bus;
  deps: CommandDeps;
  limits: Limits;
  metrics: RealtimeMetrics;
  log: Log;
  now: () => Date;
};

/** The one service behind all doors: rooms, commands, presence, typing, and the ends of logins. */
export function createRoomService(options: Options): RoomService {
  const { pool, bus, deps, limits, metrics, log, now } = options;
  const rooms = new Rooms<Member>();
  const members = new Set<Member>();
  const presence = createPresence({ pool, bus, limits, log });
  const commandLimit = createCommandLimit(bus, limits.commandsPerUserMinute);
  const fanOut = new FanOut<Member, LiveEvent, Live>(rooms, limits.fanOut, {
    make: (events, name) => ({ events, room: name, frames: new Frames() }),
    say: (member, live) => member.live(live),
  });
  const typing = new Typing<Member>(limits.typingMs, sayTyping(bus));

  function hear(event: LiveEvent): void {
    fanOut.say(event);
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

  function expelled({ room: name, userId }: Expulsion): void {
    looking.doubted([userId]);
    for (const member of rooms.in(room.user(userId))) if (rooms.has(name, member)) expel(member, name);
  }

  const looking = createLooking({ rooms, mayBeIn, expel, log });
  bus.listen({ live: hear, sessionEnded, expelled, unsure: looking.unsure });
  const counting = startCounting({ rooms, bus, pool, log, everyMs: limits.viewersMs, say: hear, now });
  const timers = [setInterval(sweepSessions, limits.sessionSweepMs), setInterval(sweepRooms, limits.roomSweepMs)];

  function expel(member: Member, name: string): void {
    const found = roomIn(name);
    if (found?.kind === 'conversation') typing.end(member, found.id);
    rooms.leave(name, member);
    const events = [{ name: 'left_room', data: { room: name } }];
    member.live({ events, room: room.user(member.userId), frames: new Frames() });
  }

  /** Whether somebody may be in a room. Throws NOT_FOUND where there is none of this kind. */
  function mayBeIn(kind: string, id: string, userId: string): Promise<boolean> {
    const declared = Object.hasOwn(ROOMS, kind) ? ROOMS[kind] : undefined;
    if (declared === undefined) throw new Failure('NOT_FOUND', 'There is no such room.');
    if (declared.mayJoin === null) throw notBuilt('room', kind);
    return declared.mayJoin(pool, id, userId);
  }

  let sweptUpTo: Member | null = null;
  let sweeping = false;

  /** Who may not be in a room any more is told at once by whoever takes the right away; this finds what was lost. */
  async function sweepRooms(): Promise<void> {
    if (sweeping) return;
    sweeping = true;
    try {
      for (const member of nextToSweep()) await looking.lookAgain(member);
    } catch (error) {
      log.debug({ err: error }, 'rooms could not be looked through; trying again');
    } finally {
      sweeping = false;
    }
  }

  /** The next so many members that are in rooms, in a circle. */
  function nextToSweep(): Member[] {
    const all = [...members].filter((member) => rooms.of(member).length > 1);
    const from = sweptUpTo === null ? 0 : all.indexOf(sweptUpTo) + 1;
    const next = [...all.slice(from), ...all.slice(0, from)].slice(0, limits.roomSweepMembers);
    sweptUpTo = next.at(-1) ?? null;
    return next;
  }

  async function join(member: Member, kind: string, id: string): Promise<{ room: string; entered: boolean }> {
    const form = (Object.hasOwn(ROOMS, kind) && ROOMS[kind]?.id) || anyId;
    const read = form.safeParse(id);
    if (!read.success) {
      throw new Failure('VALIDATION_FAILED', 'That is no room’s id.', {
        details: { fields: [{ field: 'roomId', problem: 'is not valid' }] },
      });
    }
    const name = room.of(kind, read.data);
    const may = () => mayBeIn(kind, read.data, member.userId);
    const entered = await looking.letIn(member.userId, may, () => enter(member, name));
    if (entered === null) throw new Failure('NOT_FOUND', ROOMS[kind]?.missing ?? 'There is no such room.');
    return { room: name, entered };
  }

  /** Whether it was not in there before. */
  function enter(member: Member, name: string): boolean {
    const before = rooms.has(name, member);
    if (!before && rooms.of(member).length > limits.roomsPerConnection) {
      throw new Failure('LIMIT_REACHED', `A connection is in at most ${limits.roomsPerConnection} rooms.`);
    }
    // It may have gone while Postgres was asked.
    if (members.has(member)) rooms.join(name, member);
    return !before;
  }

  function actOf(member: Member, idempotencyKey: string | null): Act {
    return {
      userId: member.userId,
      caller: { userId: member.userId, correlationId: member.id },
      ...{ idempotencyKey, pool, deps },
      join: (kind, id) => join(member, kind, id),
      leave(kind, id) {
        const name = room.of(kind, id);
        // Nobody is without their own: what is theirs comes there.
        if (kind !== 'user') rooms.leave(name, member);
        return { room: name };
      },
      within: (kind) => onlyRoom(rooms, member, kind),
      startTyping(conversationId) {
        if (members.has(member)) typing.begin(member, conversationId);
      },
      stopTyping: (conversationId) => typing.end(member, conversationId),
      status: (status) => presence.said(member.userId, status, rooms.of(member)),
      tell: (kind, id, name, data) => bus.live({ rooms: [room.of(kind, id)], name, data, except: member.userId }),
    };
  }

  return {
    hasPlace: (userId) => rooms.count([room.user(userId)]) < limits.connectionsPerUser,
    enter(member) {
      const own = rooms.count([room.user(member.userId)]);
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
      typing.forget(member);
      const left = rooms.of(member);
      rooms.forget(member);
      if (rooms.count([room.user(member.userId)]) === 0) {
        metrics.users.dec();
        presence.left(member.userId, left);
      }
    },
    async perform(member, { name, sent, idempotencyKey }) {
      await commandLimit.take(member.userId);
      return perform(actOf(member, idempotencyKey), name, sent);
    },
    roomsOf: (member) => joined(rooms, member),
    isIn: (member, kind, id) => rooms.has(room.of(kind, id), member),
    async rejoin(member, names) {
      for (const name of names.slice(0, limits.roomsPerConnection)) {
        const found = roomIn(name);
        if (found === null) continue;
        // What one may not see any more is passed over.
        await join(member, found.kind, found.id).catch((error) => {
          if (!(error instanceof Failure) || error.status >= 500) throw error;
        });
      }
    },
    sessionEnded,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await counting.stop();
      typing.close();
      fanOut.close();
      await presence.close();
    },
  };
}
