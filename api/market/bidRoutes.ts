import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Bid, findBid, insertBid, listBids } from '#db/market/offers.ts';
import { id, instant, policy, policyRequest } from '#workflows/deal/contract.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { formatDecimal } from '#workflows/money.ts';
import { words } from '#workflows/talk/contract.ts';
import { rupees, rupeesRequest, takeRupees } from '../amounts.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { listRoute } from '../list.ts';
import type { Pace } from '../people/pace.ts';
import { takePolicy } from '../policy.ts';
import { description, found, requireRole, tags, title } from './offer.ts';
import { begin, opened } from './opening.ts';

const bidRequest = z
  .strictObject({
    title,
    description,
    starting_price: rupeesRequest,
    policy: policyRequest.optional(),
  })
  .meta({ id: 'BidRequest' });
const bidView = z
  .object({
    id,
    influencer_id: id,
    title: z.string(),
    description: z.string(),
    starting_price: rupees,
    policy,
    created_at: instant,
  })
  .meta({ id: 'Bid' });

/** Bids, and connections to them. */
export function bidRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool, config } = deps;

  app.post(
    '/api/bids',
    {
      schema: {
        operationId: 'bids.create',
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
      await pace.take(request.account.id, 'campaigns');
      const { body } = request;
      const bid: Bid = {
        id: uuid(),
        influencer_id: request.account.id,
        title: body.title,
        description: body.description,
        starting_price: takeRupees('starting_price', body.starting_price),
        policy: takePolicy(DEFAULT_POLICY, body.policy, config.POLICY_FLOOR_SECONDS),
        created_at: deps.now().toISOString(),
      };
      return answerOnce(pool, request, reply, async (transaction) => {
        await insertBid(transaction, bid);
        return { status: 201, body: ok(viewBid(bid)) };
      });
    },
  );

  listRoute(app, {
    path: '/api/bids',
    operationId: 'bids.list',
    tags,
    summary: 'Bids, newest first',
    item: bidView,
    read: ({ limit, start }) => listBids(pool, limit, start),
    keys: (row) => [row.created_at, row.id],
    view: viewBid,
  });

  app.get(
    '/api/bids/:id',
    {
      schema: {
        operationId: 'bids.get',
        tags,
        summary: 'One bid',
        params: z.strictObject({ id }),
        response: answers({ 200: success(bidView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => ok(viewBid(found(await findBid(pool, request.params.id)))),
  );

  connectRoute(app, deps, pace);
}

/** A brand owner's connection to a bid, which opens a deal. */
function connectRoute(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/bids/:id/connect',
    {
      schema: {
        operationId: 'bids.connect',
        tags,
        summary: 'Connect to a bid',
        description: 'For brand owners. Opens the deal, or answers with the one that is open between you two about it.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({
          message: words(5_000).optional(),
          proposed_amount: rupeesRequest,
        }),
        response: answers(
          { 201: opened, 200: opened },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireRole(request.account, 'brand_owner');
      await pace.take(request.account.id, 'applications');
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
