import { AsyncLocalStorage } from 'node:async_hooks';
import { Failure } from '#workflows/failures.ts';

/**
 * Who waits for one of a few connections. Whoever asks and was not served yet, a newcomer, is refused where so many wait,
 * or wait so long, that an answer would come too late; whoever was served once is served to the end, and before them.
 */

/** A request that was not served yet may be sent away; one that was has done something. */
export type Newcomer = { served: boolean };

const asking = new AsyncLocalStorage<Newcomer>();

/** Whatever is asked in this work is asked by one newcomer. What nobody asks as one is never refused. */
export function asNewcomer<T>(newcomer: Newcomer, work: () => T): T {
  return asking.run(newcomer, work);
}

/** Too many waited already, or one waited for too long. */
export type Shed = 'length' | 'age';

export type Line = {
  /** Does some work when there is a place for it. Throws UNAVAILABLE to a newcomer for whom there will be none in time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** A place until it is left, once. Never refused. */
  take(): Promise<() => void>;
  /** The same judgement of a newcomer for another line, in which so many wait, the first of them for so long. */
  admit(waiting: number, oldestMs: number): void;
  state(): { free: number; waiting: number; oldestMs: number };
};

type LineOptions = {
  /** How many are served at once. */
  places: number;
  /** So many may wait before newcomers are refused; 0 for any number. */
  longest: number;
  /** So long a newcomer waits; 0 for as long as it takes. */
  patienceMs: number;
  /** Hears of each that was refused. */
  shed?: (why: Shed) => void;
};

type Waiter = { since: number; enter: () => void; refuse: (why: Failure) => void };

export function createLine({ places, longest, patienceMs, shed }: LineOptions): Line {
  let free = places;
  const served: Waiter[] = [];
  const newcomers: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;

  const isFull = (waiting: number) => longest > 0 && waiting >= longest;
  const isLate = (waitedMs: number) => patienceMs > 0 && waitedMs >= patienceMs;

  function refusal(why: Shed): Failure {
    shed?.(why);
    return new Failure('UNAVAILABLE', 'Too much is asked at this moment; come again in a second.', { retryAfter: 1 });
  }

  function oldestMs(now: number): number {
    const since = Math.min(served[0]?.since ?? now, newcomers[0]?.since ?? now);
    return now - since;
  }

  function admit(waiting: number, waitedMs: number): void {
    const newcomer = asking.getStore();
    if (!newcomer || newcomer.served) return;
    if (isFull(waiting)) throw refusal('length');
    if (isLate(waitedMs)) throw refusal('age');
    newcomer.served = true;
  }

  /** Sends away those at the head of the line whose answer would come too late, and comes back for the next. */
  function sendAway(): void {
    timer = undefined;
    const now = performance.now();
    while (newcomers[0] && isLate(now - newcomers[0].since)) newcomers.shift()?.refuse(refusal('age'));
    watch();
  }

  function watch(): void {
    const [first] = newcomers;
    if (timer || !first || patienceMs === 0) return;
    timer = setTimeout(sendAway, Math.max(1, Math.ceil(first.since + patienceMs - performance.now())));
    timer.unref();
  }

  function wait(newcomer: Newcomer | null): Promise<void> {
    const since = performance.now();
    if (newcomer) {
      if (isFull(served.length + newcomers.length)) return Promise.reject(refusal('length'));
      if (isLate(oldestMs(since))) return Promise.reject(refusal('age'));
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        if (newcomer) newcomer.served = true;
        resolve();
      };
      (newcomer ? newcomers : served).push({ since, enter, refuse: reject });
      watch();
    });
  }

  function leave(): void {
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
    inTurn(work) {
      const store = asking.getStore();
      const newcomer = store && !store.served ? store : null;
      if (free === 0) return wait(newcomer).then(() => done(work));
      free -= 1;
      if (newcomer) newcomer.served = true;
      return done(work);
    },
    async take() {
      if (free > 0) free -= 1;
      else await wait(null);
      let left = false;
      return () => {
        if (!left) leave();
        left = true;
      };
    },
    admit,
    state: () => ({ free, waiting: served.length + newcomers.length, oldestMs: oldestMs(performance.now()) }),
  };
}
