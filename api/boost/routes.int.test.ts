import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { earnCredits } from '#db/boost/credits.ts';
import { listEvents } from '#db/event/outbox.ts';
import { listBalances } from '#db/money/ledger.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { BOOST_EVENTS, CREDIT_EVENTS } from '#workflows/boost/contract.ts';
import { ensureAdmin } from '../people/auth.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let api: TestApp;
beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
});
afterAll(() => api.close());
beforeEach(() => {
  api.clock.now = new Date();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, which fail when they are not as expected
type Json = any;
type Person = {
  id: string;
  call(
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: object,
    key?: string,
  ): Promise<{ status: number; body: Json }>;
};

async function call(
  access: string | null,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  payload?: object,
  key?: string,
) {
  const headers = {
    ...(access && { authorization: `Bearer ${access}` }),
    ...(key && { 'idempotency-key': key }),
  };
  const answer = await api.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() as Json };
}

let count = 0;
async function person(credits = 0): Promise<Person> {
  count += 1;
  const given = { handle: `p${count}`, password: 'secret123', roles: ['creator'] };
  const { user } = (await call(null, 'POST', '/api/auth/register', given)).body.data;
  // Tokens are short-lived, and tests move the clock on.
  let signedIn = { at: new Date(0), access: '' };
  const token = async () => {
    if (signedIn.at !== api.clock.now) {
      const { access } = (
        await call(null, 'POST', '/api/auth/login', { handle: given.handle, password: given.password })
      ).body.data;
      signedIn = { at: api.clock.now, access };
    }
    return signedIn.access;
  };
  if (credits > 0) {
    await api.deps.pool.transaction((transaction) =>
      earnCredits(transaction, {
        userId: user.id,
        amount: BigInt(credits),
        reason: 'a test',
        now: new Date().toISOString(),
      }),
    );
  }
  return { id: user.id, call: async (...args) => call(await token(), ...args) };
}

const creditsOf = async ({ id }: Person) => {
  const found = (await listBalances(api.deps.pool, id)).find(({ asset }) => asset === 'CREDIT');
  return [found?.available ?? 0n, found?.held ?? 0n];
};
const NOBODY = '01970000-0000-7000-8000-000000000001';
const ahead = (ms: number) => {
  api.clock.now = new Date(api.clock.now.getTime() + ms);
};

describe('a boost over REST', () => {
  test('is opened as the seed does it, shown, listed, cancelled with what is left given back, and rung for', async () => {
    const [booster, target] = [await person(300), await person()];
    const asked = { targetUserId: target.id, amount: 100, duration: 24 };
    const { status, body } = await booster.call('POST', '/api/credits/boost/profile', asked, 'k1');
    expect(status).toBe(201);
    const { boost } = body.data;
    expect(boost).toMatchObject({
      target: 'profile',
      target_id: target.id,
      status: 'active',
      amount: '100',
      points: 100,
    });
    expect(Date.parse(boost.expires_at) - Date.parse(boost.starts_at)).toBe(24 * 3_600_000);
    expect(api.rung).toContain(boost.id);
    expect(await creditsOf(booster)).toEqual([200n, 100n]);
    expect((await booster.call('POST', '/api/credits/boost/profile', asked, 'k1')).body).toEqual(body);
    const other = { ...asked, amount: 101 };
    expect((await booster.call('POST', '/api/credits/boost/profile', other, 'k1')).status).toBe(422);
    expect(await creditsOf(booster)).toEqual([200n, 100n]);
    expect((await booster.call('GET', `/api/profiles/${target.id}`)).body.data).toMatchObject({
      visibility_score: 100,
      boosts: 1,
      boosted_until: boost.expires_at,
    });
    expect((await booster.call('GET', '/api/credits/boosts')).body.data).toEqual([boost]);
    ahead(6 * 3_600_000);
    const before = (await booster.call('GET', `/api/credits/boosts/${boost.id}`)).body.data;
    expect(before.boost).toMatchObject({ status: 'active', refunded: '75' });
    const cancelled = await booster.call('DELETE', `/api/credits/boosts/${boost.id}`, undefined, 'k2');
    expect([cancelled.status, cancelled.body.data.boost]).toMatchObject([200, { status: 'cancelled', refunded: '75' }]);
    expect((await booster.call('DELETE', `/api/credits/boosts/${boost.id}`, undefined, 'k2')).body).toEqual(
      cancelled.body,
    );
    expect((await booster.call('DELETE', `/api/credits/boosts/${boost.id}`)).body).toMatchObject({
      error_code: 'FLOW_STATE_INVALID',
      details: { current_state: 'cancelled' },
    });
    expect((await booster.call('GET', `/api/profiles/${target.id}`)).body.data).toMatchObject({ visibility_score: 0 });
    const { steps, entries } = (await booster.call('GET', `/api/credits/boosts/${boost.id}`)).body.data;
    expect(steps).toMatchObject([{ action: 'cancel', by: 'booster', from: 'active', to: 'cancelled' }]);
    // In no order: both are of one transfer.
    expect(entries.map(({ account, amount }: Json) => `${account} ${amount}`).sort()).toEqual([
      'hold 100',
      'wallet -100',
    ]);
    expect((await booster.call('GET', '/api/credits/boosts?status=active')).body.data).toEqual([]);
  });

  test('is nobody’s business but its booster’s and an administrator’s: for all others it is not there', async () => {
    const [booster, target, stranger] = [await person(100), await person(), await person(100)];
    const asked = { targetUserId: target.id, amount: 10, duration: 1 };
    const { id } = (await booster.call('POST', '/api/credits/boost/profile', asked)).body.data.boost;
    for (const other of [target, stranger]) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/analytics'],
        ['DELETE', ''],
      ] as const) {
        const { status, body } = await other.call(method, `/api/credits/boosts/${id}${path}`);
        expect([status, body.error_code], `${method} ${path}`).toEqual([404, 'NOT_FOUND']);
      }
      expect((await other.call('GET', '/api/credits/boosts')).body.data).toEqual([]);
    }
    expect((await booster.call('GET', `/api/credits/boosts/${id}`)).body.data.boost.status).toBe('active');
    await ensureAdmin(api.deps.pool, { handle: 'the_admin', password: 'a password of the admin' });
    const login = { handle: 'the_admin', password: 'a password of the admin' };
    const { access } = (await call(null, 'POST', '/api/auth/login', login)).body.data;
    expect((await call(access, 'DELETE', `/api/credits/boosts/${id}`)).status).toBe(200);
    expect((await call(null, 'GET', `/api/credits/boosts/${id}`)).status).toBe(401);
  });

  test('of a second lasts a second; of less, of nothing, of more than there is or than is allowed there is none', async () => {
    const [booster, target] = [await person(1_000), await person()];
    const ask = (change: object) =>
      booster.call('POST', '/api/credits/boost/profile', {
        targetUserId: target.id,
        amount: 10,
        duration: 1,
        ...change,
      });
    for (const change of [
      { amount: 0 },
      { amount: -5 },
      { amount: 1.5 },
      { amount: '10' },
      { amount: 1_000_001 },
      { amount: 1e300 },
      { amount: null },
      { duration: 0 },
      { duration: -1 },
      { duration: 0.0002 },
      { duration: 8_785 },
      { duration: '24' },
      { targetUserId: 'user123' },
      { targetUserId: undefined },
      { userId: target.id },
    ]) {
      const { status, body } = await ask(change);
      expect([status, body.error_code], JSON.stringify(change)).toEqual([400, 'VALIDATION_FAILED']);
      expect(body.details.fields.length).toBeGreaterThan(0);
    }
    expect((await ask({ targetUserId: NOBODY })).status).toBe(404);
    expect((await ask({ amount: 1_001 })).body.error_code).toBe('INSUFFICIENT_FUNDS');
    for (const [kind, field] of [
      ['gig', 'targetGigId'],
      ['clan', 'targetClanId'],
    ] as const) {
      const path = `/api/credits/boost/${kind}`;
      expect((await booster.call('POST', path, { [field]: NOBODY, amount: 1, duration: 1 })).status).toBe(404);
      expect((await booster.call('POST', path, { targetUserId: target.id, amount: 1, duration: 1 })).status).toBe(400);
    }
    expect(await creditsOf(booster)).toEqual([1_000n, 0n]);
    const second = (await ask({ duration: 1 / 3_600 })).body.data.boost;
    expect(Date.parse(second.expires_at) - Date.parse(second.starts_at)).toBe(1_000);
  });

  test('shows what it did: views and deals before, during and after it', async () => {
    const [owner, booster, worker, ...viewers] = await Promise.all([
      person(500),
      person(100),
      person(),
      person(),
      person(),
    ]);
    const gig = { title: 'Cut three reels', description: 'From raw footage', category: 'video' };
    const { id: gigId } = (await owner.call('POST', '/api/gigs', gig)).body.data;
    const view = (who: Person) => who.call('POST', `/api/gigs/${gigId}/view`);
    expect((await view(owner)).body.data).toEqual({ counted: false });
    expect((await view(viewers[0] as Person)).body.data).toEqual({ counted: true });
    expect((await view(viewers[0] as Person)).body.data).toEqual({ counted: false });
    ahead(1_000);
    const asked = { targetGigId: gigId, amount: 50, duration: 2 };
    const { id } = (await booster.call('POST', '/api/credits/boost/gig', asked)).body.data.boost;
    ahead(3_600_000);
    for (const viewer of viewers) await view(viewer);
    await owner.call('POST', `/api/gigs/${gigId}/payments`, { workerId: worker.id, amount: 200 });
    // What happens in the very instant of the question is not in its answer yet.
    ahead(1);
    const during = (await booster.call('GET', `/api/credits/boosts/${id}/analytics`)).body.data;
    expect(during).toMatchObject({
      before: { views: 1, deals: 0, credits: 0 },
      during: { views: 2, deals: 1, credits: 200 },
      after: null,
    });
    ahead(1_800_000);
    await booster.call('DELETE', `/api/credits/boosts/${id}`);
    ahead(3_600_000);
    await view(viewers[1] as Person);
    ahead(1);
    const after = (await booster.call('GET', `/api/credits/boosts/${id}/analytics`)).body.data;
    expect(after).toMatchObject({ during: { views: 2, deals: 1 }, after: { views: 1, deals: 0, credits: 0 } });
  });
});

describe('credits', () => {
  test('are spent, paid for a gig and given to a clan, each with its event to those it concerns', async () => {
    const [owner, worker] = [await person(1_000), await person()];
    const gig = { title: 'Cut', description: 'Reels', category: 'video' };
    const gigId = (await owner.call('POST', '/api/gigs', gig)).body.data.id;
    const clan = (await worker.call('POST', '/api/clans', { name: `The Cutters ${count}` })).body.data;
    const spent = await owner.call(
      'POST',
      '/api/credits/spend',
      { amount: 20, targetType: 'gig', targetId: gigId },
      's1',
    );
    expect(spent.status).toBe(201);
    expect(CREDIT_EVENTS.credit_spent.parse(spent.body.data.event)).toMatchObject({ amount: 20, targetId: gigId });
    expect(
      (await owner.call('POST', '/api/credits/spend', { amount: 20, targetType: 'gig', targetId: gigId }, 's1')).body,
    ).toEqual(spent.body);
    const paid = await owner.call('POST', `/api/gigs/${gigId}/payments`, { workerId: worker.id, amount: 200 });
    expect(CREDIT_EVENTS.gig_payment.parse(paid.body.data.event)).toMatchObject({ workerId: worker.id });
    const given = await owner.call('POST', `/api/clans/${clan.id}/contribute`, { amount: 25 });
    expect(CREDIT_EVENTS.clan_contribution.parse(given.body.data.event)).toMatchObject({ targetId: clan.id });
    expect(await creditsOf(owner)).toEqual([755n, 0n]);
    expect(await creditsOf(worker)).toEqual([200n, 0n]);
    expect((await owner.call('GET', `/api/clans/${clan.id}`)).body.data).toMatchObject({ contributed: '25' });
    const heard = await listEvents(api.deps.pool, worker.id, 0, 10);
    expect(heard.map(({ name }) => name)).toEqual(['gig_payment', 'credit_earned', 'clan_contribution']);
    for (const { name, data } of heard) {
      const schema = { ...CREDIT_EVENTS, ...BOOST_EVENTS }[name as keyof typeof CREDIT_EVENTS];
      expect(schema.parse(data)).toEqual(data);
    }
  });

  test('that are not there, for targets that are none, or of gigs that are others’ are refused, and nothing moves', async () => {
    const [owner, other] = [await person(50), await person(50)];
    const gigId = (await owner.call('POST', '/api/gigs', { title: 'a', description: 'b', category: 'c' })).body.data.id;
    const cases: [Person, string, object, number][] = [
      [owner, '/api/credits/spend', { amount: 51 }, 409],
      [owner, '/api/credits/spend', { amount: 0 }, 400],
      [owner, '/api/credits/spend', { amount: 1, targetType: 'gig' }, 400],
      [owner, '/api/credits/spend', { amount: 1, targetId: gigId }, 400],
      [owner, '/api/credits/spend', { amount: 1, targetType: 'profile', targetId: gigId }, 400],
      [owner, '/api/credits/spend', { amount: 1, targetType: 'clan', targetId: gigId }, 404],
      [owner, `/api/gigs/${gigId}/payments`, { workerId: other.id, amount: 51 }, 409],
      [owner, `/api/gigs/${gigId}/payments`, { workerId: owner.id, amount: 1 }, 403],
      [owner, `/api/gigs/${gigId}/payments`, { workerId: NOBODY, amount: 1 }, 404],
      [other, `/api/gigs/${gigId}/payments`, { workerId: owner.id, amount: 1 }, 404],
      [other, `/api/clans/${NOBODY}/contribute`, { amount: 1 }, 404],
      [other, `/api/clans/${NOBODY}/contribute`, { amount: -1 }, 400],
      [other, '/api/clans/none/contribute', { amount: 1 }, 400],
      [other, '/api/credits/earn', { userId: other.id, amount: 1, reason: 'I would like to' }, 403],
      [other, `/api/gigs/${NOBODY}/view`, {}, 404],
      [other, '/api/gigs', { title: '', description: 'b', category: 'c' }, 400],
      [other, '/api/clans', { name: 'x' }, 400],
    ];
    for (const [who, path, body, status] of cases) {
      expect((await who.call('POST', path, body)).status, `${path} ${JSON.stringify(body)}`).toBe(status);
    }
    expect([await creditsOf(owner), await creditsOf(other)]).toEqual([
      [50n, 0n],
      [50n, 0n],
    ]);
    for (const { name, rows } of await checkInvariants(api.deps.pool)) expect(rows, name).toEqual([]);
  });

  test('a clan’s name is its own, in whatever case', async () => {
    const founder = await person();
    expect((await founder.call('POST', '/api/clans', { name: 'Once Only' })).status).toBe(201);
    expect((await founder.call('POST', '/api/clans', { name: 'ONCE only' })).body.error_code).toBe('CONFLICT');
  });
});

test.each(['profiles', 'gigs', 'clans'])(
  '%s are ranked by their boosts, page by page, or shown newest first',
  async (what) => {
    const [booster, ...owners] = await Promise.all([person(1_000), person(), person(), person(), person()]);
    const ids: string[] = [];
    for (const [place, owner] of owners.entries()) {
      const made = {
        profiles: async () => owner.id,
        gigs: async () =>
          (await owner.call('POST', '/api/gigs', { title: 't', description: 'd', category: 'c' })).body.data.id,
        clans: async () => (await owner.call('POST', '/api/clans', { name: `${what} ${place} ${count}` })).body.data.id,
      }[what as 'gigs'];
      ids.push(await made());
    }
    const kind = what.slice(0, -1) as 'profile' | 'gig' | 'clan';
    const field = { profile: 'targetUserId', gig: 'targetGigId', clan: 'targetClanId' }[kind];
    for (const [place, amount] of [
      [1, 300],
      [3, 200],
      [1, 1],
    ] as const) {
      const asked = { [field]: ids[place], amount, duration: 0.01 };
      expect((await booster.call('POST', `/api/credits/boost/${kind}`, asked)).status).toBe(201);
    }
    const read = async (sort: string) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const { body } = await booster.call(
          'GET',
          `/api/${what}?sort=${sort}&limit=3${cursor ? `&cursor=${cursor}` : ''}`,
        );
        seen.push(...body.data.map(({ id }: Json) => id));
        cursor = body.page.next_cursor;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      return seen;
    };
    const ranked = await read('boost');
    // Other tests of this file have boosted theirs.
    expect(ranked.filter((id) => ids.includes(id)).slice(0, 2)).toEqual([ids[1], ids[3]]);
    const newest = await read('new');
    expect([...newest].sort()).toEqual([...ranked].sort());
    expect(newest).toEqual([...newest].sort().reverse());
    expect((await booster.call('GET', `/api/${what}?sort=boost&cursor=nonsense`)).status).toBe(400);
    expect((await booster.call('GET', `/api/${what}?sort=best`)).status).toBe(400);
    expect((await booster.call('GET', `/api/${what}/${NOBODY}`)).status).toBe(404);
  },
);
