import { expect } from 'vitest';
import {
  bringTrade as bring,
  newTraders as findTraders,
  type Traders as TradersOf,
  type Waiting,
} from '#api/sandbox/tradeScenarios.ts';
import { listDealEntries } from '#db/money/ledger.ts';
import type { Policy } from '#workflows/trade/policy.ts';
import type { Parts } from './parts.ts';
import { type Answer, type Person, register } from './person.ts';
import { call } from './play.ts';
import { staysSignedIn } from './plays/signedIn.ts';

/** Both sides of trades. */
export type Traders = TradersOf<Person>;

const ESCROW = '/api/crypto/p2p/escrow';

export const newTraders = ({ url }: Parts): Promise<Traders> =>
  findTraders({ player: async (_, roles) => staysSignedIn(url, await register(url, roles)) });

/** 1,001 of the smallest unit, which no split divides evenly. */
const ODD = { amount: '0.001001', price: '0.09' };

export function give(by: Person, id: string, command: string, data: object = {}): Promise<Answer> {
  return by.post(`${ESCROW}/${id}/${command}`, data);
}

export function look(by: Person, id: string): Promise<Answer> {
  return by.get(`${ESCROW}/${id}`);
}

/** Opens a trade and brings it into a state in which somebody is waited for; a dispute is opened by `disputes`. */
export const bringTrade = (
  traders: Traders,
  state: Waiting,
  policy: Partial<Policy> = {},
  disputes: keyof Traders = 'buyer',
): Promise<string> => bring(call, traders, state, { ...ODD, policy, disputes });

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
