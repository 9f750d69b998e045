import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type GiftRow, listGifts } from '#db/gift/catalogue.ts';
import type { Gave } from '#db/gift/giving.ts';
import { id } from '#workflows/deal/contract.ts';
import { giftAnswer, giftInCatalogue, giftRequest } from '#workflows/gift/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerKey, idempotencyHeaders } from '../idempotency.ts';
import { dryRunQuery, isRehearsal, postNamed } from '../money/posting.ts';
import { readerOf } from '../stream/requests.ts';
import { type GiftAsked, giveAs, giveOnceTogether, giveTogether, tellOfGift, viewGave } from './service.ts';

const tags = ['Gifts'];

export function viewGift(row: GiftRow) {
  const { code, name, token_cost: tokenCost, animation_key: animationKey, rarity, command_action } = row;
  return { code, name, tokenCost, animationKey, rarity, ...(command_action && { commandAction: command_action }) };
}

/** As one of those that come at once; null where that was answered before, or is refused in a way that is kept. */
function giveWithOthers(deps: Deps, request: FastifyRequest, asked: GiftAsked): Promise<Gave | null> {
  const [key, reader] = [answerKey(request), readerOf(request.account)];
  return key === null ? giveTogether(deps, reader, asked) : giveOnceTogether(deps, reader, asked, { key, body: ok });
}

/** Gifts: what may be given, and giving it. */
export function giftRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/gifts',
    {
      schema: {
        ...{ operationId: 'gifts.list', tags, summary: 'What may be given, the cheapest first' },
        response: answers({ 200: success(z.array(giftInCatalogue)) }, 'UNAUTHENTICATED'),
      },
    },
    async () => ok((await listGifts(pool)).map(viewGift)),
  );

  app.post(
    '/api/streams/:id/gifts',
    {
      schema: {
        ...{ operationId: 'streams.give', tags, summary: 'Give a gift in a stream' },
        description:
          'Its tokens leave your wallet, and the creator has their share, in the moment that it is answered. Equal gifts ' +
          'within five seconds of each other are one combo, which counts on. At most 120 gifts and 100,000 tokens a minute.',
        params: z.strictObject({ id }),
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: giftRequest,
        response: answers(
          { 201: success(giftAnswer) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'INSUFFICIENT_FUNDS'] as const),
          ...(['RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const { account, params, body } = request;
      const { code, quantity = 1, message = null } = body;
      const asked = { code, quantity, message, streamId: params.id };
      const reader = readerOf(account);
      const isRehearsed = isRehearsal(request);
      const given = isRehearsed ? null : await giveWithOthers(deps, request as FastifyRequest, asked);
      if (given) {
        tellOfGift(deps, given);
        reply.status(201);
        return ok(viewGave(given));
      }
      let gave: Gave | null = null;
      const answered = await postNamed(deps, request, reply, async (transaction) => {
        const now = deps.now().toISOString();
        gave = await giveAs(deps, transaction, reader, asked, now);
        return { status: 201, body: ok(viewGave(gave)) };
      });
      if (gave && !isRehearsed) tellOfGift(deps, gave);
      return answered;
    },
  );
}
