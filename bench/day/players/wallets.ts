import { ask, pay } from '../asking.ts';
import type { Player } from '../pace.ts';
import { inTurn, type World } from '../world.ts';

/** Seconds, as hours, which is how boosts are asked for. */
const TEN_SECONDS = 10 / 3_600;

/** Money that comes in, goes out, and is used up. */
export function walletPlayers({ url, people, payees }: World): Record<'payout' | 'topUp' | 'boost', Player> {
  const [payee, buyer, booster, boosted] = [inTurn(payees), inTurn(people), inTurn(people), inTurn(people)];
  // Nobody boosts themselves.
  boosted();
  return {
    async payout() {
      const { person, destination } = payee();
      const body = { amount: '5.00', asset: 'INR', destination_id: destination };
      await ask(url, 'POST', `/api/wallet/${person.id}/payouts`, { token: person.token, body });
    },
    async topUp() {
      const body = { amount: 20, asset: 'TOKEN' };
      const { payment_order } = await ask(url, 'POST', '/api/wallet/topup', { token: buyer().token, body });
      await pay(url, payment_order);
    },
    async boost() {
      const body = { targetUserId: boosted().id, amount: 10, duration: TEN_SECONDS };
      await ask(url, 'POST', '/api/credits/boost/profile', { token: booster().token, body });
    },
  };
}
