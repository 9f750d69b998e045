import { join } from 'node:path';
import { Behind } from './behind.ts';
import type { Closing } from './closing.ts';
import { type ClickedDeal, dealsUnderWay, newPairs } from './deals.ts';
import { type Program, type Stack, startStack } from './stack.ts';

/** All of Tandem on servers of its own, with deals whose work is under way. */
export type Place = Stack & {
  api: Program;
  worker: Program;
  behind: Behind;
  /** Clicked by calling the door's function. */
  deals: readonly ClickedDeal[];
  /** Clicked over HTTP. */
  routeDeals: readonly ClickedDeal[];
  /** Clicked while their workflows are looked at. */
  followedDeals: readonly ClickedDeal[];
  /** A database with the same `deals`, which no API, relay or worker looks at. */
  alone: string;
  /** Every process of ours but those that call. */
  pids: Record<'postgres' | 'redis' | 'worker' | 'temporal', number>;
};

/** More than the busiest run needs, as each takes 2,000 clicks. */
export const DEALS = 160;
const FOLLOWED = 64;

export async function openPlace(dir: string, closing: Closing, say: (line: string) => void): Promise<Place> {
  say('Starting the servers');
  const stack = await startStack(join(dir, 'ours'), say);
  closing.add(() => stack.stop());
  const { postgres, redis, temporal } = stack;
  say('Bringing deals to where work is under way');
  const first = await stack.startApi(postgres.url);
  const pairs = await newPairs(first.url, DEALS);
  const deals = await dealsUnderWay(first.url, pairs);
  const routeDeals = await dealsUnderWay(first.url, pairs);
  const followedDeals = await dealsUnderWay(first.url, pairs.slice(0, FOLLOWED));
  await first.stop();
  const alone = await stack.createDatabase('tandem_alone', 'tandem');
  const api = await stack.startApi(postgres.url);
  const worker = await stack.startWorker(postgres.url);
  const behind = await Behind.watch(worker, postgres.url, temporal.address);
  closing.add(() => behind.close());
  await behind.settle();
  const pids = { postgres: postgres.pid, redis: redis.pid, worker: worker.pid, temporal: temporal.pid };
  return { ...stack, api, worker, behind, deals, routeDeals, followedDeals, alone, pids };
}
