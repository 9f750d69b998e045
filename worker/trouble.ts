import { isPassing } from '#db/passing.ts';
import { isOutage, sqlState } from '#db/pool.ts';
import { isBookLost, MOST } from '#db/trading/writer.ts';

/** After a batch that could not be written: twice as long each time that a command alone fails, up to the most. */
const TRY_AGAIN_MS = { least: 20, most: 2_000 };
/** The next batch is so many times smaller, until the command that it fails by is alone. */
const NARROWS = 4;
/** So often in a row a command alone may fail: few times where it is about the command, more where it may be the moment. */
const BORNE = { sure: 3, unsure: 20 };

/**
 * How the writer of a pair goes on after a batch that could not be written. What is wrong with one command undoes all that
 * are written with it: so batches are made smaller until it is alone, and then it is set aside. While Postgres is away, or
 * the book is another's, nothing is held against anybody.
 */
export class Trouble {
  /** Commands in the next batch. */
  limit = MOST;
  /** Orders whose time is up, and whose end cannot be written: the pair goes on without. */
  readonly passedOver = new Set<string>();
  #error: unknown = null;
  #alone = 0;
  #until = 0;

  /** Answers for how many ms to leave the pair alone. */
  failed(error: unknown, now: number): number {
    const pause = Math.min(TRY_AGAIN_MS.least * 2 ** this.#alone, TRY_AGAIN_MS.most);
    const isAboutIt = !isOutage(error) && !isBookLost(error);
    if (this.limit === 1 && isAboutIt) this.#alone++;
    this.#error = error;
    this.limit = Math.max(1, Math.floor(this.limit / NARROWS));
    this.#until = now + pause;
    return pause;
  }

  /** A batch was written: the next ones may be larger again. True where all is well. */
  worked(): boolean {
    this.#alone = 0;
    this.limit = Math.min(this.limit * 2, MOST);
    return this.limit === MOST && this.passedOver.size === 0;
  }

  rests(now: number): boolean {
    return now < this.#until;
  }

  /** What the command that is next has failed by too often; null where it may be tried. */
  get givenUp(): { why: string } | null {
    if (this.#alone < (isPassing(this.#error) ? BORNE.unsure : BORNE.sure)) return null;
    const state = sqlState(this.#error);
    const why = this.#error instanceof Error ? this.#error.message : String(this.#error);
    return { why: state === null ? why : `${state}: ${why}` };
  }
}
