import type { Person } from '../person.ts';
import { type Play, purse, stands } from './playing.ts';

/** A trade between two people, in the smallest unit of USDT. */

const ESCROW = '/api/crypto/p2p/escrow';

const ENDINGS = [
  { commands: ['buyer confirm', 'seller release'], status: 'released', bought: 1_001n },
  { commands: ['buyer cancel'], status: 'cancelled', bought: 0n },
  { commands: ['buyer confirm', 'seller dispute', 'seller release'], status: 'released', bought: 1_001n },
] as const;

const DATA: Record<string, object> = { dispute: { reason: 'Nothing came' } };

export const playTrade: Play = async (stage) => {
  const { ask } = stage;
  const { commands, status, bought } = ENDINGS[stage.draw(ENDINGS.length)] as (typeof ENDINGS)[number];
  const [buyer, seller] = await Promise.all([stage.newcomer('viewer'), stage.newcomer('viewer')]);
  await ask((key) => seller.post('/api/sandbox/faucet', { asset: 'USDT', amount: '0.001001' }, key));
  const terms = {
    ...{ buyer_id: buyer.id, asset: 'USDT', amount: '0.001001', price: '0.09', currency: 'INR' },
    ...{ payment_method: 'UPI', payment_details: 'seller@bank' },
  };
  const { transaction } = await ask((key) => seller.post(ESCROW, terms, key));
  const people: Record<string, Person> = { buyer, seller };
  for (const each of commands) {
    const [who = '', command = ''] = each.split(' ');
    const path = `${ESCROW}/${transaction.id}/${command}`;
    await ask((key) => (people[who] as Person).post(path, DATA[command] ?? {}, key));
  }
  const path = `${ESCROW}/${transaction.id}`;
  return [
    stands(`trade ${transaction.id} is ${status}`, buyer, path, (seen) => seen.transaction.status === status),
    purse(buyer, 'USDT', bought),
    purse(seller, 'USDT', 1_001n - bought),
  ];
};
