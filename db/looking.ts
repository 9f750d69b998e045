import { askAgain, type Check, check, INVARIANTS, QUERIES, type Reconciled, reconcile } from './invariants.ts';
import { keepAnswer, keepChecksOf, noteChecks, nowOf, takeAnswer } from './operation/books.ts';
import { createPool, type Executor, type Pool } from './pool.ts';

/** Looks at all of the books: they take minutes where there is much, so they never wait on what others wait for. */

/** Has work done on a connection of its own, that is opened for it and closed after it. */
export type Patiently = <Result>(work: (pool: Pool) => Promise<Result>) => Promise<Result>;

/** `longestMs`: of one statement or transaction. */
export function patientlyAt(databaseUrl: string, longestMs: number): Patiently {
  return async (work) => {
    const pool = createPool(databaseUrl, { size: 1, deadline: longestMs });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  };
}

/** Between one invariant and the next it is asked whether there was enough for one part. */
const PART_MS = 60_000;

/** What was looked at in a part, and by which invariant the next begins; null after the last. */
export type Part = { checks: Check[]; next: string | null };

/**
 * Looks at one invariant after another, from the one that is named on, and notes each at once: what takes so long that
 * it fails holds up none that came before it. Each is one statement and so sees one instant.
 */
export async function checkFrom(executor: Executor, from: string | null, partMs = PART_MS): Promise<Part> {
  const began = performance.now();
  const checks: Check[] = [];
  // One that was there when the part before this one ended, and is no longer, begins all anew.
  for (const name of INVARIANTS.slice(Math.max(0, INVARIANTS.indexOf(from ?? '')))) {
    if (checks.length > 0 && performance.now() - began >= partMs) return { checks, next: name };
    const at = await nowOf(executor);
    const found = await check(
      executor,
      QUERIES.filter((query) => query.name === name),
    );
    await noteChecks(executor, found, at);
    checks.push(...found);
  }
  await keepChecksOf(executor, INVARIANTS);
  return { checks, next: null };
}

/** Within what proxies let a request take. */
const WAITS_MS = 20_000;

export type Looking = {
  /**
   * What a look finds. Who asks while one is under way has part in it. Throws UNAVAILABLE where it takes longer than a
   * request may, or where another process looks: what is found is kept for whoever asks next.
   */
  look(asked: { whole: boolean }): Promise<Reconciled>;
};

type UnderWay = { whole: boolean; waiting: number; found: Promise<Reconciled> };

/** One look at a time, in all processes: see `reconcile`. */
export function createLooking(deps: {
  pool: Pool;
  patiently: Patiently;
  /** Called with why a look failed that nobody waited for any more. */
  failed: (error: unknown) => void;
  waitsMs?: number;
}): Looking {
  let underWay: UnderWay | null = null;

  function begin(whole: boolean): UnderWay {
    const mine = { whole, waiting: 0, found: deps.patiently((own) => reconcile(own, { whole })) };
    const ended = () => {
      if (underWay === mine) underWay = null;
      return mine.waiting > 0;
    };
    mine.found
      .then(
        async (found) => void (ended() || (await keepAnswer(deps.pool, whole, found))),
        (error: unknown) => void (ended() || deps.failed(error)),
      )
      .catch(deps.failed);
    return mine;
  }

  return {
    async look({ whole }) {
      const kept = underWay ? null : await takeAnswer(deps.pool, whole);
      if (kept) return kept as Reconciled;
      underWay ??= begin(whole);
      if (whole && !underWay.whole) throw isUnderWay();
      const joined = underWay;
      joined.waiting += 1;
      try {
        return await inTime(joined.found, deps.waitsMs ?? WAITS_MS);
      } finally {
        joined.waiting -= 1;
      }
    },
  };
}

async function inTime<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(isUnderWay()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const isUnderWay = () => askAgain('A look at the books is under way: ask again for what it finds.');
