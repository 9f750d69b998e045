import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEED } from '#local/testSeed.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { type Company, openCompany, type Room } from './company.ts';
import type { Talker } from './talker.ts';

/**
 * A walk at random over everything that may happen to people at sockets: they speak, lose their line in every way, come
 * back, nodes are killed and come, Redis is lost and comes. At the end all is well, and whoever was told what is compared.
 */

const STEPS = Number(process.env.STEPS ?? 150);
const PEOPLE = 6;
/** Between two steps at most, in ms: what happens overlaps. */
const PAUSE_MS = 120;

let state = SEED;
/** The same for the same SEED; what it meets on the way is up to the machine. Whole, below `many`. */
function draw(many: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * many);
}
const oneOf = <One>(all: readonly One[]): One => all[draw(all.length)] as One;

let cluster: Cluster;
let company: Company;
beforeAll(async () => {
  cluster = await openCluster(tmpdir(), 2);
  company = await openCompany(cluster.url, PEOPLE);
}, 120_000);
afterAll(async () => {
  await company?.close();
  await cluster?.close();
});

const sayings: Promise<void>[] = [];
const away = new Set<Talker>();
let redisAway = false;

/** How often each is drawn, of the sum. */
const STEPS_BY_WEIGHT: readonly (readonly [weight: number, what: string, step: () => unknown])[] = [
  [50, 'speak', speak],
  [12, 'cut', () => oneOf(company.people).wire.cut()],
  [6, 'swallow', () => lose('swallow')],
  [8, 'leave', () => lose('break')],
  [14, 'come back', comeBack],
  [4, 'kill a node', killNode],
  [5, 'lose or bring Redis', turnRedis],
];

function speak(): void {
  const who = oneOf(company.people);
  const saying = company.say(who, oneOf(company.rooms.filter(({ members }) => members.includes(who))) as Room);
  // What is refused is told at the end.
  saying.catch(() => {});
  sayings.push(saying);
}

function lose(how: 'break' | 'swallow'): void {
  const who = oneOf(company.people);
  who.wire[how]();
  away.add(who);
}

function comeBack(): void {
  const [who] = away;
  if (who === undefined) return;
  who.wire.mend();
  // What a line that swallows has open, swallows on.
  who.wire.cut();
  away.delete(who);
}

async function killNode(): Promise<void> {
  await cluster.killNode();
  if (cluster.nodes().length === 0 || draw(2) === 0) await cluster.startNode();
}

async function turnRedis(): Promise<void> {
  await (redisAway ? cluster.bringRedis() : cluster.loseRedis());
  redisAway = !redisAway;
}

/** One of them, as often as its weight says. */
const DRAWN = STEPS_BY_WEIGHT.flatMap((step) => Array.from({ length: step[0] }, () => step));

test(`whatever happens in whatever order, each durable log is the database’s (SEED=${SEED})`, async () => {
  const walked: string[] = [];
  for (let n = 0; n < STEPS; n++) {
    const [, what, step] = oneOf(DRAWN);
    walked.push(what);
    await step();
    await wait(draw(PAUSE_MS));
  }
  while (away.size > 0) comeBack();
  if (redisAway) await turnRedis();
  while (cluster.nodes().length < 2) await cluster.startNode();
  await Promise.all(sayings);
  expect(await company.whatIsWrong(), walked.join(', ')).toEqual([]);
}, 300_000);
