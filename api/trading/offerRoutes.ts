import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { offerView, pairId, side } from '#workflows/trading/contract.ts';
import { pairIdOf } from '#workflows/trading/pair.ts';
import { answers, list } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { dryRunQuery } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { escrowAnswer } from '../trade/routes.ts';
import { offersOf } from './offers.ts';
import { takeRequest } from './requests.ts';

const tags = ['Trading'];

/** What is offered by others, and taking of it. */
export function offerRoutes(app: App, deps: Deps): void {
  const offers = offersOf(deps);

  app.get(
    '/api/crypto/p2p/offers',
    {
      schema: {
        tags,
        operationId: 'offers.list',
        summary: 'What is offered to be paid for outside of Tandem, newest first',
        querystring: pageQuery.extend({
          pairId: pairId.optional(),
          side: side.optional().describe('What the maker does'),
          mine: z.enum(['true', 'false']).optional().describe('Your own, whatever they are'),
        }),
        response: answers({ 200: list(offerView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, pairId: asked, side: of = null, mine } = request.query;
      const [asset = '', currency = ''] = asked === undefined ? [] : pairIdOf(asked).split('-');
      const rows = await offers.list({
        ownerId: mine === 'true' ? request.account.id : null,
        pair: asked === undefined ? null : { asset, currency },
        ...{ side: of, before: decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null, limit: limit + 1 },
      });
      return pageOf(
        rows,
        limit,
        ({ id }) => [id],
        (offer) => offer,
      );
    },
  );

  app.post(
    '/api/trading/orders/:orderId/take',
    {
      schema: {
        tags,
        operationId: 'offers.take',
        summary: 'Take a part of an offer',
        description:
          'Opens a trade in escrow for it: the seller’s asset is held from now on. The part is off the book until the ' +
          'trade ends; released, it is gone, given back it is there again.',
        params: z.strictObject({ orderId: z.uuid() }),
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: takeRequest,
        response: answers(
          { 201: escrowAnswer },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
          ...(['OFFER_STALE', 'INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    (request, reply) => offers.take(request as FastifyRequest, reply as FastifyReply) as never,
  );
}
