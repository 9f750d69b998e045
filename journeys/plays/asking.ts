import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer, Json } from '../person.ts';

/** How somebody asks who is not put off by what is killed meanwhile, and how it is counted. */

/** What was asked and answered of one kind of play, by all of them together. */
export type Counts = { answered: number; askedAgain: number; refused: string[]; waits: number[] };

export const noCounts = (): Counts => ({ answered: 0, askedAgain: 0, refused: [], waits: [] });

/** Asks under one key until there is an answer that is neither "later" nor none. Answers its `data`. */
export type Ask = (ask: (key: Record<string, string>) => Promise<Answer>) => Promise<Json>;

/**
 * Somebody who asks gives up after this. A part that is killed is back sooner, but a machine that is given more than it
 * can play works it off when no more comes, and whoever was told "later" meanwhile must have their turn too.
 */
const PATIENCE_MS = 900_000;

/** Before asking again: twice as long each time, and no two at once, so that a part that is back is not overrun. */
const PAUSE_MS = { least: 50, most: 15_000 };

type Patience = { withinMs?: number; mostPauseMs?: number };

/**
 * Looks until something is so, ever more seldom, and no sooner than was said. Fails with what was last seen. A client
 * that asks without pause keeps down what has just come up: with one every 40 ms a server that was back after 7 s did not
 * come to its answers for two minutes.
 */
export async function patiently<T>(
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  retryAfterMs: (seen: T) => number = () => 0,
  { withinMs = PATIENCE_MS, mostPauseMs = PAUSE_MS.most }: Patience = {},
): Promise<T> {
  const giveUp = performance.now() + withinMs;
  for (let pause = PAUSE_MS.least; ; pause = Math.min(2 * pause, mostPauseMs)) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > giveUp) {
      throw new Error(`not so within ${withinMs} ms; last seen: ${JSON.stringify(seen)?.slice(0, 500)}`);
    }
    await wait(Math.max(pause, retryAfterMs(seen)) * (0.75 + Math.random() / 2));
  }
}

/** Where nobody answers, that is an answer: "later". */
export const orLater = (asked: Promise<Answer>): Promise<Answer> =>
  asked.catch((error: Error): Answer => ({ status: 503, body: String(error.cause ?? error), headers: new Headers() }));

/** As a careful client asks. What is refused is counted, and thrown. */
export function askOf(counts: Counts): Ask {
  return async (ask) => {
    const key = { 'idempotency-key': randomUUID() };
    const since = performance.now();
    const answer = await patiently(
      () => orLater(ask(key)),
      ({ status }) => {
        const isLater = status >= 500 || status === 429;
        if (isLater) counts.askedAgain += 1;
        return !isLater;
      },
      ({ headers }) => 1_000 * Number(headers.get('retry-after') ?? 0),
    );
    counts.waits.push(performance.now() - since);
    if (answer.status >= 400) {
      const said = `${answer.status} ${JSON.stringify(answer.body)}`;
      counts.refused.push(said);
      throw new Error(said);
    }
    counts.answered += 1;
    return answer.body.data;
  };
}
