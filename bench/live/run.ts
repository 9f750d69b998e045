import { fileURLToPath } from 'node:url';
import { quantile } from '../clicks/numbers.ts';
import { Meter } from '../clicks/processes.ts';
import { type Asked, startAsked } from '../realtime/asked.ts';
import type { Acted, Gave, Order, Voted } from './generator.ts';
import { type Act, type Giving, type Mix, SHARE, VOTERS } from './mix.ts';
import type { Stage } from './stage.ts';
import type { Door } from './voices.ts';

/** What a stream with many viewers costs: each delivered event, and how late it is. */
export type Watched = {
  variant: string;
  viewers: number;
  acts: number;
  refused: string;
  unanswered: number;
  delivered: number;
  /** Of what everybody should have heard, what nobody did. */
  missing: number;
  /** CPU for each delivered event, in µs: of the server's process, and with its databases, its worker and Temporal. */
  serverUs: number;
  allUs: number;
  /** CPU of all for each act, in µs. */
  actUs: number;
  shown: { p50: number; p99: number };
  summed: { p50: number; p99: number };
  busy: number;
};

/** Gifts to one creator, as fast as they are given. */
export type Given = {
  variant: string;
  perSecond: number;
  p50: number;
  p99: number;
  serverUs: number;
  postgresUs: number;
  refused: string;
  wrong: string;
};

/** A poll that very many vote in within a second. */
export type Polled = {
  variant: string;
  voters: number;
  /** CPU for each vote, in µs: of the server's process, and of everything. */
  serverUs: number;
  allUs: number;
  answered: { p50: number; p99: number };
  summed: { p50: number; p99: number };
  /** What one viewer heard of it, and the shortest time between two, in ms. */
  tallies: number;
  apart: number;
  refused: string;
  unanswered: number;
  wrong: string;
  busy: number;
};

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));
/** As many as keep each of them well below a core. */
const GENERATORS = 2;
const WARM_SECONDS = 2;
const VOTING_SECONDS = 1;

export type Generators = {
  all: readonly Asked<Order>[];
  stop(): Promise<unknown>;
};

/** `joins`: they are in the stream's room, and hear what is said there. */
async function openGenerators(
  stage: Stage,
  door: Door,
  { tokens, many, joins }: { tokens: readonly string[]; many: number; joins: boolean },
): Promise<Generators> {
  const all: Asked<Order>[] = [];
  const stop = () => Promise.all(all.map((each) => each.stop()));
  try {
    for (let n = 0; n < many; n++) all.push(await startAsked<Order>(GENERATOR, { greets: false }));
    const { url, subject } = stage;
    const open = { do: 'open' as const, url, door, joins, ...subject };
    await Promise.all(
      all.map((generator, n) => generator.ask({ ...open, tokens: tokens.filter((_, at) => at % many === n) })),
    );
    return { all, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All viewers of a stream, in its room. */
export function openAudience(stage: Stage, door: Door, viewers: number): Promise<Generators> {
  return openGenerators(stage, door, { tokens: stage.tokens.slice(0, viewers), many: GENERATORS, joins: true });
}

const textOf = (refused: Record<string, number>): string =>
  Object.entries(refused)
    .map(([why, many]) => `${many} ${why}`)
    .join(', ');

function merged(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of all) for (const [name, many] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + many;
  return sum;
}

const spread = (parts: readonly Float64Array[]) => {
  const sorted = Float64Array.from(parts.flatMap((part) => [...part])).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
};

/** All viewers of the stream act by the mix. */
export async function measureWatching(
  variant: string,
  { stage, audience, mix }: { stage: Stage; audience: Generators; mix: Mix },
): Promise<Watched> {
  const { viewers, rates, seconds } = mix;
  const part = Object.fromEntries(Object.entries(rates).map(([act, many]) => [act, many / GENERATORS]));
  const run = (length: number) =>
    Promise.all(
      audience.all.map((each) => each.ask<Acted>({ do: 'act', rates: part as Record<Act, number>, seconds: length })),
    );
  await run(WARM_SECONDS);
  const meter = new Meter({ ...stage.pids });
  const all = await run(seconds);
  const { used } = meter.read();
  const sum = (of: (acted: Acted) => number) => all.reduce((total, acted) => total + of(acted), 0);
  const events = merged(all.map((acted) => acted.events));
  const delivered = sum((acted) => acted.delivered);
  const everything = totalOf(used);
  const acts = merged(all.map((acted) => acted.acts));
  const many = Object.values(acts).reduce((total, each) => total + each, 0);
  const seenByAll = ((acts.chat ?? 0) + (acts.gift ?? 0)) * viewers;
  return {
    ...{ variant, viewers, delivered, acts: many, unanswered: sum((acted) => acted.unanswered) },
    refused: textOf(merged(all.map((acted) => acted.refused))),
    missing: seenByAll - (events['chat:message'] ?? 0) - (events['gift:send'] ?? 0),
    serverUs: (1_000 * (used.server ?? 0)) / delivered,
    allUs: (1_000 * everything) / delivered,
    actUs: (1_000 * everything) / many,
    shown: spread(all.map((acted) => acted.shown)),
    summed: spread(all.map((acted) => acted.summed)),
    busy: Math.max(...all.map((acted) => acted.busy)),
  };
}

const totalOf = (used: Record<string, number>) => Object.values(used).reduce((total, ms) => total + ms, 0);

/** A thousand of them vote within one second, each once, in a poll that nobody has voted in. */
export async function measureVoting(
  variant: string,
  { stage, audience, viewers }: { stage: Stage; audience: Generators; viewers: number },
): Promise<Polled> {
  const voters = Math.min(VOTERS, viewers);
  const everybody = <Answer>(order: Order) => Promise.all(audience.all.map((each) => each.ask<Answer>(order)));
  const vote = (pollId: string) =>
    everybody<Voted>({ do: 'vote', pollId, voters: voters / GENERATORS, seconds: VOTING_SECONDS });
  const { pollId } = stage.subject;
  if (pollId !== null) await vote(pollId);
  const next = await stage.nextPoll();
  // That the one is over and the other has begun is told to everybody for good, and is none of the voting.
  await everybody({ do: 'listen' });
  const meter = new Meter({ ...stage.pids });
  const all = await vote(next);
  const { used } = meter.read();
  const refused = merged(all.map((voted) => voted.refused));
  const unanswered = all.reduce((sum, voted) => sum + voted.unanswered, 0);
  const due = voters - totalOf(refused) - unanswered;
  const counted = await stage.votes(next);
  const [heard = new Float64Array()] = all.map(({ tallies }) => tallies);
  const between = Array.from(heard.subarray(1), (at, n) => at - (heard[n] ?? 0));
  return {
    ...{ variant, voters, unanswered, refused: textOf(refused) },
    serverUs: (1_000 * (used.server ?? 0)) / voters,
    allUs: (1_000 * totalOf(used)) / voters,
    answered: spread(all.map(({ latencies }) => latencies)),
    summed: spread(all.map(({ summed }) => summed)),
    tallies: heard.length,
    apart: Math.min(...between),
    wrong: counted === due ? '' : `${counted} votes of ${due}`,
    busy: Math.max(...all.map(({ busy }) => busy)),
  };
}

/** A gift as soon as one before it is answered. Nobody is in the stream's room: what is measured is giving, and not telling. */
export async function measureGiving(
  { variant, door }: { variant: string; door: Door },
  stage: Stage,
  { givers, together, seconds }: Giving,
): Promise<Given> {
  const generators = await openGenerators(stage, door, {
    ...{ tokens: stage.tokens.slice(0, givers), many: 1, joins: false },
  });
  const [generator] = generators.all;
  if (!generator) throw new Error('there is no generator');
  try {
    const earned = await stage.earned();
    const warm = await generator.ask<Gave>({ do: 'give', together, seconds: 1 });
    const meter = new Meter({ ...stage.pids });
    const gave = await generator.ask<Gave>({ do: 'give', together, seconds });
    const { used } = meter.read();
    const due = BigInt(warm.given + gave.given) * SHARE;
    const had = (await stage.earned()) - earned;
    const wrong = [...(await stage.wrong()), ...(had === due ? [] : [`the creator has ${had} of ${due}`])];
    return {
      ...{ variant, perSecond: (1_000 * gave.given) / gave.ms, ...spread([gave.latencies]) },
      serverUs: (1_000 * (used.server ?? 0)) / gave.given,
      postgresUs: (1_000 * (used.postgres ?? 0)) / gave.given,
      ...{ refused: textOf(gave.refused), wrong: wrong.join('; ') },
    };
  } finally {
    await generators.stop();
  }
}
