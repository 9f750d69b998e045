import type { Person } from '../person.ts';
import { type Owed, type Play, purse, stands, untilRead } from './playing.ts';
import { payTwice } from './wallet.ts';

/** A deal from its campaign to its end, over HTTP, whatever is killed meanwhile. */

/** How it ends, where it stands then, and what the influencer has of it, in paise. */
const ENDINGS = [
  { name: 'approved', state: 'real_time', paise: 450_000n },
  /** The influencer gives the work back: all is refunded. */
  { name: 'declined', state: 'chat_closed', paise: 0n },
  /** A dispute that the brand concedes: all is released. */
  { name: 'conceded', state: 'real_time', paise: 450_000n },
] as const;

export const playDeal: Play = async (stage) => {
  const { ask } = stage;
  const ending = ENDINGS[stage.draw(ENDINGS.length)] as (typeof ENDINGS)[number];
  const [brand, influencer] = await Promise.all([stage.newcomer('brand_owner'), stage.newcomer('influencer')]);
  const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
  const { id: campaignId } = await ask((key) => brand.post('/api/campaigns', campaign, key));
  const application = { message: 'I would love to', proposed_amount: 6000 };
  const { conversation } = await ask((key) => influencer.post(`/api/campaigns/${campaignId}/apply`, application, key));
  const { id } = conversation;
  const context = `/api/messages/conversations/${id}/context`;
  const click = (by: Person, button: string, data?: unknown) => ask((key) => by.click(id, button, data, key));
  await click(brand, 'accept_application');
  await click(brand, 'send_price_offer', { price: 5000 });
  await click(influencer, 'accept_price', { price: 5000 });
  const { payment_order } = await click(brand, 'proceed_to_payment');
  await payTwice(stage, payment_order);
  await untilRead(brand, context, ({ conversation: { flow_state } }) => flow_state === 'payment_completed');
  await click(influencer, 'start_work');
  if (ending.name === 'declined') await click(influencer, 'decline_work', { reason: 'no time' });
  else {
    await click(influencer, 'submit_work', { deliverables: 'https://drive.example/reels' });
    if (ending.name === 'approved') await click(brand, 'approve_work');
    else {
      await click(brand, 'open_dispute', { reason: 'late' });
      await click(brand, 'concede_dispute');
    }
  }
  const owed: Owed[] = [
    stands(`deal ${id} is in ${ending.state}`, brand, context, (at) => at.conversation.flow_state === ending.state),
    // A refund is the provider's to give, and the sandbox gives it when it is asked.
    stands(`nothing of deal ${id} is on its way`, brand, context, (at) => at.on_its_way.length === 0),
    purse(influencer, 'INR', ending.paise),
  ];
  return owed;
};
