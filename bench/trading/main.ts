/**
 * Orders a second and how long one takes to its durable answer, on one pair and on eight, with 1, 16 and 64 clients,
 * beside one hand-rolled transaction an order, the same rows one order a batch, and the engine in memory.
 *
 *   node bench/trading/main.ts [--seconds 4] [--rounds 3]
 */
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { checkInvariants } from '#db/invariants.ts';
import { drive, onPostgres, type Place } from './driving.ts';
import { byHand, inMemory, ofTandem, oneByOne, type Variant } from './variants.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
});
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
await onPostgres(main);

async function main({ pool, postgres, pairs: all, users }: Place): Promise<void> {
  const log = pino({ level: 'warn' });
  const rows: string[] = [];
  for (const pairs of [all.slice(0, 1), all]) {
    for (const clients of [1, 16, 64]) {
      const found = new Map<string, { rate: number; p50: number; p99: number }[]>();
      for (let round = 0; round < rounds; round++) {
        const variants: (() => Variant | Promise<Variant>)[] = [
          () => ofTandem({ pool, log }),
          () => byHand(postgres.url, users, pairs, clients),
          () => oneByOne({ pool, log }, pairs),
          () => inMemory(pairs, users),
        ];
        for (const make of variants) {
          const variant = await make();
          const measured = await drive(variant, { pairs, users, clients, seconds, seed: round });
          found.set(variant.name, [...(found.get(variant.name) ?? []), measured]);
          await variant.close();
        }
      }
      rows.push(rowOf(pairs.length, clients, found));
      process.stdout.write(`${rows.at(-1)}\n`);
    }
  }
  const broken = (await checkInvariants(pool)).filter(({ ok }) => !ok);
  process.stdout.write(`${broken.length === 0 ? 'every invariant holds' : JSON.stringify(broken)}\n`);
}

function rowOf(
  pairs: number,
  clients: number,
  found: ReadonlyMap<string, { rate: number; p50: number; p99: number }[]>,
): string {
  const middle = [...found].map(([name, all]) => {
    const { rate, p50, p99 } = [...all].sort((one, other) => one.rate - other.rate)[
      all.length >> 1
    ] as (typeof all)[number];
    return `${name} ${rate.toFixed(0)}/s p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`;
  });
  const [ours, hand] = ['Tandem', 'hand-rolled'].map((name) => found.get(name)?.map(({ rate }) => rate) ?? []);
  const ratios = (ours ?? []).map((rate, round) => rate / ((hand ?? [])[round] ?? Number.NaN)).sort((a, b) => a - b);
  return `pairs ${pairs}, clients ${clients}: ${middle.join(' | ')} | ${ratios[ratios.length >> 1]?.toFixed(2)} times hand-rolled`;
}
