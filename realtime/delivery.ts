import { setImmediate as turn } from 'node:timers/promises';
import { listBehind, listEventsOfMany, type OutboxEvent } from '#db/event/outbox.ts';
import type { HeardEvents } from '#db/heard.ts';
import type { Pool } from '#db/pool.ts';
import { apart, beginSpan } from '#program/trace.ts';
import type { HeardNumber } from './bus.ts';
import { advance } from './cursor.ts';
import type { Log } from './deps.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';
import { Several } from './several.ts';

/** A durable event on its way to a socket; its frames are made once, however many connections get it. */
export interface Delivered extends OutboxEvent {
  readonly frames: Frames;
}

/** A connection that durable events go to. */
export interface Reader {
  readonly userId: string;
  /** False while its buffer is full. What it then misses stays in Postgres until `Reading.resume`. */
  hasRoom(): boolean;
  /** Takes them in their order, for as long as it has room; at least one. Answers how many. */
  deliver(events: readonly Delivered[]): number;
  /** Finds out whether its client has all up to this number. */
  confirm(seq: number): void;
  /** The event to be sent next is no longer kept. */
  resync(): void;
}

/** A reader's place in its user's events. */
export interface Reading {
  /** Number of the last event delivered. */
  readonly cursor: number;
  /** To be called when the reader has room again. */
  resume(): void;
  end(): void;
}

export interface Delivery {
  /** Delivers everything after `after`, from now on. */
  read(reader: Reader, after: number): Reading;
  /** The bell: these users may have new events. Those of whom it says which are handed them, where they come next. */
  ring(userIds: Iterable<string>, told?: readonly HeardEvents[]): void;
  /** Finds out whether clients of these users have these events, as soon as they were sent them. */
  confirm(heard: Iterable<HeardNumber>): void;
  /** Compares the counters of all connected users with what was delivered, as the sweep does every second. */
  sweep(): Promise<void>;
  close(): void;
}

class Place implements Reading {
  cursor: number;
  open = true;
  readonly reader: Reader;
  readonly #places: { want(place: Place): void; leave(place: Place): void };
  /** What was before this place was not sent here, and is not to be asked for. */
  readonly #from: number;
  /** The event that its client is to be asked for, once it was sent; 0 for none. */
  #unconfirmed = 0;

  constructor(reader: Reader, after: number, places: { want(place: Place): void; leave(place: Place): void }) {
    this.reader = reader;
    this.cursor = after;
    this.#from = after;
    this.#places = places;
  }

  confirm(seq: number): void {
    if (seq <= this.#from) return;
    this.#unconfirmed = Math.max(this.#unconfirmed, seq);
    this.confirmed();
  }

  confirmed(): void {
    if (this.#unconfirmed === 0 || this.cursor < this.#unconfirmed) return;
    this.#unconfirmed = 0;
    this.reader.confirm(this.cursor);
  }

  resume(): void {
    this.#places.want(this);
  }

  end(): void {
    this.open = false;
    this.#places.leave(this);
  }
}

/** A place that is asked for, from where it was then: meanwhile it may be handed what comes next. */
interface Asking {
  readonly place: Place;
  readonly after: number;
}

/**
 * Brings the outbox to connected readers. A bell only says whose events to look for; what is sent is read from
 * Postgres behind each reader's own cursor, so it does not matter whether bells are lost, doubled or out of order, and
 * resuming is nothing but a cursor further back. Only what this process has just committed comes with its bell, and is
 * sent unread to whoever has had all before it: numbers without gaps say so. All readers that wait are served by one
 * query at a time: under load the batches grow instead of the number of queries.
 */
export function createDelivery(options: { pool: Pool; limits: Limits; metrics: RealtimeMetrics; log: Log }): Delivery {
  const { pool, limits, metrics, log } = options;
  const placesOfUser = new Several<string, Place>();
  const wanted = new Set<Place>();
  let serving = false;
  let sweeping = false;
  let closed = false;

  function want(place: Place): void {
    if (closed || !place.open || !place.reader.hasRoom()) return;
    wanted.add(place);
    if (!serving) {
      serving = true;
      void apart(serve);
    }
  }

  async function serve(): Promise<void> {
    // Bells of one turn of the event loop go into one query.
    await turn();
    while (wanted.size > 0 && !closed) {
      const asked = nextPlaces();
      try {
        const { events, cut } = await fetch(asked);
        // Those that the query's limit left without an answer go before those that had a full page.
        if (cut) for (const one of asked) if (!events.has(keyOf(one))) want(one.place);
        for (const one of asked) offer(one.place, events.get(keyOf(one)) ?? [], cut);
      } catch (error) {
        // The sweep finds them again in a second; asking on and on would not bring Postgres back.
        metrics.fetchFailures.inc();
        log.warn({ err: error, readers: asked.length }, 'durable events could not be read; trying again');
      }
    }
    serving = false;
  }

  function nextPlaces(): Asking[] {
    const asked: Asking[] = [];
    for (const place of wanted) {
      if (asked.length === limits.pageReaders) break;
      wanted.delete(place);
      if (place.open) asked.push({ place, after: place.cursor });
    }
    return asked;
  }

  /** What comes next for each place, by its key; `cut` when there was more than one query takes. */
  async function fetch(those: readonly Asking[]): Promise<{ events: Map<string, Delivered[]>; cut: boolean }> {
    const asked = new Map(
      those.map((one) => [keyOf(one), { userId: one.place.reader.userId, after: one.after }] as const),
    );
    const events = new Map<string, Delivered[]>();
    if (asked.size === 0) return { events, cut: false };
    const rows = await listEventsOfMany(pool, [...asked.values()], {
      each: limits.pageEvents,
      all: limits.fetchEvents,
    });
    const framesOf = new Map<string, Frames>();
    for (const { user_id, after, ...event } of rows) {
      const id = `${user_id}/${event.seq}`;
      const frames = framesOf.get(id) ?? new Frames();
      framesOf.set(id, frames);
      const key = `${user_id}/${after}`;
      const page = events.get(key) ?? [];
      if (page.length === 0) events.set(key, page);
      page.push({ ...event, frames });
    }
    return { events, cut: rows.length === limits.fetchEvents };
  }

  /** Sends until the reader is full; what is left over is fetched again once it has room. */
  function offer(place: Place, offered: readonly Delivered[], cut: boolean): void {
    const { events, gap } = advance(place.cursor, offered);
    if (!place.open) return;
    if (events.length > 0) {
      const taken = place.reader.hasRoom() ? place.reader.deliver(events) : 0;
      for (const event of events.slice(0, taken)) {
        place.cursor = event.seq;
        metrics.delivered(event);
        if (event.traceparent) noteSpan(event.name, event.traceparent);
      }
      place.confirmed();
      if (taken < events.length || !place.open) return;
    }
    if (gap) place.reader.resync();
    else if (offered.length === limits.pageEvents || (cut && offered.length > 0)) want(place);
  }

  /** What was just committed, where it is what comes next for a reader; anybody else's is looked for. */
  function hand({ userId, events }: HeardEvents): void {
    const delivered = events.map((event) => ({ ...event, frames: new Frames() }));
    for (const place of placesOfUser.in(userId)) {
      if (!place.open || delivered[0]?.seq !== place.cursor + 1) {
        want(place);
        continue;
      }
      try {
        offer(place, delivered, false);
      } catch (error) {
        // It is committed, and no business of whoever did that; the sweep finds it again.
        log.warn({ err: error }, 'durable events could not be handed on; trying again');
      }
    }
  }

  async function sweep(): Promise<void> {
    if (sweeping || closed) return;
    sweeping = true;
    try {
      // A user's connections are rarely apart; the one that is furthest behind speaks for all.
      const readers = [...placesOfUser.keys()].map((userId) => ({
        userId,
        after: Math.min(...[...placesOfUser.in(userId)].map(({ cursor }) => cursor)),
      }));
      for (let at = 0; at < readers.length; at += SWEEP_USERS) {
        const behind = await listBehind(pool, readers.slice(at, at + SWEEP_USERS));
        for (const userId of behind) for (const place of placesOfUser.in(userId)) want(place);
      }
    } catch (error) {
      log.debug({ err: error }, 'the counters could not be compared; trying again');
    } finally {
      sweeping = false;
    }
  }

  function leave(place: Place): void {
    wanted.delete(place);
    placesOfUser.remove(place.reader.userId, place);
  }

  const places = { want, leave };
  const timer = setInterval(() => void sweep(), limits.sweepMs);

  return {
    read(reader, after) {
      const place = new Place(reader, after, places);
      placesOfUser.add(reader.userId, place);
      // What was committed while the reader's place was looked up rang for nobody.
      want(place);
      return place;
    },
    ring(userIds, told = []) {
      if (closed) return;
      for (const each of told) hand(each);
      const handed = new Set(told.map(({ userId }) => userId));
      for (const userId of userIds) {
        if (!handed.has(userId)) for (const place of placesOfUser.in(userId)) want(place);
      }
    },
    confirm(heard) {
      for (const { userId, seq } of heard) for (const place of placesOfUser.in(userId)) place.confirm(seq);
    },
    sweep,
    close() {
      closed = true;
      clearInterval(timer);
      wanted.clear();
    },
  };
}

/** That it went out to a socket belongs to whatever announced it. */
function noteSpan(name: string, parent: string): void {
  beginSpan(`socket ${name}`, { kind: 'producer', parent })?.end();
}

/** Users in one query of the sweep. */
const SWEEP_USERS = 5_000;

function keyOf({ place, after }: Asking): string {
  return `${place.reader.userId}/${after}`;
}
