/** Who is in which room of this process. A room is there while somebody is in it. */
export class Rooms<Member extends object> {
  readonly #members = new Map<string, Set<Member>>();
  readonly #rooms = new Map<Member, Set<string>>();

  join(room: string, member: Member): void {
    add(this.#members, room, member);
    add(this.#rooms, member, room);
  }

  leave(room: string, member: Member): void {
    remove(this.#members, room, member);
    remove(this.#rooms, member, room);
  }

  /** Leaves all of its rooms. */
  forget(member: Member): void {
    for (const room of this.of(member)) this.leave(room, member);
  }

  has(room: string, member: Member): boolean {
    return this.#members.get(room)?.has(member) ?? false;
  }

  /** A copy: members may leave while it is walked through. */
  in(room: string): readonly Member[] {
    return [...(this.#members.get(room) ?? [])];
  }

  of(member: Member): readonly string[] {
    return [...(this.#rooms.get(member) ?? [])];
  }

  /** Members of any of these rooms, each once, with the first room that it was found in. */
  among(rooms: readonly string[]): ReadonlyMap<Member, string> {
    const found = new Map<Member, string>();
    for (const room of rooms) {
      for (const member of this.#members.get(room) ?? []) if (!found.has(member)) found.set(member, room);
    }
    return found;
  }
}

function add<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function remove<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}

export const room = {
  user: (id: string) => `user_${id}`,
  conversation: (id: string) => `conversation_${id}`,
  bid: (id: string) => `bid_${id}`,
  campaign: (id: string) => `campaign_${id}`,
} as const;
