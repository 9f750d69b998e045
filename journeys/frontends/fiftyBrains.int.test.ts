import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVENTS, type EventDeclaration, SERVICE_ROUTES } from '#realtime/catalogue.ts';
import { openSite, type Site } from './frontend.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** New ones each time, as a test that failed is tried again. */
let people = 0;
const person = (handle: string, ...roles: string[]) => site.person(`${handle}${++people}`, ...roles);

test('a page connects, and is told of deals as the others are', async () => {
  const [clan, gig] = [await person('clan', 'brand_owner'), await person('gig', 'influencer')];
  const page = await gig.open({ app: '50brains' });
  await clan.ask('POST', '/api/messages/direct-connect', { target_user_id: gig.id, initial_message: 'Join us?' });
  expect((await page.hears('new_message'))[0]).toMatchObject([{ message: { message: 'Join us?' } }]);
});

test('credits and boosts are told to a page as to the services, in one form', async () => {
  const [booster, target] = [await person('booster'), await person('target')];
  const [page, theirs] = [await booster.open({ app: '50brains' }), await target.open({ app: '50brains' })];
  await booster.ask('POST', '/api/sandbox/faucet', { asset: 'CREDIT', amount: '500' });
  const boosted = { targetUserId: target.id, amount: 100, duration: 24 };
  await booster.ask('POST', '/api/credits/boost/profile', boosted);
  for (const each of [page, theirs]) {
    expect((await each.hears('profile_boost'))[0]).toEqual([
      {
        ...{ type: 'profile_boost', userId: booster.id, targetId: target.id, amount: 100, duration: 24 },
        ...{ eventId: expect.stringMatching(/^boost_/), timestamp: expect.any(String) },
      },
    ]);
  }
  const { id: clanId } = await booster.ask('POST', '/api/clans', { name: `Brains ${people}` });
  await booster.ask('POST', `/api/clans/${clanId}/contribute`, { amount: 50 });
  expect((await page.hears('clan_contribution'))[0]).toMatchObject([
    { type: 'clan_contribution', userId: booster.id, targetId: clanId, amount: 50 },
  ]);
});

/** As the document lists them by service. */
const SERVICES = {
  user_credit_queue: ['profile_boost', 'credit_purchase', 'credit_spent', 'credit_earned'],
  gig_credit_queue: ['gig_boost', 'gig_payment', 'credit_spent'],
  clan_credit_queue: ['clan_boost', 'clan_contribution', 'credit_spent'],
};

test.each(Object.entries(SERVICES))(
  'the events that %s is to have are declared for it, by its exchange and keys',
  (queue, names) => {
    for (const name of names) {
      const route = SERVICE_ROUTES[name];
      expect(route, name).toMatchObject({
        exchange: 'credit_events',
        routingKey: name.endsWith('_boost') ? 'boost.event' : 'credit.event',
      });
      expect(route?.queues, name).toContain(queue);
    }
  },
);

test('each of them is told today', () => {
  for (const name of Object.keys(SERVICE_ROUTES)) {
    expect((EVENTS as Record<string, EventDeclaration>)[name]?.built, name).toBe(true);
  }
});
