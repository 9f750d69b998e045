import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openBoost } from '#db/boost/boosts.ts';
import { earnCredits } from '#db/boost/credits.ts';
import { listEvents } from '#db/event/outbox.ts';
import { listBalances } from '#db/money/ledger.ts';
import { leftOf } from '#workflows/boost/score.ts';
import { durationMs } from '#workflows/durations.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { newSides, type Sides, signInAgain } from './play.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';

// Boosts from the click to their end, on Postgres and Temporal as they are.

let place: Parts;
let sides: Sides;
beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
  await give(sides.brand, 1_000_000);
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});
afterEach(async () => {
  place.faults.signal = place.faults.effected = place.faults.provider = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
});
const here = () => place;

async function rich(credits: number): Promise<Person> {
  const person = await register(place.url, ['creator']);
  await give(person, credits);
  return person;
}

async function give(person: Person, credits: number): Promise<void> {
  await place.pool.transaction((transaction) =>
    earnCredits(transaction, {
      userId: person.id,
      amount: BigInt(credits),
      reason: 'a test',
      now: new Date().toISOString(),
    }),
  );
}

const creditsOf = async ({ id }: Person) => {
  const found = (await listBalances(place.pool, id)).find(({ asset }) => asset === 'CREDIT');
  return [found?.available ?? 0n, found?.held ?? 0n];
};

async function boost(booster: Person, target: Person, amount: number, seconds: number): Promise<Json> {
  const asked = { targetUserId: target.id, amount, duration: seconds / 3_600 };
  const { status, body } = await booster.post('/api/credits/boost/profile', asked);
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.data.boost;
}

const scoreOf = async (reader: Person, target: Person) =>
  (await reader.get(`/api/profiles/${target.id}`)).body.data.visibility_score;

const ended = (booster: Person, id: string) =>
  until(
    () => booster.get(`/api/credits/boosts/${id}`).then(({ body }) => body.data),
    ({ boost: { status, held }, entries }) => status !== 'active' && held === '0' && entries.length > 2,
  );

/** For the kits: opened by the place's clock, which may stand still. */
async function opened(at: Parts, within = 'P1D'): Promise<string> {
  const lasts = durationMs(within) ?? 0;
  const process = await at.pool.transaction((transaction) =>
    openBoost(transaction, {
      boosterId: sides.brand.id,
      amount: 1_000n,
      opened: { target: 'profile', target_id: sides.influencer.id, duration: lasts / 3_600_000, lasts },
      now: at.deps.now().toISOString(),
    }),
  );
  at.deps.ring(process.id);
  return process.id;
}

describeRaces(
  {
    kind: 'boost',
    on: 'cancel',
    bring: opened,
    async give(at, id) {
      const booster = at.clock.stopped === null ? sides.brand : await signInAgain(at, sides.brand);
      return (await cancel(booster, id)).status === 200;
    },
    tells: { given: 'credits_settled', silent: 'credits_used' },
    ends: { given: 'cancelled', silent: 'expired' },
    async expectSettled(at, id, how) {
      const { wallet = 0n, fee = 0n, ...others } = await untilSettled(at, id);
      expect(others).toEqual({});
      // The wallet was left by a thousand at the opening, and has back what was not used.
      expect(wallet + fee).toBe(0n);
      if (how === 'silent') expect(fee).toBe(1_000n);
    },
  },
  here,
);

describeEndings(
  {
    kind: 'boost',
    silences: [{ state: 'active', lastsMs: 86_400_000, end: 'expired' }],
    bring: (at) => opened(at),
    async expectEnd(at, id) {
      expect(await untilSettled(at, id)).toEqual({ wallet: -1_000n, fee: 1_000n });
    },
  },
  here,
);

describe('a boost', () => {
  test('of two seconds ends by itself within a second of its time, lowers the score and has used its credits', async () => {
    const [booster, target] = [await rich(100), await rich(0 + 1)];
    const { id, expires_at } = await boost(booster, target, 60, 2);
    expect(await scoreOf(booster, target)).toBe(60 * 43_200);
    const { boost: over, steps } = await ended(booster, id);
    expect(over).toMatchObject({ status: 'expired', refunded: '0' });
    const late = Date.parse(over.ended_at) - Date.parse(expires_at);
    process.stdout.write(`      ended ${late} ms after its time\n`);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
    expect(steps.map(({ action }: Json) => action)).toEqual(['expire', 'credits_used']);
    expect(await scoreOf(booster, target)).toBe(0);
    expect(await creditsOf(booster)).toEqual([40n, 0n]);
    for (const { id: userId } of [booster, target]) {
      const names = (await listEvents(place.pool, userId, 0, 20)).map(({ name }) => name);
      expect(names.slice(-2)).toEqual(['profile_boost', 'profile_boost_expired']);
    }
    expect(await place.workflowOf(id, 'boost').result()).toEqual({ state: 'expired', version: 2 });
    await expectBooksInOrder(place);
  });

  test('that is cancelled gives back what is left, by its workflow, also where that is not there just then', async () => {
    const [booster, target] = [await rich(1_000), await rich(1)];
    const { id, starts_at } = await boost(booster, target, 1_000, 60);
    await place.stopWorker();
    const { status } = await cancel(booster, id);
    expect(status).toBe(200);
    expect(await scoreOf(booster, target)).toBe(0);
    expect((await creditsOf(booster))[1]).toBe(1_000n);
    await place.startWorker();
    const { boost: over } = await ended(booster, id);
    const left = leftOf(1_000n, { from: starts_at, lasts: 60_000, now: over.ended_at });
    expect(over.refunded).toBe(left.toString());
    expect(await creditsOf(booster)).toEqual([left, 0n]);
    await expectBooksInOrder(place);
  });

  test('that is cancelled in the instant of its end comes to one of the two, and every credit is somebody’s', async () => {
    const [booster, target] = [await rich(100), await rich(1)];
    const made = await Promise.all(Array.from({ length: 10 }, () => boost(booster, target, 10, 2)));
    const ends = Date.parse(made[0].expires_at);
    await new Promise((resolve) => setTimeout(resolve, ends - Date.now() - 20));
    await Promise.all(made.map(({ id }) => cancel(booster, id)));
    const over = await Promise.all(made.map(({ id }) => ended(booster, id)));
    const back = over.reduce((sum, { boost: { refunded } }) => sum + BigInt(refunded), 0n);
    expect(await creditsOf(booster)).toEqual([back, 0n]);
    expect(await scoreOf(booster, target)).toBe(0);
    await expectBooksInOrder(place);
  });
});

async function cancel(booster: Person, id: string): Promise<{ status: number }> {
  return fetch(`${place.url}/api/credits/boosts/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${booster.access}` },
  });
}
