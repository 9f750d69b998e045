import type { Policy } from '#workflows/deal/policy.ts';
import type { DealKind, State } from '#workflows/deal/table.ts';
import type { Call, Data, Player, World } from './world.ts';

/** Deals brought into whichever state one wants to see them in, by what their two sides press and write. */

/** Both sides of deals. */
export type Sides<P extends Player = Player> = { brand: P; influencer: P };

export type Deal<P extends Player = Player> = Sides<P> & {
  id: string;
  kind: DealKind;
  /** Of the order it is paid by; null before there is one. */
  orderId: string | null;
};

export async function newSides<P extends Player>({ player }: Pick<World<P>, 'player'>): Promise<Sides<P>> {
  const [brand, influencer] = await Promise.all([
    player('brand_owner', ['brand_owner']),
    player('influencer', ['influencer']),
  ]);
  return { brand, influencer };
}

const CAMPAIGN = { title: 'Monsoon collection', description: 'Three reels about our raincoats.', budget: '20000' };
const BID = {
  title: 'Travel reels from the hills',
  description: 'One reel and two stories.',
  starting_price: '5000',
};

/** An application to a new campaign, or a brand's answer to a new bid. */
export async function openDeal<P extends Player, S extends Sides<P>>(
  call: Call<P>,
  sides: S,
  kind: DealKind = 'campaign',
  policy: Partial<Policy> = {},
): Promise<S & Deal<P>> {
  const { brand, influencer } = sides;
  const [author, other, listed] = kind === 'campaign' ? [brand, influencer, CAMPAIGN] : [influencer, brand, BID];
  const [path, answered] = kind === 'campaign' ? ['campaigns', 'apply'] : ['bids', 'connect'];
  const { id } = await call('POST', `/api/${path}`, author, { ...listed, policy });
  const words =
    kind === 'campaign'
      ? { message: 'I live where it rains.', proposed_amount: '6000' }
      : { message: 'We have a story for you.', proposed_amount: '5000' };
  const { conversation } = await call('POST', `/api/${path}/${id}/${answered}`, other, words);
  return { ...sides, id: conversation.id, kind, orderId: null };
}

/** Its price is ordered at the provider; answers the order. */
export async function orderDeal<P extends Player>(call: Call<P>, deal: Deal<P>): Promise<Data> {
  const { payment_order } = await click(call, deal, deal.brand, 'proceed_to_payment');
  deal.orderId = payment_order.order_id;
  return payment_order;
}

const at = ({ id }: { id: string }, door: string) => `/api/messages/conversations/${id}/${door}`;

const click = <P extends Player>(call: Call<P>, deal: Deal<P>, by: P, button_id: string, data?: object) =>
  call('POST', at(deal, 'button-click'), by, { button_id, ...(data && { additional_data: data }) });

const input = <P extends Player>(call: Call<P>, deal: Deal<P>, by: P, input_type: string, text: string) =>
  call('POST', at(deal, 'text-input'), by, { input_type, text });

/** What somebody does next; whatever they are answered, an error is thrown for what is refused. */
type Move = <P extends Player>(world: Pick<World<P>, 'call' | 'pay'>, deal: Deal<P>) => Promise<unknown>;

const presses =
  (side: keyof Sides, button: string, data?: object): Move =>
  ({ call }, deal) =>
    click(call, deal, deal[side], button, data);

const writes =
  (side: keyof Sides, type: string, text: string): Move =>
  ({ call }, deal) =>
    input(call, deal, deal[side], type, text);

const pays: Move = async ({ call, pay }, deal) => {
  const { order_id } = await orderDeal(call, deal);
  await pay(order_id, 'pay', deal.id);
};

const nothing: Move = async () => {};

/** How a state is reached from the one before it. */
const ROUTE: readonly { state: State; kind?: DealKind; move: Move }[] = [
  { state: 'initial', kind: 'campaign', move: nothing },
  { state: 'influencer_responding', kind: 'bid', move: nothing },
  { state: 'brand_owner_details', kind: 'bid', move: presses('influencer', 'accept_connection') },
  {
    state: 'influencer_reviewing',
    kind: 'bid',
    move: writes('brand', 'project_details', 'Three reels of a minute'),
  },
  { state: 'brand_owner_pricing', kind: 'campaign', move: presses('brand', 'accept_application') },
  { state: 'brand_owner_pricing', kind: 'bid', move: presses('influencer', 'accept_project') },
  { state: 'influencer_price_response', move: writes('brand', 'price_offer', '₹5,000') },
  { state: 'payment_pending', move: presses('influencer', 'accept_price', { price: 5000 }) },
  { state: 'payment_completed', move: pays },
  { state: 'work_in_progress', move: presses('influencer', 'start_work') },
  {
    state: 'work_submitted',
    move: presses('influencer', 'submit_work', { deliverables: 'https://drive.example/reels' }),
  },
  { state: 'work_approved', move: presses('brand', 'approve_work') },
];

/** Where the way to a state leaves the route above, and what is done from there. */
const BRANCHES: Partial<Record<State, { from: State; move: Move }>> = {
  negotiation_input: { from: 'influencer_price_response', move: presses('influencer', 'negotiate_price') },
  brand_owner_negotiation: { from: 'negotiation_input', move: writes('influencer', 'negotiation', '6000') },
  influencer_final_response: { from: 'brand_owner_negotiation', move: writes('brand', 'final_offer', '5500') },
  disputed: {
    from: 'work_submitted',
    move: presses('brand', 'open_dispute', { reason: 'It was filmed indoors.' }),
  },
};

/** The kind of deal that a state is shown by, where nothing else is said. */
export const kindWith = (state: State): DealKind => ROUTE.find((stop) => stop.state === state)?.kind ?? 'campaign';

/** Plays a deal that was just opened into a state. Throws where there is no way to it by what people do. */
export async function playTo<P extends Player>(
  world: Pick<World<P>, 'call' | 'pay'>,
  deal: Deal<P>,
  state: State,
): Promise<void> {
  for (const move of movesTo(state, deal.kind)) await move(world, deal);
}

function movesTo(state: State, kind: DealKind): Move[] {
  const branch = BRANCHES[state];
  if (branch) return [...movesTo(branch.from, kind), branch.move];
  const stops = ROUTE.filter((stop) => stop.kind === undefined || stop.kind === kind);
  const last = stops.findIndex((stop) => stop.state === state);
  if (last < 0) throw new Error(`no way to ${state} in a ${kind} deal`);
  return stops.slice(0, last + 1).map((stop) => stop.move);
}

/** Of new sides, or those who were handed in, in a state. */
export const dealIn =
  (state: State) =>
  async (world: World): Promise<Deal> => {
    const deal = await openDeal(world.call, await newSides(world), kindWith(state));
    await playTo(world, deal, state);
    return deal;
  };

/** Both sides have said in a dispute what they had to say. */
export async function contestedDeal(world: World): Promise<Deal> {
  const deal = await dealIn('disputed')(world);
  await input(world.call, deal, deal.influencer, 'dispute_statement', 'It rained.');
  return deal;
}
