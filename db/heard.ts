import type { OutboxEvent } from './event/outbox.ts';

/** What somebody's new events are, where whoever wrote them knows: what they were numbered as, and when. */
export type HeardEvents = { userId: string; events: readonly OutboxEvent[] };

/**
 * Who has new events in a transaction that is not over: noted by what announces them, and told by the pool to whoever
 * listens once that is committed. So nobody who writes events can forget to ring for them.
 */
const noted = new WeakMap<object, Noted>();

/** `unknown`: who has events of which nothing is known here. */
type Noted = { users: Set<string>; unknown: Set<string>; told: HeardEvents[]; isPart: boolean };

/** A transaction begins; what it answers is asked for who has new events, and which, once it is committed. */
export function noteFrom(transaction: object): () => { users: readonly string[]; told: readonly HeardEvents[] } {
  const of: Noted = { users: new Set(), unknown: new Set(), told: [], isPart: false };
  noted.set(transaction, of);
  return () => ({ users: [...of.users], told: of.told.filter(({ userId }) => !of.unknown.has(userId)) });
}

/**
 * What is noted in a savepoint is noted in its transaction. A bell that is rung for nothing is a look for nothing; what
 * the events are is not noted, as a savepoint may be undone alone.
 */
export function noteWithin(transaction: object, savepoint: object): void {
  const within = noted.get(transaction);
  if (within) noted.set(savepoint, { ...within, isPart: true });
}

export function noteHeard(transaction: object, userIds: readonly string[], told: readonly HeardEvents[] = []): void {
  const within = noted.get(transaction);
  if (!within) return;
  const known = new Set(within.isPart ? [] : told.map(({ userId }) => userId));
  for (const userId of userIds) {
    within.users.add(userId);
    if (!known.has(userId)) within.unknown.add(userId);
  }
  if (!within.isPart) within.told.push(...told);
}
