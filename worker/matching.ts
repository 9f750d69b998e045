import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Pool } from '#db/pool.ts';
import { listAskedPairs } from '#db/trading/commands.ts';
import {
  drawBook,
  type HeldBook,
  listFreeBooks,
  MOST,
  releaseBooks,
  renewBooks,
  setNextAside,
  takeBook,
  type Written,
  workBook,
  writeBook,
} from '#db/trading/writer.ts';
import type { Bus } from '#realtime/bus.ts';
import { Trouble } from './trouble.ts';

/** So long a book is its holder's after he was last heard of: what waits for a dead one waits at most so long. */
const LEASE_MS = 4_000;
/** Bells may be lost, leases end: this looks. */
const SWEEP_MS = 500;
/**
 * Of what waits while nothing is being written, half as many as were in the batch before go at once, and so many at least:
 * the others are worked out meanwhile. Else what comes all together would always be together, and Postgres and this process
 * wait for each other in turn.
 */
const FIRST_AT_LEAST = 8;
/** Leases are renewed in so many sweeps. */
const RENEWED_EVERY = 3;

export type Matching = {
  /** Commands wait for a pair. */
  ring(pairId: string): void;
  /** After the batches under way, with the books given back. */
  stop(): Promise<void>;
};

/**
 * The writers of pairs' books: this process writes those that it holds, and takes those that nobody holds. Several
 * workers do no harm: one of them holds a book, the others take it when it dies.
 */
export function startMatching(deps: {
  pool: Pool;
  bus: Pick<Bus, 'worked' | 'live' | 'listen'>;
  log: Logger;
  now: () => Date;
  leaseMs?: number;
}): Matching {
  const { pool, bus, log, now, leaseMs = LEASE_MS } = deps;
  const holder = uuid();
  const lanes = new Map<string, Lane>();
  /** Pairs with a batch that could not be written. */
  const troubles = new Map<string, Trouble>();
  const taking = new Map<string, Promise<void>>();
  let stopped = false;
  let sweeps = 0;
  let sweeping: Promise<void> | null = null;
  const timer = setInterval(() => {
    sweeping ??= sweep().finally(() => {
      sweeping = null;
    });
  }, SWEEP_MS);
  timer.unref();
  sweeping = sweep().finally(() => {
    sweeping = null;
  });
  bus.listen({ asked: ring });

  async function sweep(): Promise<void> {
    try {
      const pairIds = [...lanes.keys()];
      if (sweeps++ % RENEWED_EVERY === 0 && pairIds.length > 0) await renewBooks(pool, { holder, pairIds, leaseMs });
      for (const pairId of await listFreeBooks(pool, holder)) {
        if (lanes.has(pairId) || troubles.get(pairId)?.rests(performance.now())) continue;
        // One that cannot be read does not keep the others waiting.
        await take(pairId).catch((error: unknown) => {
          log.warn({ err: error, pair: pairId }, 'a book could not be read; trying again');
        });
      }
      const asked = new Set(await listAskedPairs(pool));
      const at = now().toISOString();
      for (const [pairId, lane] of lanes) if (asked.has(pairId) || lane.isDue(at)) lane.ring();
    } catch (error) {
      log.debug({ err: error }, 'books of pairs could not be looked after; trying again');
    }
  }

  /** Once at a time: taken twice, the first would be the one whose fencing number is old. */
  function take(pairId: string): Promise<void> {
    const known = taking.get(pairId);
    if (known) return known;
    const taken = takeBook(pool, { pairId, holder, leaseMs })
      .then(hold)
      .finally(() => taking.delete(pairId));
    taking.set(pairId, taken);
    return taken;
  }

  function hold(book: HeldBook | null): void {
    if (!book || stopped) return;
    log.debug({ pair: book.pairId, n: book.engine.position.n }, 'holds the book');
    const lane = createLane(book);
    lanes.set(book.pairId, lane);
    lane.ring();
  }

  type Lane = { ring(): void; isDue(at: string): boolean; over(): Promise<void> };

  /** Works a book, a batch after the other while there is something. */
  function createLane(book: HeldBook): Lane {
    let again = false;
    let working: Promise<void> | null = null;
    /** Commands in the batch that was sent last. */
    let last = 0;
    /** Goes on with whatever waits for something to happen. */
    let wake = () => {};

    async function work(): Promise<void> {
      while (again && !stopped) {
        const trouble = troubles.get(book.pairId);
        if (trouble) await workCarefully(trouble);
        else await workOn();
      }
    }

    async function workCarefully(trouble: Trouble): Promise<void> {
      again = false;
      const { givenUp } = trouble;
      if (givenUp) await setAside(trouble, givenUp);
      const written = await workBook(pool, book, now().toISOString(), trouble);
      if (written.commands === 0) return;
      if (trouble.worked()) troubles.delete(book.pairId);
      again = true;
      tell(written);
    }

    /** While a batch is written, what comes meanwhile is read and worked out: it goes as soon as that one is done. */
    async function workOn(): Promise<void> {
      let flight: { over: boolean; done: Promise<void> } | null = null;
      try {
        while (!stopped) {
          if (flight?.over) {
            await flight.done;
            flight = null;
          }
          if (flight === null && book.draft.worked.length > 0) flight = send();
          else if (again && book.draft.worked.length < MOST) {
            again = false;
            const limit = flight === null ? Math.max(Math.ceil(last / 2), FIRST_AT_LEAST) : MOST;
            // There may be more of it.
            if ((await drawBook(pool, book, now().toISOString(), { limit })) >= limit) again = true;
          } else if (flight === null) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        // It is written or not, whatever became of what was to follow it.
        await flight?.done;
      }
    }

    function send(): { over: boolean; done: Promise<void> } {
      last = book.draft.worked.length;
      const flight = { over: false, done: writeBook(pool, book).then(tell) };
      const end = () => {
        flight.over = true;
        wake();
      };
      flight.done.then(end, end);
      return flight;
    }

    function tell({ answers, update }: Written): void {
      bus.worked(book.pairId, answers);
      if (update) bus.live({ rooms: [`trading_${book.pairId}`], name: 'book_update', data: update });
    }

    async function setAside(trouble: Trouble, { why }: { why: string }): Promise<void> {
      const asked = { now: now().toISOString(), passedOver: trouble.passedOver, why };
      const { answers, passOver } = await setNextAside(pool, book, asked);
      if (passOver !== null) trouble.passedOver.add(passOver);
      trouble.worked();
      log.error({ pair: book.pairId, why, order: passOver }, 'a command cannot be carried out; it was set aside');
      if (answers.length > 0) bus.worked(book.pairId, answers);
    }

    /** What is in memory is not what is kept: it is read anew soon, or by a sweep, where nobody else holds it by then. */
    function drop(error: unknown): void {
      log.warn({ err: error, pair: book.pairId }, 'a batch could not be written; reading the book anew');
      lanes.delete(book.pairId);
      const trouble = troubles.get(book.pairId) ?? new Trouble();
      troubles.set(book.pairId, trouble);
      setTimeout(
        () => {
          if (!stopped && !lanes.has(book.pairId)) void take(book.pairId).catch(() => {});
        },
        trouble.failed(error, performance.now()),
      ).unref();
    }

    function begin(): void {
      again = true;
      wake();
      working ??= work()
        .catch(drop)
        .finally(() => {
          working = null;
          if (again && lanes.get(book.pairId) === lane) begin();
        });
    }

    const lane: Lane = {
      ring: begin,
      isDue: (at) => book.engine.nextDue !== null && book.engine.nextDue <= at,
      over: async () => void (await working),
    };
    return lane;
  }

  function ring(pairId: string): void {
    lanes.get(pairId)?.ring();
  }

  return {
    ring,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await sweeping;
      // What is taken only now is given back with the others.
      await Promise.allSettled([...taking.values(), ...[...lanes.values()].map((lane) => lane.over())]);
      await releaseBooks(pool, holder).catch(() => {});
    },
  };
}
