import type { PaidOrder } from '#payments/testing/sandboxLetter.ts';
import { DATA } from '../../clicks/click.ts';
import { ask, type Body, pay } from '../asking.ts';
import type { Player } from '../pace.ts';
import { each, numbers, type Person, type World } from '../world.ts';

/** Deals are played from their campaign to their approval, so many at the same time. */

type Deal = {
  brand: Person;
  influencer: Person;
  done: number;
  campaign: string;
  id: string;
  order: PaidOrder | null;
};

const PRICE = 5_000;

type Move = (url: string, deal: Deal) => Promise<void>;

const click =
  (side: 'brand' | 'influencer', button_id: string, additional_data?: object): Move =>
  async (url, deal) =>
    void (await clicked(url, deal, side, button_id, additional_data));

function clicked(url: string, deal: Deal, side: 'brand' | 'influencer', button_id: string, data?: object) {
  const body = { button_id, ...(data && { additional_data: data }) };
  const { token } = deal[side];
  return ask(url, 'POST', `/api/messages/conversations/${deal.id}/button-click`, { token, body }) as Promise<Body>;
}

const MOVES: readonly Move[] = [
  async (url, deal) => {
    const body = { title: 'Monsoon', description: 'Three reels about our raincoats', budget: '20000' };
    deal.campaign = (await ask(url, 'POST', '/api/campaigns', { token: deal.brand.token, body })).id;
  },
  async (url, deal) => {
    const body = { message: 'I would love to', proposed_amount: '6000' };
    const path = `/api/campaigns/${deal.campaign}/apply`;
    deal.id = (await ask(url, 'POST', path, { token: deal.influencer.token, body })).conversation.id;
  },
  click('brand', 'accept_application'),
  click('brand', 'send_price_offer', { price: PRICE }),
  click('influencer', 'accept_price', { price: PRICE }),
  async (url, deal) => {
    deal.order = (await clicked(url, deal, 'brand', 'proceed_to_payment')).payment_order;
  },
  async (url, deal) => pay(url, deal.order as PaidOrder),
  // The door books a capture that waits before it decides.
  click('influencer', 'start_work'),
  click('influencer', 'submit_work', DATA.submit_work),
  click('brand', 'approve_work'),
];

export const REQUESTS_OF_DEAL = MOVES.length;

/** Each act is the next request of the deal that has waited longest. One that is refused is played no further. */
export async function dealPlayer({ url, people }: World, together: number): Promise<Player> {
  let begun = 0;
  const newDeal = (): Deal => {
    const half = people.length >> 1;
    const [brand, influencer] = [people[begun % half], people[half + (begun % half)]] as [Person, Person];
    begun += 1;
    return { brand, influencer, done: 0, campaign: '', id: '', order: null };
  };
  const waiting: Deal[] = [];
  const move = async (deal: Deal) => {
    await (MOVES[deal.done] as Move)(url, deal);
    deal.done += 1;
    waiting.push(deal.done < MOVES.length ? deal : newDeal());
  };
  // Spread over all that there is to do, as they would be in the middle of a day.
  await each(numbers(together), async (n) => {
    const deal = newDeal();
    for (; deal.done < n % MOVES.length; deal.done += 1) await (MOVES[deal.done] as Move)(url, deal);
    waiting.push(deal);
  });
  return () => move(waiting.shift() ?? newDeal());
}
