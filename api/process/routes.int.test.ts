import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dispute } from '#db/chargeBack/testing/chargeBacks.ts';
import { seedGifts } from '#db/gift/catalogue.ts';
import { sql } from '#db/pool.ts';
import { checkInvariants } from '#db/testing/invariants.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { SHOWN_KINDS } from '#workflows/cases.ts';
import { SCENARIO_NAMES, type ScenarioName } from '../sandbox/scenarios.ts';
import { PRODUCTION, startTestApp, type TestApp } from '../testing/app.ts';

const DAY = 24 * 3_600_000;

let api: TestApp;
beforeAll(async () => {
  // The sandbox's provider is asked and tells over a real line.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  api = await startTestApp({
    databaseUrl: await createTestDatabase(),
    env: { PUBLIC_URL: `http://127.0.0.1:${port}`, PORT: String(port) },
  });
  // As the program does when it begins: what is given in a stream is out of a catalogue.
  await seedGifts(api.deps.pool, new Date().toISOString());
  await api.app.listen({ host: '127.0.0.1', port });
});
afterEach(async () => {
  expect((await checkInvariants(api.deps.pool)).filter(({ ok }) => !ok)).toEqual([]);
});
afterAll(() => api?.close());

type Person = { id: string; handle: string; access: string };

async function call(method: 'GET' | 'POST', url: string, by: Person | null, payload?: object, key?: string) {
  const headers = { ...(by && { authorization: `Bearer ${by.access}` }), ...(key && { 'idempotency-key': key }) };
  const answer = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

let people = 0;
async function person(roles?: string[]): Promise<Person> {
  people += 1;
  const account = { handle: `someone_${people}`, password: 'secret123', ...(roles && { roles }) };
  const { user, access } = (await call('POST', '/api/auth/register', null, account)).body.data;
  return { id: user.id, handle: account.handle, access };
}

async function administrator(): Promise<Person> {
  const { id, handle } = await person();
  const query = { sql: `UPDATE users SET roles = '{admin}' WHERE id = $1`, values: [id] };
  await api.deps.pool.query({ ...query, type: Symbol.for('SLONIK_TOKEN_QUERY') } as never);
  const { access } = (await call('POST', '/api/auth/login', null, { handle, password: 'secret123' })).body.data;
  return { id, handle, access };
}

type Played = { id: string; players: Record<string, Person> };

async function play(name: ScenarioName, as: Record<string, Person> = {}): Promise<Played> {
  const tokens = Object.fromEntries(Object.entries(as).map(([role, { access }]) => [role, access]));
  const { status, body } = await call('POST', `/api/sandbox/scenarios/${name}`, null, { as: tokens });
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(201);
  const players: Record<string, Person> = {};
  for (const { role, user_id: id, handle, password } of body.data.players) {
    const signed = password && (await call('POST', '/api/auth/login', null, { handle, password })).body.data;
    players[role] = as[role] ?? { id, handle, access: signed.access };
  }
  return { id: body.data.process_id, players };
}

const get = async (id: string, by: Person) => (await call('GET', `/api/processes/${id}`, by)).body.data;
const act = (id: string, name: string, by: Person, payload: object = {}, key?: string) =>
  call('POST', `/api/processes/${id}/actions/${name}`, by, payload, key);
const list = async (by: Person, query = '') => (await call('GET', `/api/processes${query}`, by)).body.data;

const STANDS: Record<ScenarioName, string> = {
  'deal:applied': 'initial',
  'deal:connected': 'influencer_responding',
  'deal:offered': 'influencer_price_response',
  'deal:agreed': 'payment_pending',
  'deal:paid': 'payment_completed',
  'deal:started': 'work_in_progress',
  'deal:submitted': 'work_submitted',
  'deal:disputed': 'disputed',
  'deal:approved': 'work_approved',
  'trade:opened': 'awaiting_payment',
  'trade:confirmed': 'payment_confirmed',
  'trade:disputed': 'disputed',
  'trade:released': 'releasing',
  'payout:asked': 'requested',
  'payout:large': 'requested',
  'topUp:opened': 'open',
  'topUp:paid': 'paid',
  'chargeBack:open': 'open',
  'boost:active': 'active',
  'stream:live': 'live',
  'poll:open': 'open',
  'challenge:open': 'open',
  'battle:invited': 'invited',
  'battle:running': 'running',
  'subscription:active': 'active',
  'ticketEvent:on_sale': 'on_sale',
};

test.each(SCENARIO_NAMES)(
  '%s brings a process there, for two who may sign in, and to everybody else it is not there',
  async (name) => {
    const { id, players } = await play(name);
    const stranger = await person();
    for (const [role, player] of Object.entries(players)) {
      const seen = await get(id, player);
      expect(seen).toMatchObject({ id, state: STANDS[name], my_role: role, kind: name.split(':')[0] });
      expect(seen.parties.map((each: { handle: string }) => each.handle).sort()).toEqual(
        Object.values(players)
          .map(({ handle }) => handle)
          .sort(),
      );
      expect(seen.history.at(-1)?.to ?? seen.state).toBe(seen.state);
    }
    expect((await call('GET', `/api/processes/${id}`, stranger)).status).toBe(404);
    expect((await call('GET', `/api/processes/${id}/entries`, stranger)).status).toBe(404);
    expect((await act(id, 'withdraw', stranger)).status).toBe(404);
    expect((await call('GET', `/api/processes/${id}`, null)).status).toBe(401);
  },
);

describe('the list', () => {
  test('shows each their own, by whose turn it is, and an administrator all', async () => {
    const brand = await person(['brand_owner']);
    const influencer = await person(['influencer']);
    const as = { brand_owner: brand, influencer };
    const applied = await play('deal:applied', as);
    const offered = await play('deal:offered', as);
    const disputed = await play('deal:disputed', as);
    const trade = await play('trade:opened', { buyer: brand, seller: influencer });
    const ids = (found: { id: string }[]) => found.map(({ id }) => id);

    expect(ids(await list(brand))).toEqual([trade.id, disputed.id, offered.id, applied.id]);
    expect(ids(await list(brand, '?view=needs_me'))).toEqual([trade.id, applied.id]);
    expect(ids(await list(brand, '?view=waiting'))).toEqual([disputed.id, offered.id]);
    expect(ids(await list(influencer, '?view=needs_me'))).toEqual([offered.id]);
    // Its window is half an hour; a dispute calls for an operator.
    expect(ids(await list(brand, '?view=at_risk'))).toEqual([trade.id, disputed.id]);
    expect(ids(await list(brand, '?kind=trade'))).toEqual([trade.id]);
    expect(await list(brand, '?view=done')).toEqual([]);
    expect(await list(await person())).toEqual([]);

    const admin = await administrator();
    expect(ids(await list(admin, `?q=${brand.handle}`))).toEqual([trade.id, disputed.id, offered.id, applied.id]);
    expect(ids(await list(admin, `?q=${brand.handle}&view=needs_me`))).toEqual([disputed.id]);
    expect(ids(await list(admin, `?q=${brand.handle}&view=waiting`))).toEqual([trade.id, offered.id, applied.id]);
    expect(await get(disputed.id, admin)).toMatchObject({ needs_me: true, my_role: 'admin' });

    await act(applied.id, 'reject_application', brand);
    expect(await list(brand, '?view=done')).toMatchObject([
      {
        id: applied.id,
        outcome: { name: 'declined', label: 'Declined' },
        needs_me: false,
        title: 'Monsoon collection',
      },
    ]);
  });

  test('finds ids of the process, its people, its order and its subject, the beginning of a handle, and titles', async () => {
    const { id, players } = await play('deal:agreed');
    const brand = players.brand_owner as Person;
    const { payment_order: order } = (await act(id, 'proceed_to_payment', brand)).body.data;
    const { campaign_id } = (await call('GET', `/api/messages/conversations/${id}/context`, brand)).body.data
      .conversation;
    const admin = await administrator();
    const handle = brand.handle.slice(0, -2);
    for (const q of [id, brand.id, brand.handle, handle.toUpperCase(), order.order_id, campaign_id, id.toUpperCase()]) {
      const found = await list(admin, `?q=${encodeURIComponent(q)}`);
      expect(
        found.map((each: { id: string }) => each.id),
        q,
      ).toEqual([id]);
    }
    expect(await list(brand, '?q=monsoon')).toMatchObject([{ id }]);
    for (const q of ['%', '_', "'", '\\', 'nobody'])
      expect(await list(brand, `?q=${encodeURIComponent(q)}`)).toEqual([]);
    // What others have is not found.
    expect(await list(await person(), `?q=${id}`)).toEqual([]);
  });

  test('goes on page by page', async () => {
    const brand = await person(['brand_owner']);
    const influencer = await person(['influencer']);
    const made = [];
    for (let at = 0; at < 3; at += 1) made.unshift((await play('deal:applied', { brand_owner: brand, influencer })).id);
    const first = (await call('GET', '/api/processes?limit=2', brand)).body;
    const second = (await call('GET', `/api/processes?limit=2&cursor=${first.page.next_cursor}`, brand)).body;
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(made);
    expect(second.page.next_cursor).toBeNull();
    const oldest = (await call('GET', '/api/processes?limit=2&order=oldest', brand)).body;
    const rest = (await call('GET', `/api/processes?limit=2&order=oldest&cursor=${oldest.page.next_cursor}`, brand))
      .body;
    expect([...oldest.data, ...rest.data].map(({ id }) => id)).toEqual(made.toReversed());
    expect(rest.page.next_cursor).toBeNull();
    expect((await call('GET', '/api/processes?order=richest', brand)).status).toBe(400);
    expect((await call('GET', '/api/processes?cursor=nonsense', brand)).status).toBe(400);
  });
});

describe('an action', () => {
  test('does what the kind’s own endpoint does, once a key, and says before what money will do', async () => {
    const { id, players } = await play('deal:offered');
    const influencer = players.influencer as Person;
    const [accept] = (await get(id, influencer)).actions;
    expect(accept).toMatchObject({ name: 'accept_price', label: 'Accept price (₹5,000)', data: { price: '₹5,000' } });
    expect(accept.consequence).toBe(
      'You receive ₹4,500 when the work is approved: ₹5,000 less the fee of 10 % (₹500).',
    );
    const first = await act(id, 'accept_price', influencer, accept.data, 'one');
    expect(first).toMatchObject({
      status: 200,
      body: { data: { state: 'payment_pending', phase: 'pay', my_role: 'influencer' } },
    });
    expect((await act(id, 'accept_price', influencer, accept.data, 'one')).status).toBe(200);
    expect(await act(id, 'accept_price', influencer, {}, 'one')).toMatchObject({ status: 422 });
    expect(await act(id, 'accept_price', influencer, accept.data)).toMatchObject({
      status: 409,
      body: { error_code: 'FLOW_STATE_INVALID', details: { current_state: 'payment_pending' } },
    });
    expect(
      (await get(id, influencer)).history.filter(({ command }: { command: string }) => command === 'accept_price'),
    ).toHaveLength(1);
    const conversation = (await call('GET', `/api/messages/conversations/${id}/context`, influencer)).body.data
      .conversation;
    expect(conversation.flow_state).toBe('payment_pending');
  });

  test('refuses an older price, what it does not ask for, what it asks for and did not get, and unknown names', async () => {
    const { id, players } = await play('deal:offered');
    const influencer = players.influencer as Person;
    expect(await act(id, 'accept_price', influencer, { price: '4,000' })).toMatchObject({
      status: 409,
      body: { error_code: 'OFFER_STALE' },
    });
    expect(await act(id, 'accept_price', influencer, { pricee: '5000' })).toMatchObject({
      status: 400,
      body: { error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'pricee' }] } },
    });
    await act(id, 'negotiate_price', influencer);
    expect(await act(id, 'negotiation', influencer)).toMatchObject({
      status: 400,
      body: { details: { fields: [{ field: 'price' }] } },
    });
    for (const name of ['fly', 'expire', 'constructor', 'payment_captured']) {
      expect(await act(id, name, influencer), name).toMatchObject({ status: 400 });
    }
    expect(await act(id, 'send_final_offer', influencer, { price: '1' })).toMatchObject({ status: 403 });
  });

  test('foresees what an amount or a share that is typed would come to, and changes nothing', async () => {
    const { id, players } = await play('deal:disputed');
    const admin = await administrator();
    const foresee = async (name: string, by: Person, body: object) =>
      (await call('POST', `/api/processes/${id}/actions/${name}/consequence`, by, body)).body.data?.consequence;
    expect(await foresee('resolve_dispute', admin, { release_percent: 45 })).toBe(
      '₹2,025 to the influencer (after a fee of ₹225), ₹2,750 back to the brand owner.',
    );
    expect(await foresee('concede_dispute', players.influencer as Person, {})).toBe(
      '₹5,000 goes back to the brand owner, and you receive nothing.',
    );
    expect((await get(id, admin)).state).toBe('disputed');
    const ruled = await act(id, 'resolve_dispute', admin, { release_percent: 45, reason: 'Some of it was made.' });
    expect(ruled).toMatchObject({
      status: 200,
      body: { data: { outcome: { name: 'split' }, held: [], on_its_way: [{}, {}] } },
    });
  });

  test('asks the provider for the order, and shows it to whoever pays alone', async () => {
    const { id, players } = await play('deal:agreed');
    const [brand, influencer] = [players.brand_owner as Person, players.influencer as Person];
    const { payment_order: order } = (await act(id, 'proceed_to_payment', brand)).body.data;
    expect(order).toMatchObject({ provider: 'sandbox', amount: 500_000, checkout_url: expect.stringMatching(/^http/) });
    expect((await act(id, 'proceed_to_payment', brand)).body.data.payment_order).toEqual(order);
    expect((await get(id, influencer)).payment_order).toBeUndefined();
  });

  test('of a payout is an administrator’s who is not paid, and gives back what was set aside', async () => {
    const { id, players } = await play('payout:large');
    const payee = players.payee as Person;
    const admin = await administrator();
    expect(await get(id, payee)).toMatchObject({
      title: '₹1,50,000 to sandbox: ok',
      value: { asset: 'INR', amount: '150000.00' },
      needs_me: false,
      silence: 'If nobody looks at it in time: ₹1,50,000 back into your wallet.',
    });
    expect((await get(id, payee)).actions.map(({ name }: { name: string }) => name)).toEqual(['cancel']);
    expect((await list(admin, `?q=${payee.handle}&view=needs_me`)).map((each: { id: string }) => each.id)).toEqual([
      id,
    ]);
    const [approve] = (await get(id, admin)).actions;
    expect(approve).toMatchObject({ name: 'approve', consequence: expect.stringMatching(/to the payee’s account/) });
    expect((await act(id, 'approve', payee)).status).toBe(403);
    const rejected = await act(id, 'reject', admin, { reason: 'Ask us first.' });
    expect(rejected.body.data).toMatchObject({ state: 'cancelled', outcome: { label: 'Cancelled' }, held: [] });
  });

  test('of a top-up and of a boost: they are found, said and taken back', async () => {
    const opened = await play('topUp:opened');
    const buyer = opened.players.buyer as Person;
    const { payment_order: order, ...topUp } = await get(opened.id, buyer);
    expect(topUp).toMatchObject({ title: expect.stringMatching(/^500 TOKEN for ₹/), needs_me: true, phase: 'pay' });
    expect(order).toMatchObject({ provider: 'sandbox', checkout_url: expect.stringMatching(/^http/) });
    expect((await act(opened.id, 'cancel', buyer)).body.data).toMatchObject({ outcome: { label: 'Not paid' } });

    const boosted = await play('boost:active');
    const booster = boosted.players.booster as Person;
    const seen = await get(boosted.id, booster);
    expect(seen).toMatchObject({ title: `100 CREDIT for @${booster.handle}`, held: [{ amount: '100' }] });
    expect(seen.actions).toMatchObject([
      { name: 'cancel', consequence: expect.stringMatching(/^\d+ CREDIT back to you, /) },
    ]);
    expect(await list(booster, `?q=${booster.handle}&kind=boost`)).toMatchObject([{ id: boosted.id }]);
    // That an administrator could end it asks nothing of them.
    const admin = await administrator();
    expect((await get(boosted.id, admin)).needs_me).toBe(false);
    expect(await list(admin, `?q=${booster.handle}&view=needs_me`)).toEqual([]);
    expect(await list(admin, `?q=${booster.handle}&view=waiting`)).toMatchObject([{ id: boosted.id }]);
  });

  test('says the fee that would be agreed on now, as the rules have it', async () => {
    const { id, players } = await play('deal:offered');
    const influencer = players.influencer as Person;
    const rule = { kind: 'deal', reason: 'Agreed', bps: 250, user_id: influencer.id };
    expect((await call('POST', '/api/admin/commission-rules', await administrator(), rule)).status).toBe(201);
    const less = 'You receive ₹4,875 when the work is approved: ₹5,000 less the fee of 2.5 % (₹125).';
    const [accept] = (await get(id, influencer)).actions;
    expect(accept.consequence).toBe(less);
    const foreseen = await call(
      'POST',
      `/api/processes/${id}/actions/accept_price/consequence`,
      influencer,
      accept.data,
    );
    expect(foreseen.body.data.consequence).toBe(less);
  });

  test('of a charge-back: it is found by what it is about, and what is said to the bank is read by who said it', async () => {
    const paid = await play('topUp:paid');
    const payee = paid.players.buyer as Person;
    const [payer, admin] = [await person(), await administrator()];
    const { pool, config } = api.deps;
    const paymentId = await pool.oneFirst(sql.typeAlias('id')`
      SELECT payment_id AS id FROM captures WHERE process_id = ${paid.id}
    `);
    const origin = { now: new Date().toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId: null };
    const said = { outcome: null, amount: '50000', disputeId: `dp_${paid.id}` };
    const id = (await dispute(pool, origin, { paymentId, topUpId: paid.id }, said)) as string;
    // The one who has paid is another here, so that both sides take part.
    await pool.query(sql.typeAlias('void')`
      INSERT INTO seats (process_id, role, user_id) VALUES (${id}, 'payer', ${payer.id})
    `);
    expect((await list(payee, '?kind=chargeBack')).map((each: { id: string }) => each.id)).toEqual([id]);
    for (const q of [paid.id, said.disputeId]) {
      expect((await list(admin, `?q=${q}&kind=chargeBack`)).map((each: { id: string }) => each.id)).toEqual([id]);
    }
    const seen = await get(id, payee);
    expect(seen).toMatchObject({ kind_label: 'Charge-back', title: '₹500 charged back', needs_me: true });
    expect(seen.actions).toMatchObject([{ name: 'add_evidence', input: [{ id: 'text' }], aside: false }]);
    expect((await act(id, 'add_evidence', payee, { text: 'It is all there.' })).status).toBe(200);
    const readBy = async (by: Person) => (await get(id, by)).history.map(({ text }: { text: string | null }) => text);
    expect([await readBy(payee), await readBy(admin), await readBy(payer)]).toEqual([
      ['It is all there.'],
      ['It is all there.'],
      [null],
    ]);
    expect((await act(id, 'concede', payee, { reason: 'Enough.' })).status).toBe(403);
    const conceded = await act(id, 'concede', admin, { reason: 'It was never delivered.' });
    expect(conceded.body.data).toMatchObject({ state: 'submitted', phase: 'decide' });
  });

  test('of a trade moves it on, and where to pay is shown to the two alone', async () => {
    const { id, players } = await play('trade:opened');
    const [buyer, seller] = [players.buyer as Person, players.seller as Person];
    const seen = await get(id, buyer);
    expect(seen).toMatchObject({
      title: '25 USDT for 2150 INR',
      value: { asset: 'USDT', amount: '25.000000' },
      held: [{ asset: 'USDT', amount: '25.000000' }],
      needs_me: true,
      phase: 'pay',
      links: { conversation: null },
    });
    expect(seen.facts).toContainEqual({ label: 'Where to pay', text: 'seller@bank' });
    expect((await get(id, await administrator())).facts.map(({ label }: { label: string }) => label)).not.toContain(
      'Where to pay',
    );
    await act(id, 'confirm', buyer);
    expect((await get(id, seller)).actions[0]).toMatchObject({ name: 'release', consequence: '25 USDT to the buyer.' });
    const released = (await act(id, 'release', seller)).body.data;
    expect(released).toMatchObject({
      state: 'releasing',
      phase: 'settle',
      on_its_way: [{ kind: 'release', amount: '25.000000' }],
    });
    const { entries } = (await call('GET', `/api/processes/${id}/entries`, buyer)).body.data;
    expect(entries.map(({ account, amount }: { account: string; amount: string }) => [account, amount])).toContainEqual(
      ['hold', '25.000000'],
    );
  });
});

describe('the sandbox’s clock', () => {
  const move = (id: string, advance: string, by: Person, key?: string) =>
    call('POST', `/api/sandbox/processes/${id}/clock`, by, { advance }, key);

  test('brings a deadline that much nearer, in the history as what it is, and rings for the process', async () => {
    const { id, players } = await play('deal:submitted');
    const brand = players.brand_owner as Person;
    const before = await get(id, brand);
    const rung = api.rung.length;
    const moved = (await move(id, 'P3D', brand, 'once')).body.data;
    expect(Date.parse(before.deadline) - Date.parse(moved.deadline)).toBe(3 * DAY);
    expect(moved).toMatchObject({ state: 'work_submitted', history: expect.any(Array) });
    expect(moved.history.at(-1)).toMatchObject({
      command: 'clock_moved',
      by: 'system',
      sentence: 'The sandbox’s clock was moved on by 3 days.',
    });
    expect(api.rung.slice(rung)).toContain(id);
    await move(id, 'P3D', brand, 'once');
    expect((await get(id, brand)).deadline).toBe(moved.deadline);
  });

  test('lets what falls due happen, at the next thing done with it at the latest', async () => {
    const { id, players } = await play('deal:submitted');
    const brand = players.brand_owner as Person;
    await move(id, 'P14D', brand);
    expect(await act(id, 'request_revision', brand, { feedback: 'More rain.' })).toMatchObject({ status: 409 });
    expect(await get(id, brand)).toMatchObject({ state: 'work_approved' });
  });

  test('makes late work one that may be cancelled', async () => {
    const { id, players } = await play('deal:started');
    const brand = players.brand_owner as Person;
    const names = async () => (await get(id, brand)).actions.map(({ name }: { name: string }) => name);
    expect(await names()).not.toContain('cancel_late_work');
    await move(id, 'P17D', brand);
    expect(await names()).toContain('cancel_late_work');
  });

  test('counts who spoke in a dispute as having spoken before', async () => {
    const { id, players } = await play('trade:disputed');
    const buyer = players.buyer as Person;
    const before = await get(id, buyer);
    const moved = (await move(id, 'PT1H', buyer)).body.data;
    expect(Date.parse(before.deadline) - Date.parse(moved.deadline)).toBe(3_600_000);
  });

  test('is not there for strangers, in production, nor where nothing waits for time, and takes durations alone', async () => {
    const { id, players } = await play('deal:approved');
    const brand = players.brand_owner as Person;
    expect((await move(id, 'P1D', await person())).status).toBe(404);
    expect((await move(id, 'P1D', brand)).body).toMatchObject({ error_code: 'FLOW_STATE_INVALID' });
    for (const advance of ['', 'P', 'PT0S', '-P1D', 'P1M', 'P9999D'])
      expect((await move(id, advance, brand)).status, advance).toBe(400);
    const production = await startTestApp({
      databaseUrl: await createTestDatabase(),
      env: { ...PRODUCTION, CORS_ORIGIN: 'https://a.example' },
    });
    for (const url of [
      `/api/sandbox/processes/${id}/clock`,
      '/api/sandbox/scenarios/deal:paid',
      '/api/sandbox/faucet',
    ]) {
      expect((await production.app.inject({ method: 'POST', url, payload: {} })).statusCode, url).toBe(404);
    }
    await production.close();
  });
});

test('the machines are told to everybody', async () => {
  const { status, body } = await call('GET', '/api/machines', null);
  expect(status).toBe(200);
  expect(body.data.map(({ kind }: { kind: string }) => kind)).toEqual(SHOWN_KINDS);
  for (const { states, phases, transitions, variants } of body.data) {
    const names = states.map(({ name }: { name: string }) => name);
    for (const { from, to } of transitions) expect(names).toEqual(expect.arrayContaining([from, to]));
    for (const { opens } of variants) expect(names).toContain(opens);
    for (const { phase } of states) expect(phases.map(({ name }: { name: string }) => name)).toContain(phase);
  }
});
