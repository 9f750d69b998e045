import { fileURLToPath } from 'node:url';
import { quantile } from '../clicks/numbers.ts';
import { Meter } from '../clicks/processes.ts';
import { type Asked, startAsked } from '../realtime/asked.ts';
import type { Acted, Gave, Order } from './generator.ts';
import { type Act, type Giving, type Mix, SHARE } from './mix.ts';
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
  /** CPU for each delivered event, in µs: of the server's process, and with its databases. */
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

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));
/** As many as keep each of them well below a core. */
const GENERATORS = 2;
const WARM_SECONDS = 2;

/** `joins`: they are in the stream's room, and hear what is said there. */
async function openGenerators(
  stage: Stage,
  door: Door,
  { tokens, many, joins }: { tokens: readonly string[]; many: number; joins: boolean },
): Promise<Asked<Order>[]> {
  const generators: Asked<Order>[] = [];
  for (let n = 0; n < many; n++) generators.push(await startAsked<Order>(GENERATOR, { greets: false }));
  const { url, subject } = stage;
  await Promise.all(
    generators.map((generator, n) =>
      generator.ask({ do: 'open', url, door, joins, ...subject, tokens: tokens.filter((_, at) => at % many === n) }),
    ),
  );
  return generators;
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
  { variant, door }: { variant: string; door: Door },
  stage: Stage,
  { viewers, rates, seconds }: Mix,
): Promise<Watched> {
  const generators = await openGenerators(stage, door, {
    ...{ tokens: stage.tokens.slice(0, viewers), many: GENERATORS, joins: true },
  });
  try {
    const part = Object.fromEntries(Object.entries(rates).map(([act, many]) => [act, many / GENERATORS]));
    const run = (length: number) =>
      Promise.all(
        generators.map((each) => each.ask<Acted>({ do: 'act', rates: part as Record<Act, number>, seconds: length })),
      );
    await run(WARM_SECONDS);
    const meter = new Meter({ ...stage.pids });
    const all = await run(seconds);
    const { used } = meter.read();
    const sum = (of: (acted: Acted) => number) => all.reduce((total, acted) => total + of(acted), 0);
    const events = merged(all.map((acted) => acted.events));
    const delivered = sum((acted) => acted.delivered);
    const everything = Object.values(used).reduce((total, ms) => total + ms, 0);
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
  } finally {
    await Promise.all(generators.map((each) => each.stop()));
  }
}

/** A gift as soon as one before it is answered. Nobody is in the stream's room: what is measured is giving, and not telling. */
export async function measureGiving(
  { variant, door }: { variant: string; door: Door },
  stage: Stage,
  { givers, together, seconds }: Giving,
): Promise<Given> {
  const [generator] = await openGenerators(stage, door, {
    tokens: stage.tokens.slice(0, givers),
    many: 1,
    joins: false,
  });
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
    await generator.stop();
  }
}
