import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { SEED } from '#local/testSeed.ts';
import { testTemporalAddress } from '#local/testStack.ts';
import { openReceiver, type Receiver } from '#worker/testing/receiver.ts';
import { JOBS } from '#workflows/operation/workflow.ts';
import { listWritten, watchBooks } from './bookWriters.ts';
import { drawOf } from './chance.ts';
import { type Company, openCompany } from './company.ts';
import { type Crew, openCrew } from './crew.ts';
import { type Json, type Person, signIn, until } from './person.ts';
import { ok } from './play.ts';
import { askOf, noCounts } from './plays/asking.ts';
import { count, untilThere } from './plays/counting.ts';
import { newcomer, type Owed } from './plays/playing.ts';
import { PLAYS } from './plays/plays.ts';
import { SETTINGS } from './plays/wallet.ts';

/**
 * Two APIs and two workers on the same servers, each killed in its turn while people deal, trade, give, talk and are paid:
 * whoever relays, polls, schedules, sends and writes a book agrees with the others, over nodes, on who does what.
 */

const ADMIN = { handle: 'the_admin', password: 'a password of the admin' };
/** Never two of a kind at once. A worker first and an API last, as it is workers whose work others have to find. */
const IN_TURN = ['worker-1', 'api-1', 'worker-2', 'api-2'];
/** Played again and again, one after the other, until everybody was killed. */
const PLAYED = ['boost', 'orders', 'deal', 'stream', 'payout', 'trade', 'topUp', 'ticket'] as const;
const LANES = 2;
/** Whose book the orders go to. */
const PAIR = 'USDT-USD';
const TALKERS = 4;
const TALK_EVERY_MS = 500;
/** A workflow's task that went to a worker that is dead comes back in 10 s, and what it was sending in a minute. */
const SETTLED_WITHIN_MS = 120_000;
/** Of one endpoint, by one sender: what was on its way when that was killed is sent again, under the id it had. */
const SENT_AT_ONCE = 10;
const ROUNDS = 5;
const ROUND_MS = 60_000;
const EVERY_MINUTE = ['tandem-issue_invoices', 'tandem-tend_charge_backs'];

let crew: Crew;
let pool: Pool;
let receiver: Receiver;
let company: Company;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  receiver = await openReceiver();
  connection = await Connection.connect({ address: testTemporalAddress() });
  crew = await openCrew(2, {
    ...SETTINGS,
    ...{ ADMIN_HANDLE: ADMIN.handle, ADMIN_PASSWORD: ADMIN.password, LOG_LEVEL: 'error' },
    WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
  });
  client = new Client({ connection, namespace: crew.namespace });
  pool = createPool(crew.databaseUrl);
}, 180_000);
afterAll(async () => {
  await company?.close();
  crew?.close();
  await pool?.end();
  await connection?.close();
  await receiver?.close();
});

test(
  'each API and each worker is killed in its turn: nothing is lost, doubled or parked, and whatever there is one of was one at each time',
  async () => {
    const admin = await untilAdmin();
    await ok(admin.post('/api/admin/webhook-endpoints', { url: receiver.url }));
    await watchBooks(pool);
    company = await openCompany(crew.url, TALKERS);
    const rounds = await callRounds();
    const playing = play();
    const silence = company.talk(TALK_EVERY_MS);
    for (const name of IN_TURN) {
      await crew.kill(name);
      await goesOn(playing);
      if (name.startsWith('worker')) await untilAnotherHolds(name);
      await crew.start(name);
    }
    const { owed, broken, refused } = await playing.over();
    await silence();
    expect({ broken, refused }).toEqual({ broken: [], refused: [] });

    await untilThere(owed, SETTLED_WITHIN_MS);
    await untilNothingWaits();
    expect(await count(owed)).toEqual({ lost: [], doubled: [] });
    expect(await company.whatIsWrong()).toEqual([]);
    await expectNothingParked(admin);
    await expectOneWriter();
    await expectEachRoundOnce(rounds);
    await expectEachSentOnce();
  },
  SETTLED_WITHIN_MS + 240_000,
);

/** An API makes the administrator when it is ready already. */
async function untilAdmin(): Promise<Person> {
  const found = await until(() => signIn(crew.url, ADMIN.handle, ADMIN.password).catch(() => null), Boolean);
  return found as Person;
}

type Played = { owed: Owed[]; broken: string[]; refused: string[] };
type Playing = {
  /** How many were played to their end. */
  many(): number;
  /** Nothing is begun any more: resolves when what is under way is over. */
  over(): Promise<Played>;
};

/** Begins to play, in so many lanes. */
function play(): Playing {
  const { url } = crew;
  const draw = drawOf(SEED);
  const counts = noCounts();
  const played: Played = { owed: [], broken: [], refused: counts.refused };
  let [begun, ended, goes] = [0, 0, true];
  const lane = async () => {
    while (goes || begun < PLAYED.length) {
      const name = PLAYED[begun++ % PLAYED.length] as (typeof PLAYED)[number];
      const stage = {
        ...{ url, ask: askOf(counts), newcomer: (...roles: string[]) => newcomer(url, roles) },
        // Who fights in a stream forfeits: else the battle would last for a minute.
        draw: name === 'stream' ? () => 0 : draw,
      };
      await (PLAYS[name] as (typeof PLAYS)[string])
        .play(stage)
        .then((owed) => played.owed.push(...owed))
        .catch((error: Error) => played.broken.push(`${name}: ${error.message}`));
      ended += 1;
    }
  };
  const lanes = Promise.all(Array.from({ length: LANES }, lane));
  return {
    many: () => ended,
    async over() {
      goes = false;
      await lanes;
      return played;
    },
  };
}

/** While one is dead: people are answered, and what they play comes to its end. */
async function goesOn(playing: Playing): Promise<void> {
  const [said, many] = [company.said() + TALKERS, playing.many() + 1];
  await until(
    async () => ({ said: company.said(), many: playing.many() }),
    (now) => now.said >= said && now.many >= many,
    60_000,
  );
}

/** The book of one who is dead is another's when its lease is over. */
async function untilAnotherHolds(name: string): Promise<void> {
  await until(
    () => listWritten(pool, PAIR),
    ({ holders }) => holders.length > 0 && holders.at(-1) !== name,
  );
}

/** Has the jobs of each minute come round for the minutes before this, one after the other. Answers when those were. */
async function callRounds(): Promise<number[]> {
  const start = Math.floor(Date.now() / ROUND_MS) * ROUND_MS - ROUNDS * ROUND_MS;
  const rounds = Array.from({ length: ROUNDS }, (_, n) => start + n * ROUND_MS);
  await until(listSchedules, (all) => all.length === JOBS.length);
  for (const id of EVERY_MINUTE) {
    const [first, last] = [new Date(start - 1_000), new Date(start + (ROUNDS - 1) * ROUND_MS + 1_000)];
    await client.schedule.getHandle(id).backfill({ start: first, end: last, overlap: 'BUFFER_ALL' });
  }
  return rounds;
}

const many = z.bigint().transform(Number);
const waits = z.object({ untold: many, promised: many, unbooked: many, unsent: many });

async function untilNothingWaits(): Promise<void> {
  await until(
    () =>
      pool.one(sql.type(waits)`
        SELECT (SELECT count(*) FROM relays WHERE behind) AS untold,
          (SELECT count(*) FROM promises WHERE done_at IS NULL) AS promised,
          (SELECT count(*) FROM inbox WHERE booked_at IS NULL) AS unbooked,
          (SELECT count(*) FROM publications WHERE delivered_at IS NULL)
            + (SELECT count(*) FROM webhook_deliveries WHERE status = 'waiting') AS unsent
      `),
    (all) => Object.values(all).every((each) => each === 0),
    SETTLED_WITHIN_MS,
  );
}

async function expectNothingParked(admin: Person): Promise<void> {
  const { checks } = await ok(admin.get('/api/admin/reconciliation?whole=true'));
  expect(checks.filter((check: Json) => !check.ok)).toEqual([]);
  const task = z.object({ kind: z.string(), details: z.unknown() });
  expect(await pool.any(sql.type(task)`SELECT kind, details FROM tasks WHERE closed_at IS NULL`)).toEqual([]);
  // A run whose tasks had gone to who was killed may have been given up, and was begun anew: what is owed is there.
  const ended = "ExecutionStatus IN ('Failed', 'TimedOut', 'Canceled')";
  expect((await client.workflow.count(ended)).count).toBe(0);
}

/** Both workers were the pair's writer, as both were killed, and never at the same time. */
async function expectOneWriter(): Promise<void> {
  const { holders, batches, wrong } = await listWritten(pool, PAIR);
  expect(wrong).toEqual([]);
  expect(batches).toBeGreaterThan(0);
  expect(new Set(holders)).toEqual(new Set(['worker-1', 'worker-2']));
}

/** Each Schedule is there once, and each of its rounds was one run, which came to its end or was given up with a worker. */
async function expectEachRoundOnce(rounds: readonly number[]): Promise<void> {
  expect(await listSchedules()).toEqual(JOBS.map((job) => `tandem-${job}`).sort());
  const wanted = EVERY_MINUTE.flatMap((id) => rounds.map((at) => `${id} ${new Date(at).toISOString()}`));
  const runs = await until(listRuns, (all) => {
    const over = all.filter(({ status }) => ['COMPLETED', 'TERMINATED'].includes(status)).map(({ round }) => round);
    return over.length === all.length && wanted.every((round) => over.includes(round));
  });
  const names = runs.map(({ round }) => round);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
}

async function listSchedules(): Promise<string[]> {
  const schedules: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) schedules.push(scheduleId);
  return schedules.sort();
}

/** Every run of a job there was, with the Schedule and the round that it was for. */
async function listRuns(): Promise<{ round: string; status: string }[]> {
  const runs: { round: string; status: string }[] = [];
  for await (const { workflowId, status } of client.workflow.list({ query: "WorkflowType = 'job'" })) {
    const [, id, at] = /^(.+?)-(\d{4}-.+)$/.exec(workflowId) ?? [];
    runs.push({ round: `${id} ${new Date(at ?? NaN).toISOString()}`, status: status.name });
  }
  return runs;
}

/** What customers are told left once for the one who wants it; again only what was on its way when a worker was killed. */
async function expectEachSentOnce(): Promise<void> {
  const published = await pool.manyFirst(sql.type(z.object({ key: z.string() }))`SELECT key FROM publications`);
  const received = receiver.received.map(({ headers, body }) => ({ id: String(headers['webhook-id']), body }));
  expect(new Set(received.map(({ id }) => id))).toEqual(new Set(published));
  // Of one id there is one body.
  expect(new Set(received.map(({ id, body }) => id + body)).size).toBe(published.length);
  const kills = IN_TURN.filter((name) => name.startsWith('worker')).length;
  expect(received.length - published.length).toBeLessThanOrEqual(kills * SENT_AT_ONCE);
  const delivered = z.object({ message_id: z.string(), status: z.string(), tries: z.int() });
  const deliveries = await pool.any(sql.type(delivered)`SELECT message_id, status, tries FROM webhook_deliveries`);
  expect(deliveries.map(({ message_id }) => message_id).sort()).toEqual(published.toSorted());
  expect(deliveries.filter(({ status }) => status !== 'arrived')).toEqual([]);
}
