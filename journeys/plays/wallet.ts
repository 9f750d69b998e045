import { paidEvent } from '#payments/testing/sandboxLetter.ts';
import { type Json, sendWebhook } from '../person.ts';
import { orLater, patiently } from './asking.ts';
import { type Play, purse, type Stage, stands, totalIn, untilRead } from './playing.ts';

/** What people do with their wallets: top-ups, payouts, transfers, charge-backs. */

/** Payouts that are not to be waited for. */
export const SETTINGS = { PAYOUT_HOLD: 'PT1S', PAYOUT_NEW_DESTINATION_HOLD: 'PT1S' };
/** In a payee's papers. */
const PAYEE = 'Asha Rao';

/** Its provider tells of a payment, and tells twice, as providers do. */
export async function payTwice({ url, ask }: Pick<Stage, 'url' | 'ask'>, order: Json): Promise<void> {
  const event = paidEvent(order);
  for (const _ of [1, 2]) await ask(() => sendWebhook(url, event));
}

export const playTopUp: Play = async (stage) => {
  const { ask } = stage;
  const person = await stage.newcomer('viewer');
  const asked = { amount: 500, asset: 'TOKEN' };
  const { top_up, payment_order } = await ask((key) => person.post('/api/wallet/topup', asked, key));
  await payTwice(stage, payment_order);
  const path = `/api/wallet/topups/${top_up.id}`;
  // Whoever is new has a hundred.
  return [
    purse(person, 'TOKEN', 600n),
    stands(`top-up ${top_up.id} is paid`, person, path, (at) => at.top_up.status === 'paid'),
  ];
};

export const playPayout: Play = async (stage) => {
  const { ask } = stage;
  const person = await stage.newcomer('influencer');
  const wallet = `/api/wallet/${person.id}`;
  await ask((key) => person.post('/api/sandbox/faucet', { asset: 'INR', amount: '1000.00' }, key));
  await ask((key) => person.post(`${wallet}/kyc`, { kind: 'sandbox', name: PAYEE }, key));
  const at = { kind: 'sandbox', account: 'ok' };
  const { destination } = await ask((key) => person.post(`${wallet}/destinations`, at, key));
  const asked = { amount: '600.00', asset: 'INR', destination_id: destination.id };
  const { payout } = await ask((key) => person.post(`${wallet}/payouts`, asked, key));
  const path = `${wallet}/payouts/${payout.id}`;
  return [
    purse(person, 'INR', 40_000n),
    stands(`payout ${payout.id} is paid`, person, path, (seen) => seen.payout.status === 'paid'),
  ];
};

export const playTransfer: Play = async (stage) => {
  const { ask } = stage;
  const [from, to] = await Promise.all([stage.newcomer('viewer'), stage.newcomer('viewer')]);
  const asked = { to_user_id: to.id, asset: 'TOKEN', amount: '15' };
  for (const _ of [1, 2]) await ask((key) => from.post(`/api/wallet/${from.id}/transfer`, asked, key));
  return [purse(from, 'TOKEN', 70n), purse(to, 'TOKEN', 130n)];
};

/** A payment whose bank takes it back, or is told not to. */
export const playChargeBack: Play = async (stage) => {
  const { ask } = stage;
  const word = stage.draw(2) === 0 ? 'won' : 'lost';
  const person = await stage.newcomer('viewer');
  const asked = { amount: '500.00', asset: 'INR' };
  const { payment_order } = await ask((key) => person.post('/api/wallet/topup', asked, key));
  const wallet = `/api/wallet/${person.id}/balance`;
  const heldIn = ({ balances }: Json) => balances.find(({ asset }: Json) => asset === 'INR')?.held;
  await press(payment_order.checkout_url, 'pay');
  await untilRead(person, wallet, (seen) => totalIn(seen, 'INR') === 50_000n);
  await press(payment_order.checkout_url, 'charge_back');
  await untilRead(person, wallet, (seen) => heldIn(seen) === '500.00');
  await press(payment_order.checkout_url, `charge_back_${word}`);
  const isOver = (all: Json) => all.length === 1 && all[0].status === (word === 'won' ? 'won' : 'settled');
  return [
    purse(person, 'INR', word === 'won' ? 50_000n : 0n),
    stands(`the charge-back of ${person.handle} is ${word}`, person, '/api/charge-backs', isOver),
  ];
};

/** A button of the sandbox's checkout page. Pressed again where nobody said that it was taken. */
async function press(checkout: string, button: string): Promise<void> {
  await patiently(
    () =>
      orLater(
        fetch(checkout, { method: 'POST', body: new URLSearchParams({ button }), redirect: 'manual' }).then(
          ({ status, headers }) => ({ status, headers, body: null }),
        ),
      ),
    ({ status }) => status < 500,
  );
}
