import { expect } from 'vitest';
import { chargedBack as chargeOneBack, payTopUp } from '#api/sandbox/walletScenarios.ts';
import type { World } from '#api/sandbox/world.ts';
import { followDisputes } from '#db/chargeBack/following.ts';
import type { Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { call, commandsOf, ok } from './play.ts';

/** How payments are charged back at the sandbox: its checkout page has buttons for what a payer and their bank may do. */

/** Presses a button of the checkout page. */
export async function press(checkout: string, button: string): Promise<void> {
  const response = await fetch(checkout, { method: 'POST', body: new URLSearchParams({ button }), redirect: 'manual' });
  expect(response.status).toBe(303);
}

type Paid = 'INR' | 'TOKEN';

/** What somebody has: what is free, and what is set aside. */
export async function purseOf(person: Person, asset: Paid): Promise<[string, string]> {
  const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
  const found = balances.find((balance: Json) => balance.asset === asset);
  const nothing = asset === 'INR' ? '0.00' : '0';
  return [found?.available ?? nothing, found?.held ?? nothing];
}

/** Waits until somebody has this, in rupees where nothing else is said: what is free, and what is set aside. */
export async function untilHas(person: Person, available: string, held: string, asset: Paid = 'INR'): Promise<void> {
  await until(
    () => purseOf(person, asset),
    (has) => has[0] === available && has[1] === held,
  );
}

/** Those who pay in and charge back, over HTTP and at the checkout page. */
const worldOf = (place: Parts): World<Person> => ({
  call,
  player: (_, roles) => register(place.url, roles),
  async pay(orderId, button, id) {
    await press(checkoutOf(place, orderId), button);
    await until(
      () => commandsOf(place, id),
      (commands) => commands.includes('credited'),
    );
  },
  async chargeBack(orderId, by) {
    await press(checkoutOf(place, orderId), 'charge_back');
    const { body } = await until(
      () => follow(place).then(() => by.get('/api/charge-backs')),
      ({ body: { data } }) => data.length > 0,
    );
    return body.data[0].id;
  },
});

const checkoutOf = ({ url }: Parts, orderId: string) => `${url}/sandbox/checkout/${orderId}`;

/** Somebody who paid in 500.00 rupees, or bought 500 tokens beside the hundred that whoever is new has. */
export async function paidIn(place: Parts, asset: Paid = 'INR'): Promise<{ person: Person; checkout: string }> {
  const person = await register(place.url, ['viewer']);
  const { checkoutUrl: checkout } = await payTopUp(worldOf(place), person, asset);
  return { person, checkout };
}

/** Has charge-backs follow what was said of their disputes, as workers do once a second. */
export async function follow({ pool, deps }: Parts): Promise<void> {
  const { SYSTEM_USER_ID: systemUserId } = deps.config;
  const origin = { now: deps.now().toISOString(), systemUserId, correlationId: null };
  for (const id of await followDisputes(pool, origin)) deps.ring(id);
}

/** A payment of somebody's that their bank was asked to take back: all of it is set aside. */
export async function chargedBack(place: Parts): Promise<{ id: string; person: Person; checkout: string }> {
  const { id, player: person, checkoutUrl: checkout } = await chargeOneBack(worldOf(place));
  return { id, person, checkout };
}
