import { Several } from './several.ts';

/** Who is in which room of this process. A room is there while somebody is in it. */
export class Rooms<Member extends object> {
  readonly #members = new Several<string, Member>();
  readonly #rooms = new Several<Member, string>();

  join(room: string, member: Member): void {
    this.#members.add(room, member);
    this.#rooms.add(member, room);
  }

  leave(room: string, member: Member): void {
    this.#members.remove(room, member);
    this.#rooms.remove(member, room);
  }

  /** Leaves all of its rooms. */
  forget(member: Member): void {
    for (const room of this.of(member)) this.leave(room, member);
  }

  has(room: string, member: Member): boolean {
    return this.#members.has(room, member);
  }

  /** A copy: members may leave while it is walked through. */
  in(room: string): readonly Member[] {
    return [...this.#members.in(room)];
  }

  /** How many are in these rooms, who are in several of them counted as often. */
  count(rooms: readonly string[]): number {
    return rooms.reduce((sum, room) => sum + this.#members.count(room), 0);
  }

  /** Every room that somebody is in. */
  names(): readonly string[] {
    return [...this.#members.keys()];
  }

  of(member: Member): readonly string[] {
    return [...this.#rooms.in(member)];
  }

  /** Members of any of these rooms, each once, with the first room that it was found in. */
  among(rooms: readonly string[]): ReadonlyMap<Member, string> {
    const found = new Map<Member, string>();
    for (const room of rooms) {
      for (const member of this.#members.in(room)) if (!found.has(member)) found.set(member, room);
    }
    return found;
  }
}

export const room = {
  of: (kind: string, id: string) => `${kind}_${id}`,
  user: (id: string) => room.of('user', id),
  conversation: (id: string) => room.of('conversation', id),
} as const;

/** The kind and id in a room's name; null where it has none. */
export function roomIn(name: string): { kind: string; id: string } | null {
  const at = name.indexOf('_');
  return at < 0 ? null : { kind: name.slice(0, at), id: name.slice(at + 1) };
}
