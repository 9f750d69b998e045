/**
 * Who has new events in a transaction that is not over: noted by what announces them, and told by the pool to whoever
 * listens once that is committed. So nobody who writes events can forget to ring for them.
 */
const noted = new WeakMap<object, Set<string>>();

/** A transaction begins; answers what will have been noted in it. */
export function noteFrom(transaction: object): ReadonlySet<string> {
  const users = new Set<string>();
  noted.set(transaction, users);
  return users;
}

/** What is noted in a savepoint is noted in its transaction. A bell that is rung for nothing is a look for nothing. */
export function noteWithin(transaction: object, savepoint: object): void {
  const users = noted.get(transaction);
  if (users) noted.set(savepoint, users);
}

export function noteHeard(transaction: object, userIds: readonly string[]): void {
  const users = noted.get(transaction);
  for (const userId of userIds) users?.add(userId);
}
