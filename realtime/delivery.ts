import { setImmediate as turn } from 'node:timers/promises';
import { listBehind, listEventsOfMany, type OutboxEvent } from '#db/event/outbox.ts';
import type { Pool } from '#db/pool.ts';
import { advance } from './cursor.ts';
import type { Log } from './deps.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import type { RealtimeMetrics } from './metrics.ts';

/** A durable event on its way to a socket; its frames are made once, however many connections get it. */
export interface Delivered extends OutboxEvent {
  readonly frames: Frames;
}

/** A connection that durable events go to. */
export interface Reader {
  readonly userId: string;
  /** False while its buffer is full. What it then misses stays in Postgres until `Reading.resume`. */
  hasRoom(): boolean;
  deliver(event: Delivered): void;
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
  /** The bell: these users may have new events. */
  ring(userIds: Iterable<string>): void;
  /** Compares the counters of all connected users with what was delivered, as the sweep does every second. */
  sweep(): Promise<void>;
  close(): void;
}

interface Place extends Reading {
  cursor: number;
  open: boolean;
  readonly reader: Reader;
}

/**
 * Brings the outbox to connected readers. A bell only says whose events to look for; what is sent is read from
 * Postgres behind each reader's own cursor, so it does not matter whether bells are lost, doubled or out of order, and
 * resuming is nothing but a cursor further back. All readers that wait are served by one query at a time: under load
 * the batches grow instead of the number of queries.
 */
export function createDelivery(options: { pool: Pool; limits: Limits; metrics: RealtimeMetrics; log: Log }): Delivery {
  const { pool, limits, metrics, log } = options;
  const placesOfUser = new Map<string, Set<Place>>();
  const wanted = new Set<Place>();
  let serving = false;
  let sweeping = false;
  let closed = false;

  function want(place: Place): void {
    if (closed || !place.open || !place.reader.hasRoom()) return;
    wanted.add(place);
    if (!serving) {
      serving = true;
      void serve();
    }
  }

  async function serve(): Promise<void> {
    // Bells of one turn of the event loop go into one query.
    await turn();
    while (wanted.size > 0 && !closed) {
      const places = nextPlaces();
      try {
        const { events, cut } = await fetch(places);
        // Those that the query's limit left without an answer go before those that had a full page.
        if (cut) for (const place of places) if (!events.has(keyOf(place))) want(place);
        for (const place of places) offer(place, events.get(keyOf(place)) ?? [], cut);
      } catch (error) {
        // The sweep finds them again in a second; asking on and on would not bring Postgres back.
        metrics.fetchFailures.inc();
        log.warn({ err: error, readers: places.length }, 'durable events could not be read; trying again');
      }
    }
    serving = false;
  }

  function nextPlaces(): Place[] {
    const places: Place[] = [];
    for (const place of wanted) {
      if (places.length === limits.pageReaders) break;
      wanted.delete(place);
      if (place.open) places.push(place);
    }
    return places;
  }

  /** What comes next for each place, by its key; `cut` when there was more than one query takes. */
  async function fetch(places: readonly Place[]): Promise<{ events: Map<string, Delivered[]>; cut: boolean }> {
    const asked = new Map(
      places.map((place) => [keyOf(place), { userId: place.reader.userId, after: place.cursor }] as const),
    );
    const events = new Map<string, Delivered[]>();
    if (asked.size === 0) return { events, cut: false };
    const rows = await listEventsOfMany(pool, [...asked.values()], {
      each: limits.pageEvents,
      all: limits.fetchEvents,
    });
    const framesOf = new Map<string, Frames>();
    for (const { user_id, after, seq, name, data, at } of rows) {
      const id = `${user_id}/${seq}`;
      const frames = framesOf.get(id) ?? new Frames();
      framesOf.set(id, frames);
      const key = `${user_id}/${after}`;
      const page = events.get(key) ?? [];
      if (page.length === 0) events.set(key, page);
      page.push({ seq, name, data, at, frames });
    }
    return { events, cut: rows.length === limits.fetchEvents };
  }

  /** Sends until the reader is full; what is left over is fetched again once it has room. */
  function offer(place: Place, offered: readonly Delivered[], cut: boolean): void {
    const { events, gap } = advance(place.cursor, offered);
    for (const event of events) {
      if (!place.open) return;
      if (!place.reader.hasRoom()) return;
      place.reader.deliver(event);
      place.cursor = event.seq;
      metrics.delivered(event);
    }
    if (!place.open) return;
    if (gap) place.reader.resync();
    else if (offered.length === limits.pageEvents || (cut && offered.length > 0)) want(place);
  }

  async function sweep(): Promise<void> {
    if (sweeping || closed) return;
    sweeping = true;
    try {
      // A user's connections are rarely apart; the one that is furthest behind speaks for all.
      const readers = [...placesOfUser].map(([userId, places]) => ({
        userId,
        after: Math.min(...[...places].map(({ cursor }) => cursor)),
      }));
      for (let at = 0; at < readers.length; at += SWEEP_USERS) {
        const behind = await listBehind(pool, readers.slice(at, at + SWEEP_USERS));
        for (const userId of behind) for (const place of placesOfUser.get(userId) ?? []) want(place);
      }
    } catch (error) {
      log.debug({ err: error }, 'the counters could not be compared; trying again');
    } finally {
      sweeping = false;
    }
  }

  const timer = setInterval(() => void sweep(), limits.sweepMs);

  return {
    read(reader, after) {
      const place: Place = {
        reader,
        cursor: after,
        open: true,
        resume: () => want(place),
        end() {
          place.open = false;
          wanted.delete(place);
          const places = placesOfUser.get(reader.userId);
          places?.delete(place);
          if (places?.size === 0) placesOfUser.delete(reader.userId);
        },
      };
      const places = placesOfUser.get(reader.userId) ?? new Set();
      placesOfUser.set(reader.userId, places.add(place));
      // What was committed while the reader's place was looked up rang for nobody.
      want(place);
      return place;
    },
    ring(userIds) {
      for (const userId of userIds) for (const place of placesOfUser.get(userId) ?? []) want(place);
    },
    sweep,
    close() {
      closed = true;
      clearInterval(timer);
      wanted.clear();
    },
  };
}

/** Users in one query of the sweep. */
const SWEEP_USERS = 5_000;

function keyOf(place: Place): string {
  return `${place.reader.userId}/${place.cursor}`;
}
