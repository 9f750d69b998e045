import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { takeLock } from '#local/lock.mjs';
import { Closing } from './closing.ts';
import { FULL, LANES, measureClicks, middle, QUICK, type Row, ratio } from './measure.ts';
import { median } from './numbers.ts';
import { DEALS, type openPlace, type Place } from './place.ts';
import { type Measured, Variant, type VariantSpec } from './variant.ts';
import { ALONE, BY_HAND, OURS, ROUTE } from './variants.ts';

/**
 * `node bench/clicks/against.ts --before <checkout>`: clicks on this checkout beside clicks on another one, in turns, each
 * on servers of its own; while one is measured, the other's stand still. The other needs its own `node_modules`:
 *
 *   git worktree add --detach /tmp/before <commit> && (cd /tmp/before && npm ci)
 *
 * `--rounds` says how many, `--quick` takes one short one. Prints p50 and clicks a second at 1, 16 and 64 deals, and how
 * the one stands to the other: the middle of the rounds' ratios, as what others do to the machine they do to both.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIR = join(ROOT, '.tandem', 'bench-against');

const { values: flags } = parseArgs({
  options: { before: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (!flags.before) fail('--before says where the other checkout lies.');
const plan = { ...(flags.quick ? QUICK : FULL), ...(flags.rounds && { rounds: Number(flags.rounds) }) };
const lock = takeLock(`${DIR}.lock`);
if (!lock.release) fail(`Process ${lock.holder.pid} is measuring already.`);

const SIDES = { before: resolve(flags.before), after: ROOT };
type Side = keyof typeof SIDES;
const NAMES = [ALONE, BY_HAND, OURS, ROUTE];

const closing = new Closing();
let ending: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));
try {
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true, mode: 0o700 });
  const places = { before: await open('before'), after: await open('after') };
  const variants: Variant[] = [];
  for (const spec of [...(await specsOf('before', places)), ...(await specsOf('after', places))]) {
    const variant = await Variant.open(spec);
    closing.add(() => variant.close());
    variants.push(variant);
  }
  const rows = await measureClicks(variants, plan, console.log);
  console.log(`\n${table(rows)}`);
  await end(0);
} catch (error) {
  if (ending === null) console.error(error);
  await end(1);
}

/** All of a checkout, by its own code, on servers of its own. */
async function open(side: Side): Promise<Place> {
  const its = (await import(join(SIDES[side], 'bench/clicks/place.ts'))) as { openPlace: typeof openPlace };
  return its.openPlace(join(DIR, side), closing, (line) => console.log(`${side}: ${line}`));
}

async function specsOf(side: Side, places: Record<Side, Place>): Promise<VariantSpec[]> {
  const place = places[side];
  const other = places[side === 'before' ? 'after' : 'before'];
  const pidsOf = ({ api, worker, temporal }: Place) => [api.pid, worker.pid, temporal.pid];
  const script = (name: string) => join(SIDES[side], 'bench/clicks', `${name}.ts`);
  const { postgres, redis } = place;
  const settle = () => place.behind.settle();
  const byHand = await place.createDatabase('tandem_by_hand', 'tandem_alone');
  const specs: Record<string, Pick<VariantSpec, 'script' | 'options' | 'settle'> & { alone: boolean }> = {
    [ALONE]: {
      script: script('ours'),
      options: { redisUrl: redis.url, deals: place.deals, url: place.alone },
      alone: true,
    },
    [BY_HAND]: { script: script('byHand'), options: { url: byHand, deals: place.deals }, alone: true },
    [OURS]: {
      script: script('ours'),
      options: { redisUrl: redis.url, deals: place.deals, url: postgres.url },
      settle,
      alone: false,
    },
    [ROUTE]: { script: script('http'), options: { url: place.api.url, deals: place.routeDeals }, settle, alone: false },
  };
  return NAMES.map((name) => {
    const { alone, ...spec } = specs[name] as (typeof specs)[string];
    return {
      ...spec,
      name: nameOf(side, name),
      deals: DEALS,
      pids: { postgres: postgres.pid, ...(!alone && place.pids) },
      without: [...pidsOf(other), ...(alone ? pidsOf(place) : [])],
    };
  });
}

function nameOf(side: Side, name: string): string {
  return `${name}, ${side}`;
}

function table(rows: readonly Row[]): string {
  const rowOf = (side: Side, name: string, lanes: number) =>
    rows.find((row) => row.variant === nameOf(side, name) && row.lanes === lanes) as Row;
  const numbers: [string, (measured: Measured) => number][] = [
    ['p50, ms', ({ p50 }) => p50],
    ['clicks/s', ({ perSecond }) => perSecond],
    ['CPU, ms a click', ({ cpu }) => cpu.all as number],
  ];
  const others = median(rows.flatMap((row) => row.rounds.map((round) => round.others)));
  return [
    `${plan.rounds} rounds of ${plan.ms / 1_000} s; others used ${others.toFixed(2)} cores.`,
    '',
    '| clicks on | deals | number | before | after | after / before |',
    '| --- | --: | --- | --: | --: | --: |',
    ...NAMES.flatMap((name) =>
      LANES.flatMap((lanes) =>
        numbers.map(([number, of]) => {
          const [before, after] = [rowOf('before', name, lanes), rowOf('after', name, lanes)];
          const cells = [
            middle(before, of).toFixed(2),
            middle(after, of).toFixed(2),
            ratio(after, before, of).toFixed(3),
          ];
          return `| ${name} | ${lanes} | ${number} | ${cells.join(' | ')} |`;
        }),
      ),
    ),
  ].join('\n');
}

/** Stops everything, once. */
async function end(code: number): Promise<void> {
  ending ??= (async () => {
    await closing.close();
    rmSync(DIR, { recursive: true, force: true });
    lock.release?.();
    process.exit(code);
  })();
  await ending;
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
