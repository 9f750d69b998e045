import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor } from '#api/page.ts';
import { Client } from '#realtime/testing/client.ts';
import { openFrontend } from '#realtime/testing/frontend.ts';
import { BUTTONS, PARTIES, type Party, rolesOf, STATES, type State, statesOf } from '#workflows/deal/table.ts';
import { expectBooksInOrder } from './books.ts';
import { documentedRoutes, misfits, type Route, withIds } from './documented.ts';
import { type Things, thingsAt, thingsOfOthers } from './others.ts';
import { nextWeek } from './paid.ts';
import { openParts, type Parts } from './parts.ts';
import { type Answer, type Json, type Person, register, until } from './person.ts';
import {
  bringTo,
  capture,
  commandsOf,
  newSides,
  ok,
  openDeal,
  order,
  type Played,
  refused,
  type Sides,
  signInAgain,
  stateOf,
} from './play.ts';
import { onAir } from './streaming.ts';

/** Whatever is sent: one clear refusal or one effect, and never an error of ours. */

const ROLES = ['viewer', 'creator', 'brand_owner', 'influencer'];

let place: Parts;
let sides: Sides;
/** Somebody with every role that can be asked for, who is no side of any deal here. */
let stranger: Person;
let routes: Route[];
/** A deal with everything that can be asked for by an id. */
let paid: Played;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
  stranger = await register(place.url, ROLES);
  routes = await documentedRoutes(place.url);
  paid = await bringTo(place, sides, 'disputed');
});
afterAll(() => place?.close());
afterEach(() => expectBooksInOrder(place));

async function send(person: Person | null, { method }: Route, path: string, body?: Json, more = {}): Promise<Answer> {
  const response = await fetch(place.url + path, {
    method,
    headers: {
      ...(person && { authorization: `Bearer ${person.access}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json().catch(() => null), headers: response.headers };
}

const nameOf = ({ method, path }: Route) => `${method} ${path}`;

describe('ids of others', () => {
  /** Things that anybody may see or begin with. */
  const PUBLIC = new Set([
    'GET /api/campaigns/{id}',
    'GET /api/bids/{id}',
    'POST /api/campaigns/{id}/apply',
    'POST /api/bids/{id}/connect',
    'POST /api/webhooks/{provider}',
    'GET /api/users/{id}',
    'POST /api/users/{id}/follow',
    'DELETE /api/users/{id}/follow',
    'POST /api/users/{id}/block',
    'DELETE /api/users/{id}/block',
    'GET /api/users/{id}/followers',
    'GET /api/users/{id}/following',
    'GET /api/users/{id}/reviews',
    'GET /api/users/{id}/xp',
    ...['profiles', 'gigs', 'clans'].flatMap((of) => [`GET /api/${of}/{id}`, `POST /api/${of}/{id}/view`]),
    'POST /api/clans/{id}/contribute',
    'GET /api/creator/{creatorId}/tiers',
    'POST /api/creator/{creatorId}/tips',
    'POST /api/sandbox/scenarios/{name}',
    'POST /api/sandbox/parts/{name}/break',
    'GET /api/crypto/prices/{symbol}',
    'GET /api/crypto/trading/pairs/{pairId}',
    ...['', '/trades', '/candles'].map((of) => `GET /api/crypto/orderbook/{pairId}${of}`),
  ]);
  /** What is for administrators alone is refused before any id is looked at. */
  const FOR_ADMINS = /^\/api\/(?:admin|notifications\/broadcasts)\//;

  test('every route that takes an id answers 404 to a stranger, as for an id that nobody has', async () => {
    const others = await thingsOfOthers(place, paid);
    const walked = routes.filter((route) => route.ids.length > 0 && !PUBLIC.has(nameOf(route)));
    const unknown = walked.filter(({ path }) => thingsAt(others, path) === undefined).map(nameOf);
    expect(unknown, 'something of somebody else is known for every route').toEqual([]);
    for (const route of walked) {
      const things = thingsAt(others, route.path) as Things;
      const ask = (idOf: (name: string) => string | undefined) =>
        send(
          stranger,
          route,
          withIds(route.path, (name) => idOf(name) ?? `no ${name}`),
          FITTING[nameOf(route)] ?? route.body ?? undefined,
        );
      const theirs = await ask((name) => things[name]);
      const nobodys = await ask(() => randomUUID());
      expect
        .soft(theirs.status, `${nameOf(route)}: ${JSON.stringify(theirs.body)}`)
        .toBe(FOR_ADMINS.test(route.path) ? 403 : 404);
      expect.soft(nobodys.body, nameOf(route)).toEqual(theirs.body);
      if (route.ids.length === 1 || FOR_ADMINS.test(route.path)) continue;
      // What is somebody else's is not one's own either for being asked for among one's own things.
      const own: Things = { userId: stranger.id, ...(route.path.startsWith('/api/users/') && { id: stranger.id }) };
      const amongOwn = await ask((name) => own[name] ?? things[name]);
      expect.soft(amongOwn.status, `${nameOf(route)} among one's own: ${JSON.stringify(amongOwn.body)}`).toBe(404);
    }
    expect(await stateOf(place, paid.id)).toBe('disputed');
  });

  test('every command of both doors that is not everybody’s answers a stranger as for an id that nobody has', async () => {
    const others = await thingsOfOthers(place, paid);
    const theirs: Things = {
      ...{ dealId: paid.id, userId: paid.brand.id },
      messageId: thingsAt(others, '/api/conversations/{id}/messages/{messageId}')?.messageId,
      notificationId: thingsAt(others, '/api/notifications/{id}/read')?.id,
      battleId: thingsAt(others, '/api/battles/{id}')?.id,
      streamId: thingsAt(others, '/api/streams/{id}')?.id,
      pollId: thingsAt(others, '/api/streams/{id}/polls/{pollId}')?.pollId,
    };
    expect(Object.values(theirs)).not.toContain(undefined);
    const walked = documentedCommands().filter(({ isForAll }) => !isForAll);
    expect(walked.map(({ name }) => name).filter((name) => !COMMANDS[name])).toEqual([]);
    const door = new Client({ url: () => `${place.url.replace('http', 'ws')}/ws`, token: () => stranger.access });
    const page = openFrontend(() => place, { auth: { token: stranger.access } });
    for (const { name } of walked) {
      const says = COMMANDS[name] as (of: (name: string) => string) => Json;
      for (const ask of [(data: Json) => door.command(name, data), (data: Json) => page.asks(name, data)]) {
        const [forTheirs, forNobodys] = [
          await ask(says((of) => theirs[of] as string)),
          await ask(says(() => randomUUID())),
        ];
        const { success, error_code, message } = forTheirs as Json;
        expect
          .soft({ success, error_code }, `${name}: ${message}`)
          .toEqual({ success: false, error_code: REFUSED[name] ?? 'NOT_FOUND' });
        expect.soft({ ...forNobodys, id: '' }, name).toEqual({ ...forTheirs, id: '' });
      }
    }
    // Nothing came of it that anybody heard.
    const heard = [...door.events, ...door.lives].filter(({ data }) => JSON.stringify(data).includes(paid.id));
    expect([heard, door.faults, page.faults()]).toEqual([[], [], []]);
    door.close();
    page.close();
    expect(await stateOf(place, paid.id)).toBe('disputed');
  });

  test('an id of others in a body is not known either', async () => {
    const said = { conversation_id: paid.id, message: 'Let me in' };
    await refused(stranger.post('/api/messages/send', said), 404, 'NOT_FOUND');
    await refused(stranger.post('/api/messages/send', { ...said, receiver_id: paid.brand.id }), 404, 'NOT_FOUND');
    const nobody = { target_user_id: randomUUID(), initial_message: 'Hello?' };
    await refused(stranger.post('/api/messages/direct-connect', nobody), 404, 'NOT_FOUND');
    const system = { target_user_id: place.deps.config.SYSTEM_USER_ID, initial_message: 'Hello?' };
    await refused(stranger.post('/api/messages/direct-connect', system), 404, 'NOT_FOUND');
  });

  test('what is unknown is 404 on every route, and what is no id at all is refused', async () => {
    const admin = await place.admin();
    for (const route of routes.filter(({ ids, members }) => ids.length > 0 && members)) {
      for (const id of [
        randomUUID(),
        'x',
        '%00',
        'a\0b',
        '../../etc',
        "'; DROP TABLE users; --",
        '1'.repeat(400),
        '🦄',
      ]) {
        for (const person of [stranger, admin]) {
          const { status, body } = await send(
            person,
            route,
            withIds(route.path, () => id),
            route.body ?? undefined,
          );
          // An administrator's question about what nobody has is an empty answer, or refused by what is there.
          const fine = person === admin ? [200, 400, 403, 404, 409, 414] : [400, 403, 404, 414];
          expect(fine, `${nameOf(route)} ${id}: ${status} ${JSON.stringify(body)}`).toContain(status);
        }
      }
    }
  });
});

/** What a command is sent with, given ids by what they are of. */
const COMMANDS: Record<string, (of: (name: string) => string) => Json> = {
  join_conversation: (of) => ({ conversationId: of('dealId') }),
  join_room: (of) => ({ roomId: `conversation_${of('dealId')}` }),
  send_message: (of) => ({ conversationId: of('dealId'), message: 'Let me in' }),
  typing_start: (of) => ({ conversationId: of('dealId') }),
  typing_stop: (of) => ({ conversationId: of('dealId') }),
  start_typing: (of) => ({ roomId: of('dealId') }),
  stop_typing: (of) => ({ roomId: of('dealId') }),
  mark_seen: (of) => ({ conversationId: of('dealId'), messageId: of('messageId') }),
  mark_notification_read: (of) => ({ notificationId: of('notificationId') }),
  join: (of) => ({ userId: of('userId') }),
  join_stream: (of) => ({ streamId: of('streamId') }),
  'chat:message': (of) => ({ streamId: of('streamId'), text: 'Let me in' }),
  'mood:react': (of) => ({ streamId: of('streamId'), mood: 'love' }),
  'gift:send': (of) => ({ streamId: of('streamId'), code: 'ROSE' }),
  join_battle: (of) => ({ battleId: of('battleId') }),
  battle_vote: (of) => ({ battleId: of('battleId'), participantId: of('userId') }),
  'poll:vote': (of) => ({ pollId: of('pollId'), option: 0 }),
};

/** Refused before it is looked at whether there is such a one. */
const REFUSED: Record<string, string> = { join: 'FORBIDDEN' };

/** Every command of the AsyncAPI document as it is written, and whether everybody may send it. */
function documentedCommands(): { name: string; isForAll: boolean }[] {
  const text = readFileSync(new URL('../realtime/asyncapi.json', import.meta.url), 'utf8');
  const messages = Object.entries<{ summary: string }>(JSON.parse(text).components.messages);
  return messages.flatMap(([key, { summary }]) => {
    const [, name] = /^command\.(.+)$/.exec(key) ?? [];
    return name ? [{ name, isForAll: summary.endsWith('May be sent by: everybody.') }] : [];
  });
}

/** Bodies without which a route would not come to the id. */
const FITTING: Record<string, Json> = {
  'POST /api/messages/conversations/{id}/button-click': { button_id: 'concede_dispute' },
  'POST /api/sandbox/processes/{id}/clock': { advance: 'PT1M' },
  'PUT /api/notifications/{id}/snooze': { until: new Date(Date.now() + 3_600_000).toISOString() },
};

/** The same text but for a character in its middle: it never happens to be the one that was there. */
function altered(text: string): string {
  const middle = text.length >> 1;
  return text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1);
}

describe('who is asking', () => {
  test('every route for members refuses who shows no token, a broken one, or one of another kind', async () => {
    const { access } = stranger;
    const [head, payload, signature] = access.split('.') as [string, string, string];
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const { body } = await stranger.post('/api/auth/login', { handle: stranger.handle, password: 'a long password' });
    const tokens = [
      null,
      'nonsense',
      `${head}.${payload}.`,
      `${none}.${payload}.`,
      `${head}.${payload}.${altered(signature)}`,
      `${head}.${altered(payload)}.${signature}`,
      body.data.refresh,
    ];
    for (const route of routes.filter(({ members }) => members)) {
      for (const token of tokens) {
        const person = token === null ? null : { ...stranger, access: token };
        const answer = await send(
          person,
          route,
          withIds(route.path, () => paid.id),
          route.body ?? undefined,
        );
        expect(answer.status, `${nameOf(route)} ${token}`).toBe(401);
        expect(answer.body.error_code).toBe('UNAUTHENTICATED');
      }
    }
  });

  test('a token that has expired is refused, and one of another deployment', async () => {
    const elsewhere = await openParts({ worker: false });
    try {
      const foreign = await register(elsewhere.url, ['brand_owner']);
      const answer = await fetch(`${place.url}/api/me`, { headers: { authorization: `Bearer ${foreign.access}` } });
      expect(answer.status).toBe(401);
    } finally {
      await elsewhere.close();
    }
    place.clock.offsetMs = 16 * 60_000;
    try {
      await refused(stranger.get('/api/me'), 401, 'UNAUTHENTICATED');
      await refused(stranger.click(paid.id, 'concede_dispute'), 401, 'UNAUTHENTICATED');
    } finally {
      place.clock.offsetMs = 0;
    }
  });

  test('a role that is missing is named', async () => {
    const [brand, influencer] = [sides.brand, sides.influencer];
    const campaign = { title: 'Mine', description: 'Or yours', budget: 100 };
    const bid = { title: 'Mine', description: 'Or yours', starting_price: 100 };
    const { id: campaignId } = await ok(brand.post('/api/campaigns', campaign));
    const { id: bidId } = await ok(influencer.post('/api/bids', bid));
    const offer = { message: 'Me', proposed_amount: 100 };
    const answers: [Promise<Answer>, Party][] = [
      [influencer.post('/api/campaigns', campaign), 'brand_owner'],
      [brand.post('/api/bids', bid), 'influencer'],
      [brand.post(`/api/campaigns/${campaignId}/apply`, offer), 'influencer'],
      [influencer.post(`/api/bids/${bidId}/connect`, { proposed_amount: 100 }), 'brand_owner'],
    ];
    for (const [answer, role] of answers) {
      expect((await refused(answer, 403, 'FORBIDDEN')).details.required_role).toBe(role);
    }
    await refused(brand.get('/api/admin/tasks'), 403, 'FORBIDDEN');
  });

  test('nobody deals or talks with themselves', async () => {
    const { id } = await ok(stranger.post('/api/campaigns', { title: 'Mine', description: 'All mine', budget: 100 }));
    await refused(
      stranger.post(`/api/campaigns/${id}/apply`, { message: 'Me', proposed_amount: 100 }),
      403,
      'FORBIDDEN',
    );
    for (const target_user_id of [stranger.id, stranger.id.toUpperCase()]) {
      const hello = { target_user_id, initial_message: 'Hello, me' };
      await refused(stranger.post('/api/messages/direct-connect', hello), 403, 'FORBIDDEN');
    }
    await ok(stranger.get(`/api/wallet/${stranger.id.toUpperCase()}/balance`));
    const roles = ['brand_owner', 'admin'];
    const { status } = await stranger.post('/api/auth/register', { handle: 'would_be', password: 'a long one', roles });
    expect(status).toBe(400);
  });

  test('asking again for the same deal, at once or later, answers with the one that is open', async () => {
    const { id } = await ok(sides.brand.post('/api/campaigns', { title: 'One', description: 'Only one', budget: 100 }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        sides.influencer.post(`/api/campaigns/${id}/apply`, { message: 'Me', proposed_amount: 100 }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.data.conversation.id)).size).toBe(1);
  });
});

/** A path with a deal's id, and with words that are there where it names something else. */
function ofDeal({ path }: Route): string {
  const name = path.startsWith('/api/sandbox/scenarios/') ? 'deal:applied' : 'concede_dispute';
  const words: Record<string, string> = { action: 'daily_login', name };
  return withIds(path, (part) => words[part] ?? paid.id);
}

/** Whether its body may as well be left out. */
function needsNothing({ schema }: Route): boolean {
  return ((schema?.anyOf?.[0] ?? schema)?.required ?? []).length === 0;
}

describe('bodies', () => {
  test('every route names a field it does not know', async () => {
    const walked = routes.filter((route) => route.body);
    expect(walked.length).toBeGreaterThan(15);
    for (const route of walked) {
      const answer = await send(sides.brand, route, ofDeal(route), { ...route.body, surprise: true });
      expect(answer.status, nameOf(route)).toBe(400);
      expect(answer.body, nameOf(route)).toMatchObject({
        error_code: 'VALIDATION_FAILED',
        details: { fields: expect.arrayContaining([{ field: 'surprise', problem: 'is not a known field' }]) },
      });
    }
    const nested = { button_id: 'send_price_offer', additional_data: { price: 1, surprise: true } };
    const path = `/api/messages/conversations/${paid.id}/button-click`;
    const { details } = await refused(sides.brand.post(path, nested), 400, 'VALIDATION_FAILED');
    expect(details.fields).toEqual([{ field: 'additional_data.surprise', problem: 'is not a known field' }]);
  });

  test('what is of a wrong kind is refused on every route, and never an error of ours', async () => {
    const somebody = await register(place.url, ['brand_owner', 'influencer']);
    for (const route of routes.filter(({ body, path }) => body && !path.startsWith('/api/auth/'))) {
      for (const { what, body } of misfits(route.body)) {
        // A body that nothing has to be in may as well be left out.
        if (body === null && needsNothing(route)) continue;
        const answer = await send(somebody, route, ofDeal(route), body);
        expect(answer.status, `${nameOf(route)} ${what}: ${JSON.stringify(answer.body)}`).toBeLessThan(500);
        // A text may be anything, also a long one; of the rest nothing is taken.
        if (typeof body !== 'object' || body === null) expect(answer.status, `${nameOf(route)} ${what}`).toBe(400);
      }
    }
  });

  test('what is not JSON, too deep, of another type or too large is refused on every route', async () => {
    for (const route of routes.filter(({ body }) => body)) {
      const path = withIds(route.path, () => paid.id);
      const name = nameOf(route);
      expect((await send(sides.brand, route, path, '{"a":')).status, name).toBe(400);
      expect((await send(sides.brand, route, path, '['.repeat(100_000))).status, name).toBe(400);
      expect((await send(sides.brand, route, path, '{"__proto__":{"a":1}}')).status, name).toBe(400);
      const text = await send(sides.brand, route, path, 'a=1', { 'content-type': 'application/x-www-form-urlencoded' });
      expect(text.status, name).toBe(415);
      const large = await send(sides.brand, route, path, { ...route.body, surprise: 'x'.repeat(1024 * 1024) });
      expect(large.status, name).toBe(413);
      expect(large.body.error_code, name).toBe('PAYLOAD_TOO_LARGE');
    }
    const hook = await fetch(`${place.url}/api/webhooks/sandbox`, { method: 'POST', body: 'x'.repeat(256 * 1024 + 1) });
    expect(hook.status).toBe(413);
  });

  test('pages that make no sense are refused on every list', async () => {
    const admin = await place.admin();
    /** Instants to whoever reads the rules, but not to Postgres. */
    const odd = ['0000-01-01T00:00:00Z', `2026-01-01T00:00:00.${'1'.repeat(250)}Z`].map((instant) =>
      encodeCursor([instant, randomUUID()]),
    );
    for (const route of routes.filter(({ query }) => query.length > 0)) {
      const path = withIds(route.path, () => paid.id);
      for (const name of route.query) {
        for (const value of ['-1', 'x', '1e99', '99999999999999999999', '%00', 'a%00b', '[]', 'e30', '', ...odd]) {
          const { status, body } = await send(admin, route, `${path}?${name}=${value}`);
          expect(status, `${nameOf(route)} ${name}=${value}: ${JSON.stringify(body)}`).toBeLessThan(500);
        }
      }
      if (route.query.includes('limit')) {
        for (const value of ['0', '101']) {
          expect((await send(admin, route, `${path}?limit=${value}`)).status, nameOf(route)).toBe(400);
        }
      }
      const surprise = await send(admin, route, `${path}?surprise=1`);
      expect(surprise.status, nameOf(route)).toBe(400);
      // A body that has to be there is looked at first, and there is none.
      const field = route.needsBody ? 'body' : 'surprise';
      expect(surprise.body.details.fields, nameOf(route)).toMatchObject([{ field }]);
    }
    // Some four thousand requests, one after the other.
  }, 300_000);

  test.for([
    'javascript:alert(1)',
    'data:text/html,<script>',
    'ftp://media.example/a',
    '//media.example/a',
    'reel.mp4',
  ])('media at %s is refused', async (media_url) => {
    const { id, brand } = await bringTo(place, sides, 'real_time');
    const said = { conversation_id: id, message: 'Look', media_url };
    const { details } = await refused(brand.post('/api/messages/send', said), 400, 'VALIDATION_FAILED');
    expect(details.fields[0].field).toBe('media_url');
    await ok(brand.post('/api/messages/send', { ...said, media_url: 'https://media.example/reel.mp4' }));
  });
});

describe('prices', () => {
  const read: [string | number, number][] = [
    ['₹5000', 500_000],
    ['5,000', 500_000],
    ['5000 INR', 500_000],
    ['5000.50', 500_050],
    ['1,00,00,000', 1_000_000_000],
    [1, 100],
    [5000.5, 500_050],
    [0.1 + 4999.9, 500_000],
  ];
  test.for(read)('%s is read as %i paise', async ([price, paise]) => {
    const { id, brand, influencer } = await bringTo(place, sides, 'brand_owner_pricing');
    await ok(brand.click(id, 'send_price_offer', { price }));
    await ok(influencer.click(id, 'accept_price', { price: paise / 100 }));
    expect((await ok(brand.click(id, 'proceed_to_payment'))).payment_order.amount).toBe(paise);
  });

  test('what is no price is refused with what was expected, and changes nothing', async () => {
    const { id, brand } = await bringTo(place, sides, 'brand_owner_pricing');
    const nonsense = [
      ...['-5', '0', '0.99', '5000.555', '1e5', '1,00,00,001', '10000000.01', 'NaN', 'Infinity', '5 000'],
      ...['12,34,5', '5,000,', '.5', '5.', '₹', 'free', '5000 USD', '0x10', '1'.repeat(39), '5000;'],
      ...[-1, 0, 0.5, 5000.555, 1e21, 10_000_000.01, Number.MIN_VALUE],
    ];
    for (const price of nonsense) {
      const { details } = await refused(brand.click(id, 'send_price_offer', { price }), 400, 'VALIDATION_FAILED');
      expect(details, `${price}`).toMatchObject({
        field: 'price',
        expected: expect.stringContaining('Expected rupees'),
      });
      if (typeof price === 'string') await refused(brand.input(id, 'price_offer', price), 400, 'VALIDATION_FAILED');
    }
    for (const proposed_amount of [-1, 0, '1e5', 10_000_001]) {
      const { id: campaign } = await ok(brand.post('/api/campaigns', { title: 'A', description: 'B', budget: 5 }));
      const apply = sides.influencer.post(`/api/campaigns/${campaign}/apply`, { message: 'Me', proposed_amount });
      await refused(apply, 400, 'VALIDATION_FAILED');
    }
    expect(await commandsOf(place, id)).toEqual(['accept_application']);
  });

  test('accepting a price that is not the standing one is refused, whoever was faster', async () => {
    const { id, influencer, brand } = await bringTo(place, sides, 'brand_owner_negotiation');
    await refused(brand.click(id, 'accept_negotiation', { price: 5999 }), 409, 'OFFER_STALE');
    await ok(brand.input(id, 'final_offer', '5500'));
    const { details } = await refused(
      influencer.click(id, 'accept_final_offer', { price: '₹5,000' }),
      409,
      'OFFER_STALE',
    );
    expect(details).toEqual({ standing_price_minor: '550000', sent_price_minor: '500000' });
    await ok(influencer.click(id, 'accept_final_offer', { price: '₹5,500' }));
  });

  test('a policy that makes no sense is refused', async () => {
    const odd = [
      { pay_within: 'P1M' },
      { pay_within: 'PT0S' },
      { pay_within: '1 day' },
      { pay_within: 'P400D' },
      { default_release_percent: 101 },
      { max_revisions: -1 },
      { max_rounds: 1.5 },
      { surprise: 'P1D' },
    ];
    for (const policy of odd) {
      const campaign = { title: 'A', description: 'B', budget: 5, policy };
      const { details } = await refused(sides.brand.post('/api/campaigns', campaign), 400, 'VALIDATION_FAILED');
      expect(details.fields[0].field).toBe(`policy.${Object.keys(policy)[0]}`);
    }
  });
});

describe('states', () => {
  test.for(['initial', 'brand_owner_pricing', 'payment_completed', 'real_time', 'chat_closed'] as const)(
    'in %s every button that is not offered is refused with where the deal is and where it would have to be',
    async (state) => {
      const played = await bringTo(place, sides, state === 'chat_closed' ? 'initial' : state);
      if (state === 'chat_closed') await ok(played.brand.click(played.id, 'withdraw'));
      const admin = await place.admin();
      const people: Record<Party | 'admin', Person> = {
        brand_owner: played.brand,
        influencer: played.influencer,
        admin,
      };
      for (const on of BUTTONS) {
        for (const role of [...PARTIES, 'admin'] as const) {
          const mine = rolesOf(on).includes(role);
          const offered = (await ok(people[role].get(`/api/messages/conversations/${played.id}/context`)))
            .allowed_actions;
          if (offered.some((action: Json) => action.id === on)) continue;
          const answer = people[role].click(played.id, on);
          if (!mine) {
            const { details } = await refused(answer, 403, 'FORBIDDEN');
            expect(details.required_roles).toEqual(rolesOf(on));
            continue;
          }
          const { details } = await refused(answer, 409, 'FLOW_STATE_INVALID');
          expect(details).toMatchObject({ current_state: state, required_state: statesOf(on)[0] });
          expect(details.required_states).toEqual(statesOf(on));
        }
      }
      expect(await stateOf(place, played.id)).toBe(state);
    },
  );

  test('a button that does not exist is 400, and so is an input', async () => {
    await refused(paid.brand.click(paid.id, 'release_everything'), 400, 'VALIDATION_FAILED');
    await refused(paid.brand.click(paid.id, 'money_released'), 400, 'VALIDATION_FAILED');
    await refused(paid.brand.input(paid.id, 'ransom', '5'), 400, 'VALIDATION_FAILED');
  });

  test('in a deal nobody writes freely before real time, whatever state it is in', async () => {
    const before = STATES.filter((state) => !['work_approved', 'real_time', 'chat_closed'].includes(state));
    const played = await Promise.all(before.map((state) => bringTo(place, sides, state)));
    for (const [i, { id, brand, influencer }] of played.entries()) {
      for (const person of [brand, influencer]) {
        const said = person.post('/api/messages/send', { conversation_id: id, message: 'Call me instead' });
        const { details } = await refused(said, 409, 'FLOW_STATE_INVALID');
        expect(details).toEqual({ current_state: before[i], required_state: 'real_time' });
      }
    }
  });

  test('a click without what its button asks for shows the field, and changes nothing', async () => {
    const asking: [State, 'brand' | 'influencer', string, string][] = [
      ['brand_owner_details', 'brand', 'send_project_details', 'details'],
      ['brand_owner_pricing', 'brand', 'send_price_offer', 'price'],
      ['brand_owner_negotiation', 'brand', 'send_final_offer', 'price'],
      ['work_in_progress', 'influencer', 'submit_work', 'deliverables'],
      ['work_submitted', 'brand', 'request_revision', 'feedback'],
      ['work_submitted', 'influencer', 'open_dispute', 'reason'],
    ];
    for (const [state, who, button, field] of asking) {
      const played = await bringTo(place, sides, state);
      const answer = await ok(played[who].click(played.id, button));
      expect(answer.input_field.id).toBe(field);
      expect(answer.flow_update).toMatchObject({ flow_state: state, previous_state: state });
      expect(await stateOf(place, played.id)).toBe(state);
    }
  });
});

describe('keys', () => {
  const key = (value: string) => ({ 'idempotency-key': value });

  test('the same key with another body is refused, on every route that takes one', async () => {
    const { id, brand, influencer } = await bringTo(place, sides, 'brand_owner_pricing');
    const talking = await bringTo(place, sides, 'real_time');
    const { id: campaignId } = await ok(brand.post('/api/campaigns', { title: 'A', description: 'B', budget: 5 }));
    const { id: bidId } = await ok(influencer.post('/api/bids', { title: 'A', description: 'B', starting_price: 5 }));
    const twice: [Person, string, Json, Json][] = [
      [
        brand,
        '/api/campaigns',
        { title: 'A', description: 'B', budget: 5 },
        { title: 'A', description: 'B', budget: 6 },
      ],
      [
        influencer,
        '/api/bids',
        { title: 'A', description: 'B', starting_price: 5 },
        { title: 'C', description: 'B', starting_price: 5 },
      ],
      [
        influencer,
        `/api/campaigns/${campaignId}/apply`,
        { message: 'A', proposed_amount: 1 },
        { message: 'A', proposed_amount: 2 },
      ],
      [brand, `/api/bids/${bidId}/connect`, { proposed_amount: 1 }, { proposed_amount: 2 }],
      [
        brand,
        '/api/messages/send',
        { conversation_id: talking.id, message: 'A' },
        { conversation_id: talking.id, message: 'B' },
      ],
      [
        brand,
        '/api/messages/direct-connect',
        { target_user_id: influencer.id, initial_message: 'A' },
        { target_user_id: influencer.id, initial_message: 'B' },
      ],
      [
        brand,
        `/api/messages/conversations/${id}/button-click`,
        { button_id: 'send_price_offer' },
        { button_id: 'send_price_offer', additional_data: { price: 5 } },
      ],
      [
        brand,
        `/api/messages/conversations/${id}/text-input`,
        { input_type: 'price_offer', text: '5' },
        { input_type: 'price_offer', text: '6' },
      ],
      [influencer, `/api/messages/conversations/${id}/work`, { deliverables: 'A' }, { deliverables: 'B' }],
      [
        brand,
        `/api/messages/conversations/${id}/work/review`,
        { decision: 'approve_work' },
        { decision: 'approve_work', feedback: 'B' },
      ],
    ];
    for (const [person, path, first, second] of twice) {
      const once = await person.post(path, first, key('k1'));
      expect(once.status, path).toBeLessThan(500);
      await refused(person.post(path, second, key('k1')), 422, 'IDEMPOTENCY_MISMATCH');
      const again = await person.post(path, first, key('k1'));
      expect([again.status, again.body], path).toEqual([once.status, once.body]);
    }
  });

  test('a refusal under a key is that refusal, at first and again, wherever something is opened', async () => {
    const [poor, other] = [await register(place.url, ROLES), await register(place.url, ROLES)];
    const streamId = await onAir(poor);
    const goal = { type: 'gifts', target: 500, duration_seconds: 3_600 };
    await ok(poor.post(`/api/streams/${streamId}/challenges`, goal));
    const wallet = `/api/wallet/${poor.id}`;
    await ok(poor.post(`${wallet}/kyc`, { kind: 'sandbox', name: 'Asha Rao' }));
    const { destination } = await ok(poor.post(`${wallet}/destinations`, { kind: 'sandbox', account: 'ok' }));
    const terms = {
      buyer_id: other.id,
      asset: 'USDT',
      amount: '5',
      price: '90',
      currency: 'INR',
      payment_method: 'UPI',
    };
    const stake = { asset: 'TOKEN', amount: '5000' };
    const dear: [string, Json, string][] = [
      ['/api/crypto/p2p/escrow', terms, 'INSUFFICIENT_FUNDS'],
      ['/api/battles', { opponent_id: other.id, duration_seconds: 60, stake }, 'INSUFFICIENT_FUNDS'],
      ['/api/credits/boost/profile', { targetUserId: other.id, amount: 90, duration: 24 }, 'INSUFFICIENT_FUNDS'],
      [`${wallet}/payouts`, { amount: '900.00', asset: 'INR', destination_id: destination.id }, 'INSUFFICIENT_FUNDS'],
      [`/api/streams/${streamId}/challenges`, goal, 'CONFLICT'],
    ];
    for (const [path, body, code] of dear) {
      const first = await refused(poor.post(path, body, key('dear')), 409, code);
      expect(await refused(poor.post(path, body, key('dear')), 409, code), path).toEqual(first);
    }
    const unknown = { title: 'Ragas', starts_at: nextWeek(), capacity: 9, price: 10, stream_id: randomUUID() };
    await refused(poor.post('/api/events', unknown, key('unknown')), 404, 'NOT_FOUND');
  });

  test('the same key and body, ten times at once, is one effect with one answer', async () => {
    const { brand, influencer } = sides;
    const talking = await bringTo(place, sides, 'real_time');
    const body = { conversation_id: talking.id, message: 'Once' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => brand.post('/api/messages/send', body, key('the_same'))),
    );
    expect(new Set(answers.map(({ status, body: said }) => JSON.stringify([status, said]))).size).toBe(1);
    const { body: messages } = await influencer.get(`/api/messages/conversations/${talking.id}/messages`);
    expect(messages.data.filter(({ message }: Json) => message === 'Once')).toHaveLength(1);
  });

  test('an order is asked for under one key by many, and is one', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => played.brand.click(played.id, 'proceed_to_payment', undefined, key('pay'))),
    );
    expect(new Set(answers.map(({ body }) => body.data.payment_order.order_id)).size).toBe(1);
    expect((await commandsOf(place, played.id)).filter((on) => on === 'proceed_to_payment')).toHaveLength(1);
    // And after it was paid the answer is what it was, less an order that nobody is to pay any more.
    played.orderId = answers[0]?.body.data.payment_order.order_id;
    await capture(place, played);
    await until(
      () => stateOf(place, played.id),
      (state) => state === 'payment_completed',
    );
    const late = await played.brand.click(played.id, 'proceed_to_payment', undefined, key('pay'));
    expect(late.status).toBe(200);
    expect(late.body.data.payment_order).toBeUndefined();
  });

  test('a key belongs to an account and a path', async () => {
    const one = await openDeal(sides);
    const other = await openDeal(sides);
    expect((await one.brand.click(one.id, 'accept_application', undefined, key('mine'))).status).toBe(200);
    expect((await one.brand.click(other.id, 'reject_application', undefined, key('mine'))).status).toBe(200);
    expect((await one.influencer.click(one.id, 'withdraw', undefined, key('mine'))).status).toBe(200);
  });

  test('a refusal before the rules were asked is not remembered, one by the rules is', async () => {
    const { id, brand } = await openDeal(sides);
    await refused(brand.click(id, 'no_such_button', undefined, key('a')), 400, 'VALIDATION_FAILED');
    expect((await brand.click(id, 'accept_application', undefined, key('a'))).status).toBe(200);
    await refused(brand.click(id, 'approve_work', undefined, key('b')), 409, 'FLOW_STATE_INVALID');
    await refused(brand.click(id, 'accept_proposed_price', undefined, key('b')), 422, 'IDEMPOTENCY_MISMATCH');
  });

  test.for(['', ' ', 'with a space', 'x'.repeat(256), 'ümlaut'])('"%s" is no key', async (value) => {
    const { id, brand } = await openDeal(sides);
    const response = await fetch(`${place.url}/api/messages/conversations/${id}/button-click`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${brand.access}`,
        'idempotency-key': value,
      },
      body: JSON.stringify({ button_id: 'accept_application' }),
    });
    expect(response.status).toBe(400);
    expect(await stateOf(place, id)).toBe('initial');
  });
});

describe('webhooks', () => {
  test('unsigned, wrongly signed, old or from the future: refused, and nothing is stored', async () => {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    for (const offsetMs of [-301_000, 302_000]) {
      place.clock.offsetMs = 0;
      const late = { ...played };
      place.clock.stopped = new Date(Date.now() + offsetMs);
      const signedThen = place.deps.now();
      place.clock.stopped = null;
      const answer = await capture({ ...place, deps: { ...place.deps, now: () => signedThen } }, late);
      expect(answer.status, `${offsetMs} ms`).toBe(401);
      expect(answer.body.error_code).toBe('UNAUTHENTICATED');
    }
    for (const headers of [{}, { 'x-sandbox-signature': '' }, { 'x-sandbox-signature': 't=1,v1=00' }]) {
      const response = await fetch(`${place.url}/api/webhooks/sandbox`, { method: 'POST', headers, body: '{}' });
      expect(response.status).toBe(401);
    }
    for (const provider of ['razorpay', 'stripe', 'nobody']) {
      const response = await fetch(`${place.url}/api/webhooks/${provider}`, { method: 'POST', body: '{}' });
      expect(response.status, provider).toBe(404);
    }
    expect(await stateOf(place, played.id)).toBe('payment_pending');
  });
});

test('after all of this both sides can still sign in, and their deal goes on', async () => {
  const brand = await signInAgain(place, paid.brand);
  await ok(brand.click(paid.id, 'concede_dispute'));
  await until(
    () => commandsOf(place, paid.id),
    (commands) => commands.at(-1) === 'money_released',
  );
});
