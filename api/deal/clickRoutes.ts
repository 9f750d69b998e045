import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { INPUTS, type InputType } from '#workflows/deal/table.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { words as wordsOf } from '#workflows/talk/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import { idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery } from '../money/posting.ts';
import { givenBy } from '../process/giving.ts';
import { tags, words } from '../talk/shapes.ts';
import { type Clicks, clickAnswer } from './clicks.ts';

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

const clickFailures = [
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
export function clickRoutes(app: App, clicks: Clicks): void {
  app.post(
    '/api/messages/conversations/:id/button-click',
    {
      schema: {
        operationId: 'deals.click',
        tags,
        summary: 'Press a button',
        description:
          'One of `allowed_actions`. A button that needs something more is answered with the `input_field` to fill, ' +
          'and nothing changes; send it in `additional_data`, or by text input.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          button_id: z.string().min(1).max(60),
          additional_data: additionalData,
          dry_run: dryRun,
        }),
        response: answers({ 200: success(clickAnswer) }, ...clickFailures),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const answer = await clicks.click({
        ...givenBy(request),
        conversationId: request.params.id,
        buttonId: body.button_id,
        data: { ...body.additional_data },
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  app.post(
    '/api/messages/conversations/:id/text-input',
    {
      schema: {
        operationId: 'deals.input',
        tags,
        summary: 'Answer an input field',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          text: words,
          input_type: z.enum(Object.keys(INPUTS) as [InputType, ...InputType[]]),
          dry_run: dryRun,
        }),
        response: answers({ 200: success(clickAnswer) }, ...clickFailures),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const answer = await clicks.input({
        ...givenBy(request),
        conversationId: request.params.id,
        inputType: body.input_type,
        text: body.text,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  workRoutes(app, clicks);
}

/** The seed's routes for work, which are clicks as well. */
function workRoutes(app: App, clicks: Clicks): void {
  app.post(
    '/api/messages/conversations/:id/work',
    {
      schema: {
        operationId: 'deals.submitWork',
        tags,
        summary: 'Submit work',
        description: 'Does what the button `submit_work` does.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          deliverables: words,
          description: wordsOf(5_000, { empty: true }).optional(),
          submission_notes: wordsOf(5_000, { empty: true }).optional(),
          submitted_at: z.string().optional().describe('Ignored: the time is ours'),
          dry_run: dryRun,
        }),
        response: answers({ 200: success(clickAnswer) }, ...clickFailures),
      },
    },
    async (request, reply) => {
      const { dry_run: _, ...data } = request.body;
      const answer = await clicks.click({
        ...givenBy(request),
        conversationId: request.params.id,
        buttonId: 'submit_work',
        data,
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );

  app.post(
    '/api/messages/conversations/:id/work/review',
    {
      schema: {
        operationId: 'deals.reviewWork',
        tags,
        summary: 'Approve work, or ask for a revision',
        description: 'Does what the buttons `approve_work` and `request_revision` do.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({
          decision: z.enum(['approve_work', 'request_revision']),
          feedback: wordsOf(2_000, { empty: true }).optional(),
          dry_run: dryRun,
        }),
        response: answers({ 200: success(clickAnswer) }, ...clickFailures),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const answer = await clicks.click({
        ...givenBy(request),
        conversationId: request.params.id,
        buttonId: body.decision,
        data: body.feedback === undefined ? {} : { feedback: body.feedback },
      });
      // Checked against the route's schema when it is sent.
      return sayAgain(request, reply, answer) as never;
    },
  );
}
