import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { forgetOtherPostgres } from '#local/environment.ts';
import { drawOf, pick } from '../../journeys/chance.ts';
import type { Json, Person } from '../../journeys/person.ts';
import { askOf, type Counts, noCounts } from '../../journeys/plays/asking.ts';
import { count, untilThere } from '../../journeys/plays/counting.ts';
import { newcomer, type Owed, type Stage } from '../../journeys/plays/playing.ts';
import { PLAYS } from '../../journeys/plays/plays.ts';
import { OPEN_TO_ALL } from '../../journeys/plays/talk.ts';
import { SETTINGS } from '../../journeys/plays/wallet.ts';
import { openStack, type Stack } from '../../journeys/stack.ts';
import { writeWhole } from '../reliability/whole.ts';
import { type Recovery, type Watch, watchOver } from './recovery.ts';
import { type Found, keep, linesOf } from './report.ts';
import { openShifts, type Shifts } from './shifts.ts';

/**
 * `npm run soak -- [--minutes 10] [--rate 1] [--every 20] [--seed 1]`: plays of every kind at a steady rate on what
 * `npm start` runs, people who talk at every door, and parts killed at random, for so many minutes; then everything is
 * let come to its end and counted, and kept in `results.md`. Ends with 1 where anything is lost, doubled or out of order.
 * Ctrl-C ends the killing early, and counts.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1' },
    every: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: Object.keys(PLAYS) },
  },
});
const [minutes, rate, every, seed] = [values.minutes, values.rate, values.every, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const unknown = values.only.find((name) => !Object.hasOwn(PLAYS, name));
if (unknown !== undefined) {
  console.error(`--only takes ${Object.keys(PLAYS).join(', ')}, and not ${unknown}.`);
  process.exit(1);
}

/** After the last kill everything that was promised is carried out within this. */
const SETTLED_WITHIN_MS = 300_000;
const TELL_EVERY_MS = 60_000;

forgetOtherPostgres();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
const stack = await openStack(SETTINGS);
let isWell = false;
try {
  isWell = await soak(stack);
} finally {
  await stack.close();
}
process.exit(isWell ? 0 : 1);

type Tally = { counts: Counts; begun: number; played: number; broken: string[]; owed: Owed[] };

async function soak(stack: Stack): Promise<boolean> {
  const began = performance.now();
  const first = await stack.admin();
  for (const action of OPEN_TO_ALL) await openToAll(first, action);
  const watch = await watchOver(stack);
  const talkers = await openShifts(stack.url);
  const until = performance.now() + minutes * 60_000;
  const isOn = () => performance.now() < until && !stopping.signal.aborted;
  const tallies = new Map<string, Tally>(
    values.only.map((name) => [name, { counts: noCounts(), begun: 0, played: 0, broken: [], owed: [] }]),
  );
  const recoveries: Recovery[] = [];
  const telling = setInterval(() => console.log(standing(tallies, recoveries)), TELL_EVERY_MS);
  const killing = killAtRandom(watch, talkers, recoveries, isOn);
  const playing = await playWhile(isOn, stack, tallies);
  await killing;
  watch.close();
  console.log(`${playing.size} plays are under way; they are let come to their end`);
  await Promise.all(playing);
  clearInterval(telling);
  const lastedMs = performance.now() - began;
  const found = await settled(talkers, tallies, recoveries, lastedMs);
  console.log(linesOf(found).join('\n'));
  keep(found);
  writeWhole();
  return found.isWell;
}

async function openToAll(admin: Person, action: string): Promise<void> {
  const body = { needs: { following: null, followers: null }, reason: 'The soak' };
  const { status } = await admin.ask('PATCH', `/api/admin/rewards/rules/${action}`, body);
  if (status !== 200) throw new Error(`${action}: ${status}`);
}

/** Each kill some seconds after all is well again. */
async function killAtRandom(watch: Watch, talkers: Shifts, recoveries: Recovery[], isOn: () => boolean): Promise<void> {
  const draw = drawOf(seed);
  for (;;) {
    await wait(every * (500 + draw(1_000)), undefined, { signal: stopping.signal }).catch(() => {});
    if (!isOn()) return;
    const recovery = await watch.killOne(draw);
    recoveries.push(recovery);
    const { parts, started, answered, told, carried } = recovery;
    console.log(`${parts.join(' and ')} killed: ${JSON.stringify({ started, answered, told, carried })}`);
    await talkers.relieve();
  }
}

/** Begins plays at the rate for as long as it is on. Answers those that are under way. */
async function playWhile(
  isOn: () => boolean,
  { url }: Stack,
  tallies: Map<string, Tally>,
): Promise<Set<Promise<void>>> {
  const draw = drawOf(seed + 1);
  const mix = values.only.map((name) => [PLAYS[name]?.weight ?? 0, name] as const);
  const playing = new Set<Promise<void>>();
  for (let began = performance.now(), number = 1; isOn(); number += 1) {
    const name = pick(mix, draw);
    const tally = tallies.get(name) as Tally;
    const ask = askOf(tally.counts);
    const stage: Stage = { url, ask, draw, newcomer: (...roles) => newcomer(url, roles) };
    tally.begun += 1;
    const one = (PLAYS[name] as (typeof PLAYS)[string])
      .play(stage)
      .then((owed) => {
        tally.owed.push(...owed);
        tally.played += 1;
      })
      .catch((error: Error) => void tally.broken.push(error.message))
      .finally(() => playing.delete(one));
    playing.add(one);
    await wait(Math.max(0, began + (number * 1_000) / rate - performance.now()));
  }
  return playing;
}

function standing(tallies: Map<string, Tally>, recoveries: readonly Recovery[]): string {
  const all = [...tallies.values()];
  const sum = (of: (tally: Tally) => number) => all.reduce((total, each) => total + of(each), 0);
  return `${new Date().toISOString().slice(11, 19)} ${sum(({ played }) => played)} of ${sum(({ begun }) => begun)} played, ${sum(({ counts }) => counts.answered)} requests acknowledged, ${sum(({ broken }) => broken.length)} broken, ${recoveries.length} kills`;
}

/** Lets everything come to its end and counts it, looks at the books, and asks the talkers what they heard. */
async function settled(
  talkers: Shifts,
  tallies: Map<string, Tally>,
  recoveries: readonly Recovery[],
  lastedMs: number,
): Promise<Found> {
  const since = performance.now();
  const all = [...tallies.values()].flatMap(({ owed }) => owed);
  await untilThere(all, SETTLED_WITHIN_MS);
  const settledMs = performance.now() - since;
  const talk = await talkers.end();
  const reconciled = await reconciliation();
  const plays: Found['plays'] = [];
  for (const [name, tally] of tallies) {
    const { counts, begun, played, broken, owed } = tally;
    plays.push({ name, counts, begun, played, broken, owed: owed.length, ...(await count(owed)) });
  }
  const isWell =
    reconciled.length === 0 &&
    talk.wrong.length === 0 &&
    plays.every(
      ({ broken, lost, doubled, counts }) => broken.length + lost.length + doubled.length + counts.refused.length === 0,
    ) &&
    recoveries.every(({ answered, told, carried }) => answered !== null && told !== null && carried !== null);
  return { minutes, rate, every, seed, lastedMs, settledMs, plays, recoveries, talk, reconciled, isWell };
}

/** Names of what is not in order. */
async function reconciliation(): Promise<string[]> {
  const admin = await stack.admin();
  const { body } = await admin.get('/api/admin/reconciliation?whole=true');
  return body.data.checks.filter((check: Json) => !check.ok).map(({ name }: Json) => name);
}
