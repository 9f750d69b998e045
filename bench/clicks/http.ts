import { DATA } from './click.ts';
import { ask } from './client.ts';
import { CLICKS_OF_DEAL, type ClickedDeal } from './deals.ts';
import { takeOrders } from './driver.ts';

/** Tandem as a client has it: `POST …/button-click` to the API's own process, with token and Idempotency-Key. */
takeOrders(async ({ url, deals }: { url: string; deals: ClickedDeal[] }) => {
  return {
    budget: CLICKS_OF_DEAL,
    async click({ deal, command, key }) {
      const { id, brand, influencer } = deals[deal] as ClickedDeal;
      const { access } = command === 'submit_work' ? influencer : brand;
      const { flow_update } = await ask(
        url,
        'POST',
        `/api/messages/conversations/${id}/button-click`,
        { button_id: command, additional_data: DATA[command] },
        { authorization: `Bearer ${access}`, 'idempotency-key': key },
      );
      return flow_update.flow_state;
    },
    close: async () => {},
  };
});
