/** What connections of both doors have in common. */

import { asNewcomer } from '#db/line.ts';
import { spanned } from '#program/trace.ts';
import { Failure } from '#workflows/failures.ts';
import type { Arrivals } from './arrivals.ts';
import { isCommand, type Sent } from './commands.ts';
import type { Delivery } from './delivery.ts';
import type { Identity, Log, VerifyToken } from './deps.ts';
import type { Limits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { failureBody } from './protocol.ts';
import type { Member, RoomService } from './roomService.ts';
import type { Taken } from './taken.ts';

export interface DoorContext {
  readonly service: RoomService;
  readonly arrivals: Arrivals;
  readonly delivery: Delivery;
  readonly taken: Taken;
  readonly verify: VerifyToken;
  readonly limits: Limits;
  readonly metrics: RealtimeMetrics;
  readonly log: Log;
}

export const MINUTE_MS = 60_000;

/** A command is begun by its client, and a connection is part of nothing. */
const OF_NOBODY = { kind: 'server', parent: null } as const;

/** Whose token it is. Throws UNAUTHENTICATED for one that is not good, and UNAVAILABLE where that cannot be told. */
export async function identify({ verify, log }: DoorContext, token: string, connectionId: string): Promise<Identity> {
  try {
    const identity = await verify(token);
    if (identity.expiresAt.getTime() > Date.now()) return identity;
    throw new Failure('UNAUTHENTICATED', 'The access token has ended.');
  } catch (error) {
    if (error instanceof Failure && error.status < 500) throw error;
    log.warn({ err: error, correlation_id: connectionId }, 'a token could not be checked');
    throw new Failure('UNAVAILABLE', 'The token cannot be checked now.', { retryAfter: 1, cause: error });
  }
}

export interface Asked {
  readonly name: string;
  readonly sent: Sent;
  readonly idempotencyKey: string | null;
  /** How long the connection has to wait with it, in ms; it is refused unless that is 0. */
  readonly wait: number;
}

/** Does a command and answers it in the one form, whatever becomes of it. */
export async function answerCommand(context: DoorContext, member: Member, asked: Asked) {
  const { service, metrics, log, limits } = context;
  const { name, sent, idempotencyKey, wait } = asked;
  const known = isCommand(name) ? name : 'unknown';
  try {
    if (wait > 0) throw tooManyCommands(limits, wait);
    const perform = () => service.perform(member, { name, sent, idempotencyKey });
    const data = await spanned(`command ${known}`, OF_NOBODY, () => asNewcomer({ served: false }, perform));
    metrics.commands.inc({ name: known, outcome: 'done' });
    return { success: true as const, data };
  } catch (error) {
    const failure = asFailure(error, member.id);
    if (failure.code === 'INTERNAL') {
      const fields = { err: error, correlation_id: member.id, user_id: member.userId, command: known };
      log.error(fields, 'a command failed');
    }
    metrics.commands.inc({ name: known, outcome: failure.code });
    return failureBody(failure);
  }
}

function tooManyCommands({ commandsPerMinute }: Limits, waitMs: number): Failure {
  return new Failure('RATE_LIMITED', `At most ${commandsPerMinute} commands a minute on one connection.`, {
    retryAfter: Math.ceil(waitMs / 1000),
  });
}

export function tooManyConnections({ connectionsPerUser }: Limits): Failure {
  return new Failure('LIMIT_REACHED', `At most ${connectionsPerUser} connections at a time.`);
}

/** What may be told of an error. */
export function asFailure(error: unknown, correlationId?: string): Failure {
  if (error instanceof Failure) return error;
  return new Failure('INTERNAL', 'Something went wrong on our side.', {
    cause: error,
    ...(correlationId === undefined ? {} : { details: { correlation_id: correlationId } }),
  });
}

/** Sees that a client takes nothing although much waits for it; a slow one takes something. */
export class Reluctance {
  #taken = 0;
  #takenAt = performance.now();

  /** How long it has taken nothing, in ms; 0 while no more than `limit` bytes wait. */
  since(now: number, taken: number, buffered: number, limit: number): number {
    if (buffered <= limit || taken > this.#taken) {
      this.#taken = taken;
      this.#takenAt = now;
      return 0;
    }
    return now - this.#takenAt;
  }
}
