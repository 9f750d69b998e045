import { expect } from 'vitest';
import { followDisputes } from '#db/chargeBack/following.ts';
import type { Parts } from './parts.ts';
import { type Json, type Person, register, until } from './person.ts';
import { ok } from './play.ts';

/** How payments are charged back at the sandbox: its checkout page has buttons for what a payer and their bank may do. */

/** Presses a button of the checkout page. */
export async function press(checkout: string, button: string): Promise<void> {
  const response = await fetch(checkout, { method: 'POST', body: new URLSearchParams({ button }), redirect: 'manual' });
  expect(response.status).toBe(303);
}

/** Waits until somebody has this in rupees: what is free, and what is set aside. */
export async function untilHas(person: Person, ...[available, held]: [string, string]): Promise<void> {
  await until(
    async () => {
      const { balances } = await ok(person.get(`/api/wallet/${person.id}/balance`));
      const found = balances.find(({ asset }: Json) => asset === 'INR');
      return [found?.available ?? '0.00', found?.held ?? '0.00'];
    },
    (has) => has[0] === available && has[1] === held,
  );
}

/** Somebody who paid in 500.00 rupees. */
export async function paidIn(place: Parts): Promise<{ person: Person; checkout: string }> {
  const person = await register(place.url, ['viewer']);
  const { payment_order } = await ok(person.post('/api/wallet/topup', { amount: '500.00', asset: 'INR' }));
  await press(payment_order.checkout_url, 'pay');
  await untilHas(person, '500.00', '0.00');
  return { person, checkout: payment_order.checkout_url };
}

/** Has charge-backs follow what was said of their disputes, as workers do once a second. */
export async function follow({ pool, deps }: Parts): Promise<void> {
  const { SYSTEM_USER_ID: systemUserId } = deps.config;
  const origin = { now: deps.now().toISOString(), systemUserId, correlationId: null };
  for (const id of await followDisputes(pool, origin)) deps.ring(id);
}

/** A payment of somebody's that their bank was asked to take back: all of it is set aside. Its webhook comes when it comes. */
export async function chargedBack(place: Parts): Promise<{ id: string; person: Person; checkout: string }> {
  const { person, checkout } = await paidIn(place);
  await press(checkout, 'charge_back');
  const { body } = await until(
    () => follow(place).then(() => person.get('/api/charge-backs')),
    ({ body: { data } }) => data.length > 0,
  );
  return { id: body.data[0].id, person, checkout };
}
