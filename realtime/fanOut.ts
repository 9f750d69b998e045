import type { Rooms } from './rooms.ts';

/** A live event to be said in some rooms; once to each member, whose own user may be passed over. */
export interface Spread {
  readonly rooms: readonly string[];
  readonly except?: string | undefined;
}

interface Lane<Member, Event> {
  readonly rooms: Set<string>;
  readonly waiting: Event[];
  current: { readonly events: readonly Event[]; readonly members: Iterator<readonly [Member, string]> } | null;
}

/** So many events go to a member together at most: a turn is no longer for it, as it counts what is told. */
const TOGETHER = 16;

/**
 * Brings live events to the members of rooms: to `chunk` of them in a turn of the event loop, and the rooms that have
 * more to do take turns. So a room of thousands holds up neither the others nor durable events and commands. Events of
 * one room stay in their order; those that wait for it together go to each member together, in one write to its socket,
 * which is most of what a delivery costs: the more there is to tell, the cheaper each is.
 */
export class FanOut<Member extends { readonly userId: string }, Event extends Spread> {
  readonly #rooms: Rooms<Member>;
  readonly #chunk: number;
  readonly #say: (member: Member, event: Event, room: string) => void;
  readonly #lanes = new Set<Lane<Member, Event>>();
  readonly #laneOf = new Map<string, Lane<Member, Event>>();
  #turn: NodeJS.Immediate | null = null;

  constructor(rooms: Rooms<Member>, chunk: number, say: (member: Member, event: Event, room: string) => void) {
    this.#rooms = rooms;
    this.#chunk = chunk;
    this.#say = say;
  }

  /** How many rooms have more to do than one turn's worth. */
  get behind(): number {
    return this.#lanes.size;
  }

  say(event: Event): void {
    const busy = event.rooms.map((room) => this.#laneOf.get(room)).find((lane) => lane !== undefined);
    if (busy === undefined && this.#rooms.count(event.rooms) <= this.#chunk) {
      for (const [member, room] of this.#rooms.among(event.rooms)) this.#tell(member, event, room);
      return;
    }
    const lane = busy ?? { rooms: new Set<string>(), waiting: [], current: null };
    for (const room of event.rooms) {
      lane.rooms.add(room);
      if (!this.#laneOf.has(room)) this.#laneOf.set(room, lane);
    }
    lane.waiting.push(event);
    this.#lanes.add(lane);
    this.#turn ??= setImmediate(() => this.#work());
  }

  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#lanes.clear();
    this.#laneOf.clear();
  }

  #work(): void {
    this.#turn = null;
    // One lane a turn, the one that waits longest: other work of the loop comes between.
    const [lane] = this.#lanes;
    if (lane === undefined) return;
    this.#lanes.delete(lane);
    if (this.#advance(lane)) this.#lanes.add(lane);
    else for (const room of lane.rooms) if (this.#laneOf.get(room) === lane) this.#laneOf.delete(room);
    if (this.#lanes.size > 0) this.#turn = setImmediate(() => this.#work());
  }

  /** A turn's worth; true when there is more. */
  #advance(lane: Lane<Member, Event>): boolean {
    for (let left = this.#chunk; ; ) {
      lane.current ??= this.#next(lane);
      if (lane.current === null) return false;
      const { events, members } = lane.current;
      // Never so when a turn begins: no more go together than one has room for.
      if (events.length > left) return true;
      const next = members.next();
      if (next.done) {
        lane.current = null;
      } else {
        for (const event of events) this.#tell(next.value[0], event, next.value[1]);
        left -= events.length;
      }
    }
  }

  /** Its members as they are now: who joined while it waited hears it too. */
  #next(lane: Lane<Member, Event>): Lane<Member, Event>['current'] {
    const next = lane.waiting.slice(0, Math.min(TOGETHER, this.#chunk));
    const [first] = next;
    if (first === undefined) return null;
    const room = first.rooms.join();
    const end = next.findIndex(({ rooms }) => rooms.join() !== room);
    const events = lane.waiting.splice(0, end < 0 ? next.length : end);
    return { events, members: this.#rooms.among(first.rooms)[Symbol.iterator]() };
  }

  #tell(member: Member, event: Event, room: string): void {
    // Who left, or was put out, while others were told hears no more.
    if (member.userId !== event.except && this.#rooms.has(room, member)) this.#say(member, event, room);
  }
}
