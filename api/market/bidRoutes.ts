import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Bid, findBid, insertBid, listBids } from '#db/market.ts';
import { id, instant, policy, policyRequest } from '#workflows/collaboration/contract.ts';
import { formatDecimal } from '#workflows/money.ts';
import { rupees, rupeesRequest, takeRupees } from '../amounts.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { pageOf, pageQuery } from '../page.ts';
import { description, found, pageStart, requireRole, tags, title } from './offer.ts';
import { begin, opened } from './opening.ts';
import { takePolicy } from './policy.ts';

const bidRequest = z.strictObject({
  title,
  description,
  starting_price: rupeesRequest,
  policy: policyRequest.optional(),
});
const bidView = z.object({
  id,
  influencer_id: id,
  title: z.string(),
  description: z.string(),
  starting_price: rupees,
  policy,
  created_at: instant,
});

/** Bids, and connections to them. */
export function bidRoutes(app: App, deps: Deps): void {
  const { pool, config } = deps;

  app.post(
    '/api/bids',
    {
      schema: {
        tags,
        summary: 'Post a bid',
        description: 'For influencers: what you offer, and from which price on.',
        headers: idempotencyHeaders,
        body: bidRequest,
        response: answers({ 201: success(bidView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireRole(request.account, 'influencer');
      const { body } = request;
      const bid: Bid = {
        id: uuid(),
        influencer_id: request.account.id,
        title: body.title,
        description: body.description,
        starting_price: takeRupees('starting_price', body.starting_price),
        policy: takePolicy(body.policy, config.POLICY_FLOOR_SECONDS),
        created_at: deps.now().toISOString(),
      };
      return answerOnce(pool, request, reply, async (transaction) => {
        await insertBid(transaction, bid);
        return { status: 201, body: { success: true as const, data: viewBid(bid) } };
      });
    },
  );

  app.get(
    '/api/bids',
    {
      schema: {
        tags,
        summary: 'Bids, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(bidView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const rows = await listBids(pool, limit + 1, pageStart(cursor));
      return pageOf(rows, limit, (row) => [row.created_at, row.id], viewBid);
    },
  );

  app.get(
    '/api/bids/:id',
    {
      schema: {
        tags,
        summary: 'One bid',
        params: z.strictObject({ id }),
        response: answers({ 200: success(bidView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => ({ success: true as const, data: viewBid(found(await findBid(pool, request.params.id))) }),
  );

  app.post(
    '/api/bids/:id/connect',
    {
      schema: {
        tags,
        summary: 'Connect to a bid',
        description: 'For brand owners. Opens the deal, or answers with the one that is open between you two about it.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({
          message: z.string().trim().min(1).max(5_000).optional(),
          proposed_amount: rupeesRequest,
        }),
        response: answers(
          { 201: opened, 200: opened },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireRole(request.account, 'brand_owner');
      const bid = found(await findBid(pool, request.params.id));
      return begin(deps, request, reply, {
        about: { kind: 'bid', bidId: bid.id },
        parties: { brand_owner: request.account.id, influencer: bid.influencer_id },
        as: 'brand_owner',
        policy: bid.policy,
        words: request.body.message ?? null,
        proposed: request.body.proposed_amount,
      });
    },
  );
}

function viewBid(row: Bid) {
  return { ...row, starting_price: formatDecimal(row.starting_price, 'INR') };
}
