import { z } from 'zod';
import { id } from '#workflows/collaboration/contract.ts';
import { INPUTS, type InputType } from '#workflows/collaboration/table.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerKey, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { createDoor, doorAnswer } from './door.ts';
import { tags, words } from './shapes.ts';

const params = z.strictObject({ id });

/** Everything that any button takes; each uses its own. */
const additionalData = z
  .strictObject({
    price: z
      .union([z.string().max(40), z.number()])
      .optional()
      .describe('Of offers; of acceptances: the offer that was seen'),
    details: z.string().optional(),
    feedback: z.string().optional(),
    reason: z.string().optional(),
    deliverables: z.string().optional(),
    description: z.string().optional(),
    submission_notes: z.string().optional(),
    submitted_at: z.string().optional().describe('Ignored: the time is ours'),
    release_percent: z.number().optional(),
  })
  .nullish();

const doorFailures = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'FLOW_STATE_INVALID',
  'OFFER_STALE',
  'LIMIT_REACHED',
  'IDEMPOTENCY_MISMATCH',
] as const;

/** The buttons that move a deal, and the inputs that answer them. */
export function doorRoutes(app: App, deps: Deps): void {
  const door = createDoor(deps);

  app.post(
    '/api/messages/conversations/:id/button-click',
    {
      schema: {
        tags,
        summary: 'Press a button',
        description:
          'One of `allowed_actions`. A button that needs something more is answered with the `input_field` to fill, ' +
          'and nothing changes; send it in `additional_data`, or by text input.',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({ button_id: z.string().min(1).max(60), additional_data: additionalData }),
        response: answers({ 200: success(doorAnswer) }, ...doorFailures),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const answer = await door.click({
        conversationId: request.params.id,
        caller: { accountId: account.id, roles: account.roles },
        buttonId: body.button_id,
        data: { ...body.additional_data },
        key: answerKey(request),
        correlationId: request.id,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  app.post(
    '/api/messages/conversations/:id/text-input',
    {
      schema: {
        tags,
        summary: 'Answer an input field',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({ text: words, input_type: z.enum(Object.keys(INPUTS) as [InputType, ...InputType[]]) }),
        response: answers({ 200: success(doorAnswer) }, ...doorFailures),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const answer = await door.input({
        conversationId: request.params.id,
        caller: { accountId: account.id, roles: account.roles },
        inputType: body.input_type,
        text: body.text,
        key: answerKey(request),
        correlationId: request.id,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  app.post(
    '/api/messages/conversations/:id/work',
    {
      schema: {
        tags,
        summary: 'Submit work',
        description: 'Does what the button `submit_work` does.',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({
          deliverables: words,
          description: z.string().max(5_000).optional(),
          submission_notes: z.string().max(5_000).optional(),
          submitted_at: z.string().optional().describe('Ignored: the time is ours'),
        }),
        response: answers({ 200: success(doorAnswer) }, ...doorFailures),
      },
    },
    async (request, reply) => {
      const { account } = request;
      const answer = await door.click({
        conversationId: request.params.id,
        caller: { accountId: account.id, roles: account.roles },
        buttonId: 'submit_work',
        data: request.body,
        key: answerKey(request),
        correlationId: request.id,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  app.post(
    '/api/messages/conversations/:id/work/review',
    {
      schema: {
        tags,
        summary: 'Approve work, or ask for a revision',
        description: 'Does what the buttons `approve_work` and `request_revision` do.',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({
          decision: z.enum(['approve_work', 'request_revision']),
          feedback: z.string().max(2_000).optional(),
        }),
        response: answers({ 200: success(doorAnswer) }, ...doorFailures),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const answer = await door.click({
        conversationId: request.params.id,
        caller: { accountId: account.id, roles: account.roles },
        buttonId: body.decision,
        data: body.feedback === undefined ? {} : { feedback: body.feedback },
        key: answerKey(request),
        correlationId: request.id,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );
}
