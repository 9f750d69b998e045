import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Behind } from './behind.ts';
import { click, takeOver } from './clicking.ts';
import type { ClickedDeal } from './deals.ts';
import type { Plan } from './measure.ts';
import { median, quantile } from './numbers.ts';
import type { Place } from './place.ts';
import { Meter } from './processes.ts';
import { type Heard, hearClicks } from './sockets.ts';

/** What follows a click: how long until the deal's workflow has evolved through its step. */

const PER_SECOND = 300;
/** Before it counts: at a pace Node's compilers need so long until they have seen everything. */
const WARM_SECONDS = 10;
/** What evolved is looked at so often; the middle of these rounds counts, as elsewhere. */
const ROUND_SECONDS = 5;

export type Followed = {
  /** Clicks a second that were answered. */
  perSecond: number;
  /** Of the answers, in ms; of a paced run from the instant each click was due. */
  answered: { p50: number; p99: number };
  /** From a step's instant, which is before its commit, to its workflow having evolved, in ms; `max` is of all rounds. */
  evolved: { p50: number; p99: number; max: number };
  /** From the last click until no workflow was behind, in ms. */
  drained: number;
  /** How many steps were not known to their workflows when the clicking ended. */
  behind: number;
  /** In cores. */
  cpu: Record<string, number>;
  others: number;
};

type FollowOptions = {
  url: string;
  deals: readonly ClickedDeal[];
  behind: Behind;
  pids: Record<string, number>;
  /** Of clicking before it counts. */
  warmSeconds: number;
  seconds: number;
};

export type Following = { paced: Followed; pressed: Followed; heard: Heard };

/** Clicks over HTTP; `profiles` is a folder for what API and worker spent CPU on. */
export async function measureFollowing(place: Place, plan: Plan, profiles: string | null): Promise<Following> {
  const { api, behind } = place;
  const deals = place.followedDeals;
  await takeOver(api.url, deals);
  await behind.settle();
  const heard = await hearClicks(api.url, deals, plan.socketClicks);
  const options = { url: api.url, deals, behind, pids: { ...place.pids, api: api.pid, caller: process.pid } };
  const programs = profiles === null ? [] : [api, place.worker];
  await Promise.all(programs.map(({ probe }) => fetch(`${probe}/profile/start`)));
  const paced = await followPaced({ ...options, warmSeconds: WARM_SECONDS, seconds: plan.followSeconds });
  for (const { name, probe } of programs) {
    const profile = await (await fetch(`${probe}/profile/stop`)).text();
    writeFileSync(join(profiles as string, `${name}.cpuprofile`), profile);
  }
  const pressed = await followPressed({ ...options, warmSeconds: 0, seconds: plan.pressSeconds });
  return { paced, pressed, heard };
}

/** Clicks come at their own pace, whether or not earlier ones were answered; each deal's in their order. */
async function followPaced(options: FollowOptions): Promise<Followed> {
  const { deals } = options;
  const last: Promise<void>[] = deals.map(() => Promise.resolve());
  return follow(options, async (seconds, answered) => {
    const began = performance.now();
    const count = Math.round(seconds * PER_SECOND);
    for (let number = 0; number < count; number += 1) {
      const due = began + (number * 1_000) / PER_SECOND;
      const early = due - performance.now();
      if (early > 1) await wait(early);
      const lane = number % deals.length;
      last[lane] = (last[lane] as Promise<void>).then(async () => {
        await click(options.url, deals[lane] as ClickedDeal);
        answered(performance.now() - due);
      });
    }
    await Promise.all(last);
  });
}

/** On every deal the next click as soon as the last was answered. */
async function followPressed(options: FollowOptions): Promise<Followed> {
  return follow(options, async (seconds, answered) => {
    const until = performance.now() + seconds * 1_000;
    await Promise.all(
      options.deals.map(async (deal) => {
        for (let now = performance.now(); now < until; now = performance.now()) {
          await click(options.url, deal);
          answered(performance.now() - now);
        }
      }),
    );
  });
}

async function follow(
  { behind, pids, warmSeconds, seconds }: FollowOptions,
  press: (seconds: number, answered: (ms: number) => void) => Promise<void>,
): Promise<Followed> {
  await press(warmSeconds, () => {});
  await behind.settle();
  await behind.take();
  const meter = new Meter(pids);
  const latencies: number[] = [];
  const rounds: Float64Array[] = [];
  const began = performance.now();
  const listen = async () => {
    for (let round = 1; round * ROUND_SECONDS < seconds; round += 1) {
      await wait(began + round * ROUND_SECONDS * 1_000 - performance.now());
      rounds.push(await behind.take());
    }
  };
  await Promise.all([press(seconds, (ms) => latencies.push(ms)), listen()]);
  const took = performance.now() - began;
  const left = await behind.left();
  const drained = await behind.settle();
  const { used, others } = meter.read();
  const whole = performance.now() - began;
  rounds.push(await behind.take());
  const sorted = Float64Array.from(latencies).sort();
  return {
    perSecond: (latencies.length / took) * 1_000,
    answered: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
    evolved: {
      p50: median(rounds.map((lags) => quantile(lags, 0.5))),
      p99: median(rounds.map((lags) => quantile(lags, 0.99))),
      max: Math.max(...rounds.map((lags) => lags.at(-1) ?? 0)),
    },
    drained,
    behind: left,
    cpu: Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / whole])),
    others: others / whole,
  };
}
