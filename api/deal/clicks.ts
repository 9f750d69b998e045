import { z } from 'zod';
import { conversationContext, flowUpdate, inputField, submitButton } from '#workflows/deal/contract.ts';
import { BUTTONS, INPUTS, type InputType } from '#workflows/deal/table.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { ensureOrder, paymentOrder, viewOrder } from '../payment/order.ts';
import type { Give, Given, GivenAnswer } from '../process/giving.ts';

/** What a click or an input is answered with. */
export const clickAnswer = z
  .object({
    button_id: z.string().optional(),
    input_type: z.string().optional(),
    message: z.string(),
    flow_update: flowUpdate,
    conversation_context: conversationContext,
    input_field: inputField
      .optional()
      .describe('The click lacked this: send it along, or as text input; nothing changed'),
    submit_button: submitButton.optional(),
    payment_order: paymentOrder.optional(),
  })
  .meta({ id: 'DealAnswer' });

export type ClickAnswer = { status: number; body: Record<string, unknown>; repeated: boolean };

type Asking = Pick<Given, 'caller' | 'key' | 'rehearsed' | 'correlationId'> & { conversationId: string };

/** A person's click or input, given to the deal. */
export type Clicks = {
  click(input: Asking & { buttonId: string; data: Record<string, unknown> }): Promise<ClickAnswer>;
  input(input: Asking & { inputType: InputType; text: string }): Promise<ClickAnswer>;
};

const isButton = new Set<string>(BUTTONS);

/** What each input's text is to the command it gives. */
const TEXT_KEYS: Record<InputType, string> = {
  project_details: 'details',
  price_offer: 'price',
  negotiation: 'price',
  final_offer: 'price',
  revision_feedback: 'feedback',
  dispute_statement: 'statement',
};

/** What people give to deals. */
export function createClicks(deps: Deps, give: Give): Clicks {
  async function giveDeal(given: Omit<Given, 'kind'>): Promise<ClickAnswer> {
    return withOrder(given, await give({ ...given, kind: 'deal' }));
  }

  /** The order is not part of what is remembered: it is asked for again, and is the same while it is open. */
  async function withOrder(
    { on, processId, rehearsed }: Omit<Given, 'kind'>,
    answer: GivenAnswer,
  ): Promise<ClickAnswer> {
    const { status, repeated, lacks } = answer;
    const body = answer.body as Record<string, unknown>;
    if (on !== 'proceed_to_payment' || rehearsed || status !== 200 || lacks) return { status, body, repeated };
    const order = await ensureOrder(deps, processId);
    return { status, body: order ? withData(body, { payment_order: viewOrder(order) }) : body, repeated };
  }

  return {
    async click({ conversationId: processId, buttonId, ...asking }) {
      if (!isButton.has(buttonId)) throw invalidField('button_id', `is not one of ${BUTTONS.join(', ')}`);
      return giveDeal({ ...asking, processId, on: buttonId, via: { button_id: buttonId } });
    },
    async input({ conversationId: processId, inputType, text, ...asking }) {
      const data = { [TEXT_KEYS[inputType]]: text };
      return giveDeal({ ...asking, processId, on: INPUTS[inputType], data, via: { input_type: inputType } });
    },
  };
}

function withData(body: Record<string, unknown>, more: Record<string, unknown>): Record<string, unknown> {
  return { ...body, data: { ...(body.data as object), ...more } };
}
