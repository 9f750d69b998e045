import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Answer, AnswerKey } from '#db/answers.ts';
import { createAppender, type Taken } from '#db/append.ts';
import { bookWaitingFacts } from '#db/bookings.ts';
import type { StoredDeal } from '#db/deals.ts';
import { createSeenDeals } from '#db/seenDeals.ts';
import { type Caller, type DoorDeps, type DoorResult, takeStep } from '#db/steps.ts';
import { missingField } from '#workflows/collaboration/actions.ts';
import { flowUpdateOf, outcomeOf, type Via } from '#workflows/collaboration/announcements.ts';
import { conversationContext, flowUpdate, inputField, submitButton } from '#workflows/collaboration/contract.ts';
import type { Deal, Missing, Refusal } from '#workflows/collaboration/flow.ts';
import { deadlineOf } from '#workflows/collaboration/flow.ts';
import { BUTTONS, type CommandName, INPUTS, type InputType } from '#workflows/collaboration/table.ts';
import { contextFor, type Viewer } from '#workflows/collaboration/view.ts';
import { Failure } from '#workflows/failures.ts';
import type { Deps } from '../deps.ts';
import { failureBody, invalidField } from '../failure.ts';
import { ensureOrder, paymentOrder, viewOrder } from '../payments/order.ts';

/** What a click or an input is answered with. */
export const doorAnswer = z.object({
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
});

export type DoorAnswer = { status: number; body: Record<string, unknown>; repeated: boolean };

/** A person's click or input, given to the deal. */
export type Door = {
  click(input: {
    conversationId: string;
    caller: Caller;
    buttonId: string;
    data: Record<string, unknown>;
    key: AnswerKey | null;
    /** Of the request, for the logs of everybody who comes after. */
    correlationId: string;
  }): Promise<DoorAnswer>;
  input(input: {
    conversationId: string;
    caller: Caller;
    inputType: InputType;
    text: string;
    key: AnswerKey | null;
    /** Of the request, for the logs of everybody who comes after. */
    correlationId: string;
  }): Promise<DoorAnswer>;
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

export function createDoor(deps: Deps): Door {
  const { config, pool } = deps;
  const systemUserId = config.SYSTEM_USER_ID;
  const doorDeps: DoorDeps = {
    pool,
    append: createAppender(pool, config.DATABASE_POOL_SIZE),
    seen: createSeenDeals(),
    now: deps.now,
    systemUserId,
    feeBps: config.PLATFORM_FEE_BPS,
    bookWaiting: (conversationId, origin) => bookWaitingFacts(pool, conversationId, origin),
    newOrder: ({ deal, parties }) => ({
      id: uuid(),
      payer_id: parties.brand_owner,
      provider: deps.providers.current.name,
      amount: deal.terms.agreed ?? '0',
      currency: 'INR',
      description: `Payment for ${deal.kind} collaboration`,
      expires_at: deadlineOf(deal),
    }),
    answer: (taken, as, via) => ({ status: 200, body: answerOf(taken, as, via) }),
    refuse: (refusal) => ({ status: failureOf(refusal).status, body: failureBody(failureOf(refusal)) }),
    unchanged: (deal, as, { on, via }, missing) => ({ status: 200, body: unchanged(deal, as, via, on, missing) }),
  };

  async function give(
    conversationId: string,
    caller: Caller,
    on: CommandName,
    data: Record<string, unknown>,
    via: NonNullable<Via>,
    key: AnswerKey | null,
    correlationId: string,
  ): Promise<DoorAnswer> {
    const result = await takeStep(doorDeps, { conversationId, caller, on, data, via, key, correlationId });
    ring(result, conversationId);
    switch (result.kind) {
      case 'taken': {
        const { step } = result.taken;
        deps.metrics.transitions.inc({ command: on });
        deps.log.info(
          {
            correlation_id: correlationId,
            conversation_id: conversationId,
            user_id: caller.accountId,
            n: step.n,
            on,
            flow_state: step.to,
          },
          'step taken',
        );
        const body = result.answer.body as Record<string, unknown>;
        return { status: 200, body: await withOrder(on, result.stored, body), repeated: false };
      }
      case 'repeated':
        return repeat(on, conversationId, result.answer);
      case 'ordered':
        return {
          status: 200,
          body: await withOrder(on, result.stored, unchanged(result.stored.deal, result.as, via, on, null)),
          repeated: false,
        };
      case 'missing':
        return { status: 200, body: unchanged(result.deal, result.as, via, on, result.missing), repeated: false };
      default:
        throw failureOf(result.refusal);
    }
  }

  /** A step of time's may be committed even where the click was refused. */
  function ring(result: DoorResult, conversationId: string): void {
    if (result.kind === 'taken') {
      const { brand_owner, influencer } = result.stored.parties;
      deps.ringUsers([brand_owner, influencer]);
    }
    if (result.kind === 'taken' || (result.kind === 'refused' && result.expired)) deps.ring(conversationId);
  }

  async function withOrder(on: CommandName, { deal }: StoredDeal, body: Record<string, unknown>) {
    if (on !== 'proceed_to_payment') return body;
    const order = await ensureOrder(deps, deal.id);
    return order ? withData(body, { payment_order: viewOrder(order) }) : body;
  }

  /** The order is not part of what is remembered: it is asked for again, and is the same while it is open. */
  async function repeat(on: CommandName, conversationId: string, answer: Answer): Promise<DoorAnswer> {
    const body = answer.body as Record<string, unknown>;
    if (on !== 'proceed_to_payment' || answer.status !== 200) return { status: answer.status, body, repeated: true };
    const order = await ensureOrder(deps, conversationId);
    return { status: 200, body: order ? withData(body, { payment_order: viewOrder(order) }) : body, repeated: true };
  }

  return {
    async click({ conversationId, caller, buttonId, data, key, correlationId }) {
      if (!isButton.has(buttonId)) throw invalidField('button_id', `is not one of ${BUTTONS.join(', ')}`);
      return give(conversationId, caller, buttonId as CommandName, data, { button_id: buttonId }, key, correlationId);
    },
    async input({ conversationId, caller, inputType, text, key, correlationId }) {
      const data = { [TEXT_KEYS[inputType]]: text };
      return give(conversationId, caller, INPUTS[inputType], data, { input_type: inputType }, key, correlationId);
    },
  };
}

/** What a click that was taken is answered with. */
export function answerOf({ step, deal, messages }: Taken, as: Viewer, via: NonNullable<Via>): Record<string, unknown> {
  return { success: true, data: outcomeOf(via, step, messages, contextFor(as, deal)) };
}

function unchanged(
  deal: Deal,
  as: Viewer,
  via: NonNullable<Via>,
  on: CommandName,
  missing: Missing['missing'] | null,
): Record<string, unknown> {
  const context = contextFor(as, deal);
  return {
    success: true,
    data: {
      ...via,
      message: context.current_action_data?.subtitle ?? 'This needs something more from you.',
      flow_update: flowUpdateOf(deal.state, deal.state),
      conversation_context: context,
      ...(missing && missingField(deal, on, missing)),
    },
  };
}

function withData(body: Record<string, unknown>, more: Record<string, unknown>): Record<string, unknown> {
  return { ...body, data: { ...(body.data as object), ...more } };
}

function failureOf({ code, message, details }: Refusal): Failure {
  return new Failure(code, message, { details });
}
