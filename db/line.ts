import { AsyncLocalStorage } from 'node:async_hooks';
import { Failure } from '#workflows/failures.ts';
import { createStanding } from './standing.ts';

/**
 * Who waits for one of a few connections. Whoever asks and was not served yet, a newcomer, is refused where too many
 * wait, or where the line stands, as an answer would come too late; whoever was served once is served to the end, and
 * before them. Why it is so is in the README.
 */

/** A request that was not served yet may be sent away; one that was has done something. */
export type Newcomer = { served: boolean };

const asking = new AsyncLocalStorage<Newcomer>();

/** Whatever is asked in this work is asked by one newcomer. What nobody asks as one is never refused. */
export function asNewcomer<T>(newcomer: Newcomer, work: () => T): T {
  return asking.run(newcomer, work);
}

/** Too many waited already, or the line has long brought nobody to an answer in time. */
export type Shed = 'length' | 'age';

export type Line = {
  /**
   * Does some work when there is a place for it, and none of it once its caller has waited for `withinMs` and is gone.
   * Throws UNAVAILABLE to a newcomer for whom there will be no place in time.
   */
  inTurn<T>(work: () => Promise<T>, withinMs?: number): Promise<T>;
  /** A place until it is left, once. Never refused. */
  take(): Promise<() => void>;
  /** The same judgement for another line to the same Postgres. */
  beside(): Beside;
  state(): { free: number; waiting: number; oldestMs: number };
};

type Beside = {
  /** Somebody comes, where so many wait. Throws UNAVAILABLE to a newcomer. */
  admit(waiting: number): void;
  /** So many are done with. So many wait now, the first of them for so long. */
  moved(done: number, waiting: number, oldestMs: number): void;
};

type LineOptions = {
  /** How many are served at once. */
  places: number;
  /** So many may wait before newcomers are refused; 0 for any number. */
  longest: number;
  /** So long a newcomer may wait for an answer that comes in time; 0 for as long as it takes. */
  patienceMs: number;
  /** Hears of each that was refused. */
  shed?: (why: Shed) => void;
  now?: () => number;
};

type Waiter = { since: number; until: number; enter: () => void; refuse: (why: Failure) => void };

export function createLine({ places, longest, patienceMs, shed, now = () => performance.now() }: LineOptions): Line {
  let free = places;
  const served: Waiter[] = [];
  const newcomers: Waiter[] = [];
  const standing = createStanding(patienceMs, now);

  const isFull = (many: number) => longest > 0 && many >= longest;
  const waiting = () => served.length + newcomers.length;
  const waitedBy = (waiter: Waiter | undefined) => (waiter ? now() - waiter.since : 0);

  function refusal(why: Shed): Failure {
    shed?.(why);
    return new Failure('UNAVAILABLE', 'Too much is asked at this moment; come again in a second.', { retryAfter: 1 });
  }

  function wait(newcomer: Newcomer | null, withinMs: number): Promise<void> {
    withdraw();
    if (newcomer) {
      if (isFull(waiting())) return Promise.reject(refusal('length'));
      if (standing.isTooLong(waiting() + 1)) return Promise.reject(refusal('age'));
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        if (newcomer) newcomer.served = true;
        resolve();
      };
      const since = now();
      (newcomer ? newcomers : served).push({ since, until: since + withinMs, enter, refuse: reject });
    });
  }

  /** Whose caller was told that it took too long has nothing done any more. */
  function withdraw(): void {
    for (const waiters of [served, newcomers]) {
      while (waiters[0] && waiters[0].until <= now()) {
        const late = new Failure('UNAVAILABLE', 'The database did not answer in time.', { retryAfter: 1 });
        waiters.shift()?.refuse(late);
      }
    }
  }

  function leave(): void {
    withdraw();
    standing.moved(1, waiting(), waitedBy(newcomers[0]));
    // The first have waited longest: whoever came last is the likeliest to be there still.
    while (newcomers[0] && standing.isTooLong(waiting())) newcomers.shift()?.refuse(refusal('age'));
    const next = served.shift() ?? newcomers.shift();
    if (next) next.enter();
    else free += 1;
  }

  async function done<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      leave();
    }
  }

  return {
    inTurn(work, withinMs = Number.POSITIVE_INFINITY) {
      const newcomer = unserved();
      if (free === 0) return wait(newcomer, withinMs).then(() => done(work));
      free -= 1;
      if (newcomer) newcomer.served = true;
      return done(work);
    },
    async take() {
      if (free > 0) free -= 1;
      else await wait(null, Number.POSITIVE_INFINITY);
      let left = false;
      return () => {
        if (!left) leave();
        left = true;
      };
    },
    beside() {
      const { isTooLong, moved } = createStanding(patienceMs, now);
      return {
        admit(many) {
          const newcomer = unserved();
          if (!newcomer) return;
          if (isFull(many)) throw refusal('length');
          if (isTooLong(many + 1)) throw refusal('age');
          newcomer.served = true;
        },
        moved,
      };
    },
    state() {
      const oldestMs = Math.max(waitedBy(served[0]), waitedBy(newcomers[0]));
      return { free, waiting: waiting(), oldestMs };
    },
  };
}

function unserved(): Newcomer | null {
  const newcomer = asking.getStore();
  return newcomer && !newcomer.served ? newcomer : null;
}
