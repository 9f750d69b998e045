import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import { openFrontend } from '#realtime/testing/frontend.ts';
import { expectBooksInOrder } from './books.ts';
import { follow, press } from './chargeBack.ts';
import { tokensOf as tokens } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';
import { onAir } from './streaming.ts';
import { paidTopUp } from './wallet.ts';

// Gifts as viewers give them: the check that the seed describes, then both doors, keys, and what is refused.

const run = promisify(execFile);
let place: Parts;
beforeAll(async () => {
  place = await openParts();
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});

const page = (person: Pick<Person, 'access'>, namespace = '/gifts') =>
  openFrontend(() => place, { namespace, auth: { token: person.access } });

test('the check by curl: register, gifts, send, persisted, leaderboard, top-up, refresh', async () => {
  const curl = async (line: string): Promise<Json> => {
    const { stdout } = await run('bash', ['-c', `curl -s ${line}`], { env: { ...process.env, API: place.url } });
    return JSON.parse(stdout);
  };
  // 1. Register a user (seeds 100 tokens).
  const { data } = await curl(
    `-X POST $API/api/auth/register -H 'Content-Type: application/json' -d '{"handle":"tester1","password":"secret123"}'`,
  );
  const { user, access, refresh } = data;
  const authorised = `-H "Authorization: Bearer ${access}"`;
  const balance = async () => {
    const { data: found } = await curl(`$API/api/wallet/${user.id}/balance ${authorised}`);
    return found.balances.find(({ asset }: Json) => asset === 'TOKEN').available;
  };
  expect(await balance()).toBe('100');
  // 2. List seeded gifts.
  const gifts = (await curl(`$API/api/gifts ${authorised}`)).data;
  expect(gifts.length).toBeGreaterThanOrEqual(12);
  expect(gifts[0]).toMatchObject({ code: 'HEART', name: 'Heart', tokenCost: 1 });
  // 3. Send a gift, by the namespace /gifts.
  const frontend = page({ access });
  expect(await frontend.asks('gift:send', { code: 'HEART' })).toMatchObject({ success: true, data: { balance: '99' } });
  expect(frontend.faults()).toEqual([]);
  frontend.close();
  // 4. Confirm that it is persisted.
  const rows = await place.pool.any(sql.type(z.object({ code: z.string(), tokens: z.bigint() }))`
    SELECT code, tokens FROM gift_events WHERE from_user_id = ${user.id} LIMIT 3
  `);
  expect(rows).toEqual([{ code: 'HEART', tokens: 1n }]);
  // 5. Check the leaderboard.
  const { stdout } = await run('bash', ['-c', `curl -s $API/api/leaderboard/gifts | jq -c .data`], {
    env: { ...process.env, API: place.url },
  });
  expect(JSON.parse(stdout)).toEqual([{ rank: 1, userId: user.id, handle: 'tester1', score: 1 }]);
  // 6. Top-up tokens.
  const topUp = await curl(
    `-X POST $API/api/wallet/topup ${authorised} -H 'Content-Type: application/json' -d '{"amount":50}'`,
  );
  await paidTopUp(place, topUp.data);
  await until(balance, (available) => available === '149');
  // 7. Refresh the access token.
  const refreshed = await curl(
    `-X POST $API/api/auth/refresh -H 'Content-Type: application/json' -d '{"refresh":"${refresh}"}'`,
  );
  expect(refreshed.data).toMatchObject({ user: { handle: 'tester1' } });
  expect(refreshed.data.access).not.toBe(access);
});

describe('a gift in a stream', () => {
  test('is seen by the room, comes to its creator, counts for both, and triggers an overlay', async () => {
    const [creator, fan] = [await register(place.url, ['creator']), await register(place.url, ['viewer'])];
    const id = await onAir(creator);
    const [theirs, own] = [page(fan), page(creator)];
    expect(await theirs.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
    expect(await own.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
    // Without a stream: the one that the socket is in.
    expect(await theirs.asks('gift:send', { code: 'CONFETTI', quantity: 2 })).toMatchObject({
      ...{ success: true, data: { balance: '50', gift: { streamId: id, tokens: 50, toCreatorId: creator.id } } },
    });
    const heard = (name: string) =>
      until(
        async () => own.heard.filter(([said]) => said === name).map(([, data]) => data as Json),
        (all) => all.length > 0,
      );
    expect((await heard('gift:send'))[0]).toMatchObject({ code: 'CONFETTI', quantity: 2, fromHandle: fan.handle });
    expect((await heard('gift:received'))[0]).toMatchObject({ share: 35, tokens: 50 });
    expect((await heard('overlay:trigger'))[0]).toMatchObject({
      streamId: id,
      action: 'confetti',
      payload: { pieces: 100 },
    });
    expect([await tokens(creator), await tokens(fan)]).toEqual(['135', '50']);
    expect(await ok(fan.get(`/api/users/${fan.id}/xp`))).toMatchObject({ xp: 100, level: 2, next_level_at: 300 });
    expect((await ok(fan.get(`/api/streams/${id}/state`))).top_gifters).toMatchObject([{ rank: 1, userId: fan.id }]);
    const board = `/api/leaderboard/gifts?scope=stream&streamId=${id}&kind=creators`;
    expect(await ok(fan.get(board))).toMatchObject([{ userId: creator.id, handle: creator.handle, score: 50 }]);
    const { gifts } = await ok(creator.get(`/api/streams/${id}/analytics`));
    expect(gifts).toMatchObject([{ gifts: 2, tokens: 50 }]);
    for (const each of [theirs, own]) {
      expect(each.faults()).toEqual([]);
      each.close();
    }
  });

  test('alone triggers an overlay: what a page says of one is refused, and nobody in the room hears it', async () => {
    const [creator, fan] = [await register(place.url, ['creator']), await register(place.url, ['viewer'])];
    const id = await onAir(creator);
    const [theirs, own] = [page(fan), page(creator)];
    for (const each of [theirs, own]) {
      expect(await each.asks('join_stream', { streamId: id })).toMatchObject({ success: true });
    }
    const payload = { html: '<script>alert(1)</script>', pieces: 1_000_000 };
    const forged = { streamId: id, giftId: randomUUID(), action: 'confetti', payload };
    expect(await theirs.asks('overlay:trigger', forged)).toMatchObject({ success: false });
    expect(await own.asks('overlay:trigger', forged)).toMatchObject({ success: false });
    for (const more of [{ action: 'confetti' }, { payload }, { triggered: forged }, { commandAction: 'sound' }]) {
      expect((await fan.post(`/api/streams/${id}/gifts`, { code: 'HEART', ...more })).status).toBe(400);
      expect(await theirs.asks('gift:send', { code: 'HEART', streamId: id, ...more })).toMatchObject({
        ...{ success: false, error_code: 'VALIDATION_FAILED' },
      });
    }
    expect(await tokens(fan)).toBe('100');
    // What comes after all that is heard: so what did not come was not said.
    await ok(fan.post(`/api/streams/${id}/gifts`, { code: 'HEART', message: '<img src=x onerror=alert(1)>' }));
    await until(
      async () => own.heard.map(([name]) => name),
      (names) => names.includes('gift:send'),
    );
    for (const each of [theirs, own]) {
      expect(each.heard.map(([name]) => name)).not.toContain('overlay:trigger');
      each.close();
    }
  });

  test('under one key is given once, however often it is asked for, and another under it is refused', async () => {
    const [creator, fan] = [await register(place.url, ['creator']), await register(place.url, ['viewer'])];
    const id = await onAir(creator);
    const give = (code: string) => fan.post(`/api/streams/${id}/gifts`, { code }, { 'idempotency-key': 'one' });
    const all = await Promise.all(Array.from({ length: 5 }, () => give('ROSE')));
    expect(new Set(all.map(({ body }) => body.data.gift.giftId)).size).toBe(1);
    expect(await tokens(fan)).toBe('95');
    expect((await give('HEART')).body.error_code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('is refused where it may not be: to oneself, without tokens, of no kind, when it is over, where one may not watch', async () => {
    const [creator, fan] = [await register(place.url, ['creator']), await register(place.url, ['viewer'])];
    const id = await onAir(creator);
    const give = async (person: Person, code: string, stream = id) =>
      (await person.post(`/api/streams/${stream}/gifts`, { code })).body.error_code;
    expect(await give(creator, 'HEART')).toBe('FORBIDDEN');
    expect(await give(fan, 'CROWN')).toBe('INSUFFICIENT_FUNDS');
    expect(await give(fan, 'YACHT')).toBe('NOT_FOUND');
    expect(await give(fan, 'HEART', await onAir(creator, { visibility: 'subscribers' }))).toBe('FORBIDDEN');
    const forged = { code: 'HEART', payload: { html: '<b>' }, action: 'confetti' };
    expect((await fan.post(`/api/streams/${id}/gifts`, forged)).status).toBe(400);
    await ok(creator.post(`/api/users/${fan.id}/block`));
    expect(await give(fan, 'HEART')).toBe('NOT_FOUND');
    await ok(creator.ask('DELETE', `/api/users/${fan.id}/block`));
    await ok(creator.post(`/api/streams/${id}/end`));
    expect(await give(fan, 'HEART')).toBe('FLOW_STATE_INVALID');
    expect(await tokens(fan)).toBe('100');
  });
});

test('whose gifts were paid by a top-up that its bank takes back owes what is given away, and the creator keeps their share', async () => {
  const [creator, fan] = [await register(place.url, ['creator']), await register(place.url, ['viewer'])];
  const id = await onAir(creator);
  const { payment_order } = await ok(fan.post('/api/wallet/topup', { amount: 500 }));
  await press(payment_order.checkout_url, 'pay');
  const has = async (person: Person): Promise<[string, string]> => {
    const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
    const found = balances.find(({ asset }: Json) => asset === 'TOKEN');
    return [found.available, found.held];
  };
  const untilHas = (available: string, held: string) =>
    until(
      () => follow(place).then(() => has(fan)),
      (now) => now[0] === available && now[1] === held,
    );
  await untilHas('600', '0');
  // All but 60 of the 600 that there are, of which the top-up paid 500.
  await ok(fan.post(`/api/streams/${id}/gifts`, { code: 'DRAGON' }));
  await ok(fan.post(`/api/streams/${id}/gifts`, { code: 'STAR', quantity: 2 }));
  expect(await tokens(creator)).toBe('478');
  await press(payment_order.checkout_url, 'charge_back');
  await untilHas('0', '60');
  await press(payment_order.checkout_url, 'charge_back_lost');
  await untilHas('0', '0');
  const { debts } = await ok(fan.get(`/api/wallet/${fan.id}/debts`));
  expect(debts).toMatchObject([{ asset: 'TOKEN', amount: '440' }]);
  // What was given stays given: the creator has their share, their place and owes nothing.
  expect(await has(creator)).toEqual(['478', '0']);
  expect((await ok(creator.get(`/api/wallet/${creator.id}/debts`))).debts).toEqual([]);
  expect((await ok(fan.get(`/api/streams/${id}/state`))).top_gifters).toMatchObject([{ userId: fan.id, score: 540 }]);
  const given = await fan.post(`/api/streams/${id}/gifts`, { code: 'HEART' });
  expect(given.body.error_code).toBe('INSUFFICIENT_FUNDS');
  await expectBooksInOrder(place);
  // What comes in pays it back before it is given away again.
  await ok(fan.post('/api/sandbox/faucet', { asset: 'TOKEN', amount: '450' }));
  await place.activities.work({ job: 'tend_charge_backs', from: null, now: new Date().toISOString() });
  expect(await has(fan)).toEqual(['10', '0']);
  expect((await ok(fan.get(`/api/wallet/${fan.id}/debts`))).debts).toEqual([]);
});

test('the catalogue is an administrator’s to change, and nobody else’s', async () => {
  const [admin, fan] = [await place.admin(), await register(place.url, ['viewer'])];
  const balloon = { code: 'BALLOON', name: 'Balloon', tokenCost: 8, animationKey: 'balloon_rise', rarity: 'common' };
  expect((await fan.post('/api/admin/gifts', balloon)).status).toBe(403);
  expect((await admin.post('/api/admin/gifts', { ...balloon, commandAction: 'run_script' })).status).toBe(400);
  expect((await ok(admin.post('/api/admin/gifts', balloon))).gift).toMatchObject({ ...balloon, enabled: true });
  expect((await admin.post('/api/admin/gifts', balloon)).status).toBe(409);
  await ok(
    admin.ask('PATCH', '/api/admin/gifts/BALLOON', { tokenCost: 9, commandAction: 'sound', cooldownSeconds: 5 }),
  );
  const listed = (await ok(fan.get('/api/gifts'))).find(({ code }: Json) => code === 'BALLOON');
  expect(listed).toEqual({ ...balloon, tokenCost: 9, commandAction: 'sound' });
  await ok(admin.ask('PATCH', '/api/admin/gifts/BALLOON', { enabled: false }));
  expect((await ok(fan.get('/api/gifts'))).some(({ code }: Json) => code === 'BALLOON')).toBe(false);
});

test('rules of experience change from an instant on, and what was gained before stays', async () => {
  const [admin, fan] = [await place.admin(), await register(place.url, ['viewer'])];
  const give = async () => {
    const frontend = page(fan);
    expect(await frontend.asks('gift:send', { code: 'ROSE' })).toMatchObject({ success: true });
    frontend.close();
    return (await ok(fan.get(`/api/users/${fan.id}/xp`))).xp;
  };
  expect(await give()).toBe(10);
  const { rule } = await ok(admin.ask('PATCH', '/api/admin/xp/rules/gift_sent', { points: 3, why: 'A festival' }));
  expect(rule).toMatchObject({ action: 'gift_sent', version: 2, points: 3, why: 'A festival' });
  expect(await give()).toBe(25);
  await ok(admin.ask('PATCH', '/api/admin/xp/rules/gift_sent', { points: 2, why: 'It is over' }));
});
