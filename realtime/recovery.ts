import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Bus } from './bus.ts';

/**
 * What Socket.IO's clients send by themselves when they come back: `pid`, which we gave them, and `offset`, the last
 * string that ended an event. Ours is the number of the last durable event, so that any process resumes from the
 * outbox. A pid says whose it is and with which number it began, for a client that had no event yet; it proves nothing
 * and opens nothing, the token does.
 */
const PID = /^([0-9a-f-]{36})\.(\d{1,16})\.[\w-]{16}$/;

export function newPid(userId: string, seq: number): string {
  return `${userId}.${seq}.${randomBytes(12).toString('base64url')}`;
}

/** Where a client wants to resume: undefined where it does not, null where what it sent is no number of ours. */
export function resumeOf(auth: { pid?: unknown; offset?: unknown }, userId: string): number | undefined | null {
  const { pid, offset } = auth;
  if (pid === undefined) return undefined;
  const [, of, began] = typeof pid === 'string' ? (PID.exec(pid) ?? []) : [];
  // Another's, or another server's: what it counted is nothing to us.
  if (of !== userId || began === undefined) return undefined;
  if (offset === undefined || offset === null) return Number(began);
  if (typeof offset !== 'string' || !/^\d{1,16}$/.test(offset) || !Number.isSafeInteger(Number(offset))) return null;
  return Number(offset);
}

const KEY = 'tandem:recover:';

/** The rooms of connections that may come back, in Redis, for whichever process they come to. */
export interface RoomMemory {
  keep(pid: string, rooms: readonly string[]): void;
  /** Null while Redis cannot say. */
  find(pid: string): Promise<readonly string[] | null>;
  forget(pid: string): void;
}

export function createRoomMemory(bus: Bus, forMs: number): RoomMemory {
  return {
    keep(pid, rooms) {
      bus
        .redis()
        ?.set(KEY + pid, JSON.stringify(rooms), 'PX', forMs)
        .catch(() => {});
    },
    async find(pid) {
      const kept = await bus
        .redis()
        ?.get(KEY + pid)
        .catch(() => undefined);
      if (kept === undefined) return null;
      if (kept === null) return [];
      return z.array(z.string()).parse(JSON.parse(kept));
    },
    forget(pid) {
      bus
        .redis()
        ?.del(KEY + pid)
        .catch(() => {});
    },
  };
}
