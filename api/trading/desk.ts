import type { AnswerKey } from '#db/process/answers.ts';
import { type Given, giveCommands, listOutcomes, type Outcome } from '#db/trading/commands.ts';
import { type Placing, rehearseOrder } from '#db/trading/rehearsal.ts';
import type { PairAnswers } from '#realtime/bus.ts';
import { Failure } from '#workflows/failures.ts';
import type { Command } from '#workflows/trading/journal.ts';
import type { Deps } from '../deps.ts';

/** A command is answered within so long; a writer that died is followed by another within half of it. */
const ANSWERED_WITHIN_MS = 9_000;
/** Bells may be lost: while somebody waits, this looks. */
const LOOK_MS = 250;
const REHEARSALS_WAIT_AT_MOST = 16;
/** Commands in one statement. */
const MOST = 256;

type Done = Exclude<Outcome, { refusal: unknown }>;
type Asked = { given: Given; settle: (id: bigint | Failure) => void };
type Waiting = { resolve: (outcome: Outcome) => void; reject: (error: Failure) => void; until: number };

/** Brings commands to the writers of pairs, and what came of them back to whoever gave them. */
export type Desk = {
  /** Carries a command out. Throws what it was refused with; UNAVAILABLE where nobody writes the pair's book now. */
  give(pairId: string, command: Command, key: AnswerKey | null): Promise<Done>;
  /** What would come of an order, which is not placed. Throws what it would be refused with. */
  rehearse(pairId: string, order: Placing): Promise<Done>;
  close(): void;
};

/**
 * Commands that come at the same time are written with one statement, and what came of a batch comes with the writer's
 * bell, or is read with one where that is lost: a command costs a part of one statement among others.
 */
export function createDesk({ pool, bus, log, now }: Pick<Deps, 'pool' | 'bus' | 'log' | 'now'>): Desk {
  const asked: Asked[] = [];
  const waiting = new Map<bigint, Waiting[]>();
  const early = new Map<bigint, Outcome>();
  let writing = false;
  let looking = false;
  let lookAgain = false;
  const rehearsing = oneByOne();
  const timer = setInterval(() => {
    refuseLate();
    void look();
  }, LOOK_MS);
  timer.unref();
  bus.listen({ worked: hear });

  /** What came of commands, with the bell; what it did not bring is looked for, where somebody waits for it. */
  function hear(_pairId: string, answers: PairAnswers): void {
    for (const [id, outcome] of answers) {
      if (waiting.has(id)) answer(id, outcome as Outcome);
      // Carried out before who gave it was told its id.
      else if (writing) early.set(id, outcome as Outcome);
    }
    if (answers.length === 0) void look();
  }

  /** With what comes in the same turn of the event loop: alone the first would go, and all others after it. */
  function writeSoon(): void {
    if (writing) return;
    writing = true;
    setImmediate(() => void write());
  }

  async function write(): Promise<void> {
    while (asked.length > 0) {
      const taken = asked.splice(0, MOST);
      try {
        const ids = await giveCommands(
          pool,
          taken.map(({ given }) => given),
        );
        for (const [at, { settle }] of taken.entries()) settle(ids[at] as bigint | Failure);
        // Under a key that was used it may be carried out already.
        if (taken.some(({ given }) => given.key !== null)) void look();
        for (const pairId of new Set(taken.map(({ given }) => given.pairId))) bus.ringPair(pairId);
      } catch (error) {
        for (const { settle } of taken) settle(error as Failure);
      }
      // Nobody of these waits for it, and of those that come now none is carried out yet.
      early.clear();
    }
    writing = false;
  }

  /** One question at a time; a bell during it asks once more. */
  async function look(): Promise<void> {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    do {
      lookAgain = false;
      try {
        if (waiting.size > 0)
          for (const { id, outcome } of await listOutcomes(pool, [...waiting.keys()])) answer(id, outcome);
      } catch (error) {
        log.debug({ err: error }, 'what came of orders could not be read; trying again');
      }
    } while (lookAgain);
    looking = false;
  }

  function answer(id: bigint, outcome: Outcome): void {
    for (const { resolve } of waiting.get(id) ?? []) resolve(outcome);
    waiting.delete(id);
  }

  function refuseLate(): void {
    const now = performance.now();
    for (const [id, those] of waiting) {
      for (const { reject } of those.filter(({ until }) => until <= now)) {
        const message = 'Nobody carries out orders of this pair now. It is kept: ask again under the same key.';
        reject(new Failure('UNAVAILABLE', message, { retryAfter: 5 }));
      }
      const left = those.filter(({ until }) => until > now);
      if (left.length > 0) waiting.set(id, left);
      else waiting.delete(id);
    }
  }

  function submit(given: Given): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const settle = (id: bigint | Failure) => {
        if (typeof id !== 'bigint') return reject(id);
        const until = performance.now() + ANSWERED_WITHIN_MS;
        waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject, until }]);
        const known = early.get(id);
        if (known) answer(id, known);
      };
      asked.push({ given, settle });
      writeSoon();
    });
  }

  return {
    async give(pairId, command, key) {
      const kept = key && { key: `${key.path} ${key.key}`, bodyHash: key.bodyHash };
      return doneOf(await submit({ pairId, command, key: kept }));
    },
    rehearse: (pairId, order) =>
      rehearsing.next(async () => doneOf(await rehearseOrder(pool, pairId, order, now().toISOString()))),
    close: () => clearInterval(timer),
  };
}

/** Each reads a whole book: one after the other, and no more than so many wait. */
function oneByOne() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    async next<Seen>(work: () => Promise<Seen>): Promise<Seen> {
      if (waiting >= REHEARSALS_WAIT_AT_MOST) {
        throw new Failure('RATE_LIMITED', 'Too many orders are rehearsed just now.', { retryAfter: 1 });
      }
      waiting += 1;
      const done = last.then(work);
      last = done
        .catch(() => {})
        .finally(() => {
          waiting -= 1;
        });
      return done;
    },
  };
}

function doneOf(outcome: Outcome): Done {
  if (!('refusal' in outcome)) return outcome;
  const { code, message, details } = outcome.refusal;
  throw new Failure(code, message, { details });
}
