import { type Play, purse, stands, totalIn, untilRead } from './playing.ts';
import { payTwice } from './wallet.ts';

/** Credits that are bought, and a boost of two seconds that uses them up. */
export const playBoost: Play = async (stage) => {
  const { ask } = stage;
  const [booster, target] = await Promise.all([stage.newcomer('creator'), stage.newcomer('creator')]);
  const { payment_order } = await ask((key) => booster.post('/api/credits/purchase', { amount: 100 }, key));
  await payTwice(stage, payment_order);
  const asked = { targetUserId: target.id, amount: 60, duration: 2 / 3_600 };
  await untilRead(booster, `/api/wallet/${booster.id}/balance`, (seen) => totalIn(seen, 'CREDIT') === 100n);
  const { boost } = await ask((key) => booster.post('/api/credits/boost/profile', asked, key));
  const path = `/api/credits/boosts/${boost.id}`;
  return [
    purse(booster, 'CREDIT', 40n),
    stands(`boost ${boost.id} is over`, booster, path, (seen) => seen.boost.status === 'expired'),
  ];
};
