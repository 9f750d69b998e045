import { DATA } from './click.ts';
import { asPerson, type ClickedDeal, renew } from './deals.ts';

const NEXT = { work_in_progress: 'submit_work', work_submitted: 'request_revision' } as const;
/** Where the deals are that are clicked here. */
const states = new Map<string, keyof typeof NEXT>();

/** To be called before `click`: fresh tokens, and where others have left the deals. */
export async function takeOver(url: string, deals: readonly ClickedDeal[]): Promise<void> {
  for (const { id, brand, influencer } of deals) {
    await Promise.all([renew(url, brand), renew(url, influencer)]);
    const { conversation } = await asPerson(url, brand).get(`/api/messages/conversations/${id}/context`);
    states.set(id, conversation.flow_state);
  }
}

/** Whatever comes next on a deal, by whoever's turn it is. Answers with who that was. */
export async function click(url: string, deal: ClickedDeal): Promise<'brand' | 'influencer'> {
  const state = states.get(deal.id);
  if (state === undefined) throw new Error('this deal was not taken over');
  const command = NEXT[state];
  const side = command === 'submit_work' ? 'influencer' : 'brand';
  const { flow_update } = await asPerson(url, deal[side]).click(deal.id, command, DATA[command]);
  states.set(deal.id, flow_update.flow_state);
  return side;
}
