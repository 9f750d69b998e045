import { expect } from 'vitest';
import { listDealEntries } from '#db/money/ledger.ts';
import type { Policy } from '#workflows/trade/policy.ts';
import type { State } from '#workflows/trade/states.ts';
import type { Parts } from './parts.ts';
import { type Answer, type Person, register } from './person.ts';
import { ok } from './play.ts';

/** Both sides of trades. */
export type Traders = { buyer: Person; seller: Person };

const ESCROW = '/api/crypto/p2p/escrow';

export async function newTraders(place: Parts): Promise<Traders> {
  const [buyer, seller] = await Promise.all([register(place.url, ['viewer']), register(place.url, ['viewer'])]);
  return { buyer, seller };
}

/** A trade of 1,001 of the smallest unit of USDT that its seller was given, opened over HTTP. */
async function openTrade({ buyer, seller }: Traders, policy: Partial<Policy> = {}): Promise<string> {
  await ok(seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '0.001001' }));
  const { transaction } = await ok(
    seller.post(ESCROW, {
      buyer_id: buyer.id,
      asset: 'USDT',
      amount: '0.001001',
      price: '0.09',
      currency: 'INR',
      payment_method: 'UPI',
      payment_details: 'seller@bank',
      policy,
    }),
  );
  return transaction.id;
}

export function give(by: Person, id: string, command: string, data: object = {}): Promise<Answer> {
  return by.post(`${ESCROW}/${id}/${command}`, data);
}

export function look(by: Person, id: string): Promise<Answer> {
  return by.get(`${ESCROW}/${id}`);
}

type Waiting = Extract<State, 'awaiting_payment' | 'payment_confirmed' | 'disputed'>;

/** Opens a trade and brings it into a state in which somebody is waited for; a dispute is opened by `disputes`. */
export async function bringTrade(
  traders: Traders,
  state: Waiting,
  policy: Partial<Policy> = {},
  disputes: keyof Traders = 'buyer',
): Promise<string> {
  const id = await openTrade(traders, policy);
  if (state !== 'awaiting_payment') await ok(give(traders.buyer, id, 'confirm'));
  if (state === 'disputed') await ok(give(traders[disputes], id, 'dispute', { reason: 'Something is wrong' }));
  return id;
}

/** What each side has of a trade when it is over, in the smallest unit; nothing is held for it any more. */
export async function sharesOf(place: Parts, id: string, { buyer, seller }: Traders) {
  const shares = { buyer: 0n, seller: 0n, held: 0n };
  for (const { account, amount } of await listDealEntries(place.pool, id)) {
    const side = account.includes(buyer.id) ? 'buyer' : account.includes(seller.id) ? 'seller' : null;
    if (account.startsWith('hold')) shares.held += amount;
    else if (side) shares[side] += amount;
  }
  expect(shares.held).toBe(0n);
  return { buyer: shares.buyer, seller: shares.seller };
}
