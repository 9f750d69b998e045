import { z } from 'zod';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { moveClock } from '#db/sandbox/clock.ts';
import { durationMs, MAX_DURATION_MS, MIN_DURATION_MS } from '#workflows/durations.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { process } from '../process/shapes.ts';
import { getVisibleCase, viewCase } from '../process/view.ts';

const advance = z
  .string()
  .max(40)
  .transform((text) => durationMs(text) ?? Number.NaN)
  .refine((ms) => ms >= MIN_DURATION_MS && ms <= MAX_DURATION_MS, 'is not an ISO 8601 duration from PT1S to P366D')
  .meta({ id: 'Advance', type: 'string', examples: ['P14D'] });

/** Time that is moved on for one process. Not to be registered in production. */
export function clockRoutes(app: App, deps: Deps): void {
  const { pool, config } = deps;
  app.post(
    '/api/sandbox/processes/:id/clock',
    {
      schema: {
        operationId: 'sandbox.moveClock',
        tags: ['Sandbox'],
        summary: 'Move time on for one process',
        description:
          'By a party or an administrator. The state it is in counts as entered that much earlier, and what falls due by ' +
          'that happens within a second; what follows begins at that instant. It is a step like any other, and stands in ' +
          'the history as what it is. Never in production.',
        params: z.strictObject({ id: z.uuid().toLowerCase() }),
        headers: idempotencyHeaders,
        body: z.strictObject({ advance }),
        response: answers(
          { 200: success(process) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account } = request;
      const { id } = request.params;
      const now = deps.now().toISOString();
      const look = { account, config, now };
      await getVisibleCase(pool, id, look);
      const origin = { now, systemUserId: config.SYSTEM_USER_ID, correlationId: request.id };
      // What was received before is on time, however far time is moved.
      await bookWaitingFacts(pool, id, origin);
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const caller = { accountId: account.id, roles: account.roles };
        await moveClock(transaction, { processId: id, caller, ms: request.body.advance }, origin);
        const data = await viewCase(transaction, await getVisibleCase(transaction, id, look), look);
        return { status: 200, body: { success: true as const, data } };
      });
      deps.ring(id);
      return answer;
    },
  );
}
