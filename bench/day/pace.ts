import { lotsOf } from '#workflows/trading/testing/lots.ts';
import { Refused } from './asking.ts';
import { ACTS, type Act, NOBODY, type Rates } from './mix.ts';

/** Does one of an act; resolves when it is answered. */
export type Player = () => Promise<void>;
export type Players = Record<Act, Player>;

/** What came of the acts of one kind since it was last asked. */
export type Tally = {
  /** Those that became due, however many were answered. */
  due: number;
  answered: number;
  /** By their code. */
  refused: Record<string, number>;
  /** Due while as many were under way as may be: nobody did them. */
  leftOut: number;
  /** From when each was due to its answer, in ms, in order. */
  latencies: Float64Array;
};
export type Tallies = Record<Act, Tally>;

type Counting = Omit<Tally, 'latencies'> & { latencies: number[] };

/** Of all kinds together. Beyond it the machine is far past what it carries, and so would this process be. */
const MOST_UNDER_WAY = 1_000;
const EVEN = 1_000_000;
/** Of what is refused, so many sentences are kept to be read. */
const SENTENCES = 20;

const fresh = (): Record<Act, Counting> =>
  Object.fromEntries(
    ACTS.map((act) => [act, { due: 0, answered: 0, refused: {}, leftOut: 0, latencies: [] }]),
  ) as unknown as Record<Act, Counting>;

/**
 * Plays without waiting for anybody: an act is done when it is due, whether or not what was done before is answered, and
 * its time counts from when it was due. Between two of a kind there is as much time as chance gives, by their rate.
 */
export class Pace {
  readonly #players: Players;
  readonly #lots = lotsOf(20);
  #rates: Rates = NOBODY;
  #next = Object.fromEntries(ACTS.map((act) => [act, Number.POSITIVE_INFINITY])) as Record<Act, number>;
  #counting = fresh();
  #underWay = 0;
  #timer: NodeJS.Timeout | null = null;
  /** What was refused, to be read. */
  readonly sentences: string[] = [];

  constructor(players: Players) {
    this.#players = players;
  }

  get underWay(): number {
    return this.#underWay;
  }

  play(rates: Rates): void {
    const now = performance.now();
    this.#rates = rates;
    for (const act of ACTS) this.#next[act] = rates[act] > 0 ? now + this.#gap(act) : Number.POSITIVE_INFINITY;
    this.#wake();
  }

  /** Exponential: so nothing keeps step with anything else. */
  #gap(act: Act): number {
    return (-Math.log((this.#lots.below(EVEN) + 1) / EVEN) * 1_000) / this.#rates[act];
  }

  #wake(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const first = Math.min(...ACTS.map((act) => this.#next[act]));
    this.#timer = Number.isFinite(first)
      ? setTimeout(() => this.#turn(), Math.max(0, first - performance.now()))
      : null;
  }

  #turn(): void {
    const now = performance.now();
    for (const act of ACTS) {
      while (this.#next[act] <= now) {
        this.#begin(act, this.#next[act]);
        this.#next[act] += this.#gap(act);
      }
    }
    this.#wake();
  }

  #begin(act: Act, due: number): void {
    this.#counting[act].due += 1;
    if (this.#underWay >= MOST_UNDER_WAY) {
      this.#counting[act].leftOut += 1;
      return;
    }
    this.#underWay += 1;
    this.#players[act]()
      .then(
        () => {
          const counting = this.#counting[act];
          counting.answered += 1;
          counting.latencies.push(performance.now() - due);
        },
        (error: unknown) => this.#refuse(act, error),
      )
      .finally(() => {
        this.#underWay -= 1;
      });
  }

  #refuse(act: Act, error: unknown): void {
    const code = error instanceof Refused ? error.code : 'FAULT';
    const { refused } = this.#counting[act];
    refused[code] = (refused[code] ?? 0) + 1;
    if (this.sentences.length < SENTENCES) this.sentences.push(`${act}: ${String(error).slice(0, 400)}`);
  }

  /** What came of everything since the last time, and forgets it. What is under way is told when it is answered. */
  take(): Tallies {
    const taken = this.#counting;
    this.#counting = fresh();
    return Object.fromEntries(
      ACTS.map((act) => [act, { ...taken[act], latencies: Float64Array.from(taken[act].latencies).sort() }]),
    ) as Tallies;
  }

  stop(): void {
    this.play(NOBODY);
  }
}
