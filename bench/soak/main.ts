import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Json, type Person, register, until } from '../../journeys/person.ts';
import { openStack, PARTS, type Stack } from '../../journeys/stack.ts';
import { type Counts, contextOf, ENDINGS, type Ending, type Pair, type Played, playDeal, stateIs } from './deal.ts';
import { staysSignedIn } from './signedIn.ts';

/**
 * `npm run soak`: deals at a steady rate on what `npm start` runs, with every part killed in turn, for so many minutes;
 * then everything is let come to its end and counted. Ends with 1 where anything is lost, doubled or out of order.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '10' },
    every: { type: 'string', default: '15' },
    pairs: { type: 'string', default: '60' },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const everyMs = Number(values.every) * 1_000;
const ROUND: readonly Ending[] = ['approved', 'approved', 'declined', 'approved', 'conceded'];
/** After the last kill everything promised is carried out within this. */
const SETTLED_WITHIN_MS = 300_000;

const stack = await openStack();
let failed = true;
try {
  failed = await soak(stack);
} finally {
  await stack.close();
}
process.exit(failed ? 1 : 0);

async function soak({ url }: Stack): Promise<boolean> {
  const pairs: Pair[] = [];
  for (let number = 0; number < Number(values.pairs); number += 1) {
    const [brand, influencer] = await Promise.all([register(url, ['brand_owner']), register(url, ['influencer'])]);
    pairs.push({ brand: staysSignedIn(url, brand), influencer: staysSignedIn(url, influencer) });
  }
  const counts: Counts = { answered: 0, askedAgain: 0, refused: [], waits: [] };
  const until = performance.now() + minutes * 60_000;
  const killing = killInTurn(until);
  const { played, broken } = await playUntil(until, pairs, counts);
  const kills = await killing;
  console.log(
    `all began and were played (${played.length}, ${broken.length} not to their end); waiting for what is promised`,
  );
  const ends = await settle(played, pairs);
  const reconciled = await reconciliation();
  return report({ played, broken, counts, kills, ends, reconciled });
}

type Kill = { part: string; backMs: number };

/** One part after the other, each as soon as the one before is back and some seconds have passed. */
async function killInTurn(until: number): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (let turn = 0; performance.now() < until - everyMs; turn += 1) {
    await wait(everyMs);
    const part = PARTS[turn % PARTS.length] as (typeof PARTS)[number];
    const since = performance.now();
    const back = stack.kill(part);
    await back();
    const backMs = Math.round(performance.now() - since);
    kills.push({ part, backMs });
    console.log(`${part} was killed; its next process was there after ${backMs} ms`);
  }
  return kills;
}

async function playUntil(until: number, pairs: readonly Pair[], counts: Counts) {
  const played: Played[] = [];
  const broken: string[] = [];
  const playing = new Set<Promise<void>>();
  for (let number = 0; performance.now() < until; number += 1) {
    const pair = pairs[number % pairs.length] as Pair;
    const ending = ROUND[number % ROUND.length] as Ending;
    const one = playDeal(stack.url, pair, ending, counts)
      .then((deal) => void played.push(deal))
      .catch((error: Error) => void broken.push(error.message))
      .finally(() => playing.delete(one));
    playing.add(one);
    await wait(1_000 / rate);
  }
  await Promise.all(playing);
  return { played, broken };
}

type Ends = { unsettled: string[]; wallets: { expected: bigint; found: bigint; wrong: string[] } };

/** Everything that a step promised is done, and every influencer has what the ends of their deals come to. */
async function settle(played: readonly Played[], pairs: readonly Pair[]): Promise<Ends> {
  const unsettled: string[] = [];
  const giveUp = performance.now() + SETTLED_WITHIN_MS;
  for (const { id, pair, ending } of played) {
    try {
      await stateIs(pair, id, ending === 'declined' ? ['chat_closed'] : ['real_time']);
      await until(
        () => contextOf(pair.brand, id),
        // A refund is the provider's to give, and the sandbox gives it when it is asked.
        ({ on_its_way }: Json) => on_its_way.length === 0,
        Math.max(1_000, giveUp - performance.now()),
      );
    } catch (error) {
      unsettled.push(`${id} (${ending}): ${(error as Error).message.slice(0, 200)}`);
    }
  }
  return { unsettled, wallets: await comparedWallets(played, pairs) };
}

async function comparedWallets(played: readonly Played[], pairs: readonly Pair[]): Promise<Ends['wallets']> {
  const due = new Map<string, bigint>();
  for (const { pair, ending } of played) due.set(pair.brand.id, (due.get(pair.brand.id) ?? 0n) + ENDINGS[ending]);
  const wrong: string[] = [];
  let [expected, found] = [0n, 0n];
  for (const { brand, influencer } of pairs) {
    const has = await rupeesOf(influencer);
    const ought = due.get(brand.id) ?? 0n;
    expected += ought;
    found += has;
    if (has !== ought) wrong.push(`${influencer.handle}: ${has} instead of ${ought} paise`);
  }
  return { expected, found, wrong };
}

async function rupeesOf(person: Person): Promise<bigint> {
  const { body } = await person.get(`/api/wallet/${person.id}/balance`);
  const row = body.data.balances.find(({ asset }: Json) => asset === 'INR');
  return row ? BigInt(row.total.replace('.', '')) : 0n;
}

async function reconciliation(): Promise<{ ok: boolean; broken: string[] }> {
  const admin = await stack.admin();
  const { body } = await admin.get('/api/admin/reconciliation?whole=true');
  const broken = body.data.checks.filter((check: Json) => !check.ok).map(({ name }: Json) => name);
  return { ok: body.data.ok, broken };
}

type Found = {
  played: readonly Played[];
  broken: readonly string[];
  counts: Counts;
  kills: readonly Kill[];
  ends: Ends;
  reconciled: { ok: boolean; broken: string[] };
};

/** Says what came out; true where anything is not as it has to be. */
function report({ played, broken, counts, kills, ends, reconciled }: Found): boolean {
  const sorted = [...counts.waits].sort((one, other) => one - other);
  const at = (part: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
  const byPart = Map.groupBy(kills, ({ part }) => part);
  const lines = [
    `deals played to their end: ${played.length}, at ${rate} a second for ${minutes} min; not to their end: ${broken.length}`,
    `requests answered: ${counts.answered}, asked again: ${counts.askedAgain}, refused: ${counts.refused.length}`,
    `answered after (p50, p99, most, in ms, with all asking again): ${at(0.5)}, ${at(0.99)}, ${at(1)}`,
    ...[...byPart].map(([part, all]) => {
      const worst = Math.max(...all.map(({ backMs }) => backMs));
      return `${part} killed ${all.length} times; its next process was there after ${worst} ms at the most`;
    }),
    `promises that did not come to their end: ${ends.unsettled.length}`,
    `in influencers' wallets: ${ends.wallets.found} paise, owed to them: ${ends.wallets.expected}`,
    `reconciliation: ${reconciled.ok ? 'clean' : `broken: ${reconciled.broken.join(', ')}`}`,
  ];
  console.log(`\n${lines.join('\n')}`);
  for (const what of [...broken, ...counts.refused, ...ends.unsettled, ...ends.wallets.wrong].slice(0, 20))
    console.log(`  ${what}`);
  return (
    broken.length + counts.refused.length + ends.unsettled.length + ends.wallets.wrong.length > 0 || !reconciled.ok
  );
}
