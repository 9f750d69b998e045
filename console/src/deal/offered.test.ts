import { expect, test } from 'vitest';
import { offered } from './offered.ts';
import type { ActionData, AllowedAction, Context } from './queries.ts';

const PRICE = { id: 'price', type: 'text', placeholder: 'Amount in rupees', required: true } as const;

function action(id: string, more: Partial<AllowedAction> = {}): AllowedAction {
  return { id, text: id, style: 'success', action: id, ...more };
}

function context(question: Partial<ActionData> | null, allowed: AllowedAction[], awaiting: string | null): Context {
  return {
    conversation: { awaiting_role: awaiting },
    current_action_data: question && { title: '', subtitle: '', flow_state: 'initial', ...question },
    allowed_actions: allowed,
  } as Context;
}

const button = ({ id, text, style, action }: AllowedAction) => ({ id, text, style, action });
const ids = (actions: AllowedAction[]) => actions.map(({ id }) => id);

test('answers to the open question come in its order, and what else may be done beside them', () => {
  const [accept, reject, withdraw] = [action('accept'), action('reject'), action('withdraw')];
  const found = offered(
    context({ buttons: [button(reject), button(accept)] }, [withdraw, accept, reject], 'influencer'),
  );
  expect(ids(found.asked)).toEqual(['reject', 'accept']);
  expect(ids(found.more)).toEqual(['withdraw']);
  expect(found.field).toBeNull();
});

test('a button that the question names and the caller may not press is not offered', () => {
  const accept = action('accept');
  expect(offered(context({ buttons: [button(accept)] }, [], 'influencer')).asked).toEqual([]);
});

test('the open field sends the action it stands for, not another with a field of the same kind', () => {
  const counter = action('negotiation', { text: 'Send counter-offer', input_field: PRICE, input_type: 'negotiation' });
  const offer = action('send_final_offer', { text: 'Send final offer', input_field: PRICE });
  const question = { input_field: PRICE, submit_button: { text: 'Send counter-offer', style: 'success' } };
  const found = offered(context(question, [offer, counter], 'influencer'));
  expect(found.field?.id).toBe('negotiation');
  expect(ids(found.more)).toEqual(['send_final_offer']);
});

test('while the other side is awaited, what one may do steps back; where nobody is, it is all there is', () => {
  const withdraw = action('withdraw');
  expect(offered(context(null, [withdraw], 'influencer'))).toEqual({ asked: [], field: null, more: [withdraw] });
  expect(offered(context(null, [withdraw], null))).toEqual({ asked: [withdraw], field: null, more: [] });
});
