import type { Rooms } from './rooms.ts';

/** A live event to be said in some rooms; once to each member, whose own user may be passed over. */
export interface Spread {
  readonly rooms: readonly string[];
  readonly except?: string | undefined;
}

interface Lane<Member, Event extends Spread, Told> {
  readonly rooms: Set<string>;
  readonly waiting: Event[];
  current: { readonly batch: Batch<Event, Told>; readonly members: Iterator<readonly [Member, string]> } | null;
}

/** So many events go to a member together at most. */
const TOGETHER = 16;

/**
 * Brings live events to the members of rooms: to `chunk` of them in a turn of the event loop, and the rooms that have
 * more to do take turns. So a room of thousands holds up neither the others nor durable events and commands. Events of
 * one room stay in their order; those that wait for it together are `made` one thing for all, and that is told to each
 * member: one write to a socket, which is most of what a delivery costs. The more there is to tell, the cheaper each is.
 */
export class FanOut<Member extends { readonly userId: string }, Event extends Spread, Told> {
  readonly #rooms: Rooms<Member>;
  readonly #chunk: number;
  readonly #make: (events: readonly Event[], room: string) => Told;
  readonly #say: (member: Member, told: Told) => void;
  readonly #lanes = new Set<Lane<Member, Event, Told>>();
  readonly #laneOf = new Map<string, Lane<Member, Event, Told>>();
  #turn: NodeJS.Immediate | null = null;

  constructor(
    rooms: Rooms<Member>,
    chunk: number,
    by: {
      make(events: readonly Event[], room: string): Told;
      say(member: Member, told: Told): void;
    },
  ) {
    this.#rooms = rooms;
    this.#chunk = chunk;
    this.#make = by.make;
    this.#say = by.say;
  }

  /** How many rooms have more to do than one turn's worth. */
  get behind(): number {
    return this.#lanes.size;
  }

  say(event: Event): void {
    const busy = event.rooms.map((room) => this.#laneOf.get(room)).find((lane) => lane !== undefined);
    if (busy === undefined && this.#rooms.count(event.rooms) <= this.#chunk) {
      const batch = new Batch([event], this.#make);
      for (const [member, room] of this.#rooms.among(event.rooms)) this.#tell(member, batch, room);
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
  #advance(lane: Lane<Member, Event, Told>): boolean {
    for (let left = this.#chunk; left > 0; ) {
      lane.current ??= this.#next(lane);
      if (lane.current === null) return false;
      const { batch, members } = lane.current;
      const next = members.next();
      if (next.done) {
        lane.current = null;
      } else {
        this.#tell(next.value[0], batch, next.value[1]);
        left--;
      }
    }
    return true;
  }

  /** Its members as they are now: who joined while it waited hears it too. */
  #next(lane: Lane<Member, Event, Told>): Lane<Member, Event, Told>['current'] {
    const next = lane.waiting.slice(0, TOGETHER);
    const [first] = next;
    if (first === undefined) return null;
    const room = first.rooms.join();
    const end = next.findIndex(({ rooms }) => rooms.join() !== room);
    const events = lane.waiting.splice(0, end < 0 ? next.length : end);
    return { batch: new Batch(events, this.#make), members: this.#rooms.among(first.rooms)[Symbol.iterator]() };
  }

  #tell(member: Member, batch: Batch<Event, Told>, room: string): void {
    // Who left, or was put out, while others were told hears no more.
    if (!this.#rooms.has(room, member)) return;
    const told = batch.to(member.userId, room);
    if (told !== null) this.#say(member, told);
  }
}

/** Events that are told together, made once for all who hear them in the same room. */
class Batch<Event extends Spread, Told> {
  readonly #events: readonly Event[];
  readonly #make: (events: readonly Event[], room: string) => Told;
  readonly #passesOver: boolean;
  #only: { readonly room: string; readonly told: Told } | null = null;
  #more: Map<string, Told> | null = null;

  constructor(events: readonly Event[], make: (events: readonly Event[], room: string) => Told) {
    this.#events = events;
    this.#make = make;
    this.#passesOver = events.some(({ except }) => except !== undefined);
  }

  /** Null where that user is passed over in all of it. */
  to(userId: string, room: string): Told | null {
    if (this.#passesOver && this.#events.some(({ except }) => except === userId)) {
      const rest = this.#events.filter(({ except }) => except !== userId);
      return rest.length === 0 ? null : this.#make(rest, room);
    }
    // Almost always all are found in one room.
    if (this.#only === null) {
      this.#only = { room, told: this.#make(this.#events, room) };
      return this.#only.told;
    }
    if (this.#only.room === room) return this.#only.told;
    this.#more ??= new Map();
    const kept = this.#more.get(room);
    if (kept !== undefined) return kept;
    const made = this.#make(this.#events, room);
    this.#more.set(room, made);
    return made;
  }
}
