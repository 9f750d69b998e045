import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findPair } from '#db/trading/pairs.ts';
import { Failure } from '#workflows/failures.ts';
import { pairParam, pairState, side } from '#workflows/trading/contract.ts';
import type { Command } from '#workflows/trading/journal.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerKey, idempotencyHeaders } from '../idempotency.ts';
import type { Desk } from './desk.ts';

const tags = ['Admin'];
const ROOT = '/api/admin/trading/pairs/:pairId';
const params = z.strictObject({ pairId: pairParam });
const failures = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'IDEMPOTENCY_MISMATCH'] as const;

/** What administrators do with pairs: in the journal like any command, between the orders before and after it. */
export function adminTradingRoutes(app: App, { pool }: Deps, desk: Desk): void {
  async function give(request: FastifyRequest, of: string, commandOf: (userId: string) => Command) {
    const { id, roles } = request.account;
    if (!roles.includes('admin')) throw new Failure('FORBIDDEN', 'This is for administrators.');
    const pair = await findPair(pool, of);
    if (!pair) throw new Failure('NOT_FOUND', 'There is no such pair.');
    return desk.give(pair.id, commandOf(id), answerKey(request));
  }

  app.patch(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'admin.setPair',
        summary: 'Open, restrict or halt a pair, and bound its prices',
        params,
        headers: idempotencyHeaders,
        body: z
          .strictObject({
            status: pairState.optional(),
            band_bps: z.int().min(1).max(9_999).nullable().describe('How far from the last price another may be'),
          })
          .meta({ id: 'SetPair', examples: [{ status: 'cancel_only', band_bps: null }] }),
        response: answers({ 200: success(z.object({ done: z.literal(true) })) }, ...failures),
      },
    },
    async (request) => {
      const { status = null, band_bps: bandBps } = request.body;
      await give(request as FastifyRequest, request.params.pairId, (userId) => ({
        ...{ kind: 'set', userId, orderId: null, body: { state: status, bandBps } },
      }));
      return ok({ done: true as const });
    },
  );

  app.post(
    `${ROOT}/cancel-all`,
    {
      schema: {
        tags,
        operationId: 'admin.cancelOrders',
        summary: 'Cancel all orders of a pair, of one side or of one account',
        params,
        headers: idempotencyHeaders,
        body: z
          .strictObject({ side: side.optional(), user_id: z.uuid().optional() })
          .meta({ id: 'CancelOrders', examples: [{ side: 'buy' }] }),
        response: answers({ 200: success(z.object({ cancelled: z.int() })) }, ...failures),
      },
    },
    async (request) => {
      const { side: of = null, user_id: userId = null } = request.body;
      const done = await give(request as FastifyRequest, request.params.pairId, (by) => ({
        ...{ kind: 'cancel_all', userId: by, orderId: null, body: { side: of, userId, operator: true } },
      }));
      return ok({ cancelled: 'cancelled' in done ? done.cancelled : 0 });
    },
  );
}
