import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Campaign, findCampaign, insertCampaign, listCampaigns } from '#db/market/offers.ts';
import { id, instant, policy, policyRequest } from '#workflows/deal/contract.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { MAX_PRICE } from '#workflows/deal/price.ts';
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

const campaignRequest = z
  .strictObject({ title, description, budget: rupeesRequest, policy: policyRequest.optional() })
  .meta({ id: 'CampaignRequest' });
const campaignView = z
  .object({
    id,
    brand_owner_id: id,
    title: z.string(),
    description: z.string(),
    budget: rupees,
    policy,
    created_at: instant,
  })
  .meta({ id: 'Campaign' });

/** A budget is for many deals: a thousand of the dearest. */
const MAX_BUDGET = MAX_PRICE * 1_000n;

/** Campaigns, and applications to them. */
export function campaignRoutes(app: App, deps: Deps, pace: Pace): void {
  const { pool, config } = deps;

  app.post(
    '/api/campaigns',
    {
      schema: {
        operationId: 'campaigns.create',
        tags,
        summary: 'Post a campaign',
        description: 'For brand owners. `policy` holds the deadlines and limits of every deal that begins here.',
        headers: idempotencyHeaders,
        body: campaignRequest,
        response: answers({ 201: success(campaignView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireRole(request.account, 'brand_owner');
      await pace.take(request.account.id, 'campaigns');
      const { body } = request;
      const campaign: Campaign = {
        id: uuid(),
        brand_owner_id: request.account.id,
        title: body.title,
        description: body.description,
        budget: takeRupees('budget', body.budget, MAX_BUDGET),
        policy: takePolicy(DEFAULT_POLICY, body.policy, config.POLICY_FLOOR_SECONDS),
        created_at: deps.now().toISOString(),
      };
      return answerOnce(pool, request, reply, async (transaction) => {
        await insertCampaign(transaction, campaign);
        return { status: 201, body: ok(viewCampaign(campaign)) };
      });
    },
  );

  listRoute(app, {
    path: '/api/campaigns',
    operationId: 'campaigns.list',
    tags,
    summary: 'Campaigns, newest first',
    item: campaignView,
    read: ({ limit, start }) => listCampaigns(pool, limit, start),
    keys: (row) => [row.created_at, row.id],
    view: viewCampaign,
  });

  app.get(
    '/api/campaigns/:id',
    {
      schema: {
        operationId: 'campaigns.get',
        tags,
        summary: 'One campaign',
        params: z.strictObject({ id }),
        response: answers({ 200: success(campaignView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => ({
      success: true as const,
      data: viewCampaign(found(await findCampaign(pool, request.params.id))),
    }),
  );

  applyRoute(app, deps, pace);
}

/** An influencer's application to a campaign, which opens a deal. */
function applyRoute(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/campaigns/:id/apply',
    {
      schema: {
        operationId: 'campaigns.apply',
        tags,
        summary: 'Apply to a campaign',
        description: 'For influencers. Opens the deal, or answers with the one that is open between you two about it.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({ message: words(5_000), proposed_amount: rupeesRequest }),
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
      requireRole(request.account, 'influencer');
      await pace.take(request.account.id, 'applications');
      const campaign = found(await findCampaign(pool, request.params.id));
      return begin(deps, request, reply, {
        about: { kind: 'campaign', campaignId: campaign.id },
        parties: { brand_owner: campaign.brand_owner_id, influencer: request.account.id },
        as: 'influencer',
        policy: campaign.policy,
        words: request.body.message,
        proposed: request.body.proposed_amount,
      });
    },
  );
}

function viewCampaign(row: Campaign) {
  return { ...row, budget: formatDecimal(row.budget, 'INR') };
}
