import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type Campaign, findCampaign, insertCampaign, listCampaigns } from '#db/market.ts';
import { id, instant, policy, policyRequest } from '#workflows/collaboration/contract.ts';
import { MAX_PRICE } from '#workflows/collaboration/price.ts';
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

const campaignRequest = z.strictObject({ title, description, budget: rupeesRequest, policy: policyRequest.optional() });
const campaignView = z.object({
  id,
  brand_owner_id: id,
  title: z.string(),
  description: z.string(),
  budget: rupees,
  policy,
  created_at: instant,
});

/** A budget is for many deals: a thousand of the dearest. */
const MAX_BUDGET = MAX_PRICE * 1_000n;

/** Campaigns, and applications to them. */
export function campaignRoutes(app: App, deps: Deps): void {
  const { pool, config } = deps;

  app.post(
    '/api/campaigns',
    {
      schema: {
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
      const { body } = request;
      const campaign: Campaign = {
        id: uuid(),
        brand_owner_id: request.account.id,
        title: body.title,
        description: body.description,
        budget: takeRupees('budget', body.budget, MAX_BUDGET),
        policy: takePolicy(body.policy, config.POLICY_FLOOR_SECONDS),
        created_at: deps.now().toISOString(),
      };
      return answerOnce(pool, request, reply, async (transaction) => {
        await insertCampaign(transaction, campaign);
        return { status: 201, body: { success: true as const, data: viewCampaign(campaign) } };
      });
    },
  );

  app.get(
    '/api/campaigns',
    {
      schema: {
        tags,
        summary: 'Campaigns, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(campaignView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const rows = await listCampaigns(pool, limit + 1, pageStart(cursor));
      return pageOf(rows, limit, (row) => [row.created_at, row.id], viewCampaign);
    },
  );

  app.get(
    '/api/campaigns/:id',
    {
      schema: {
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

  app.post(
    '/api/campaigns/:id/apply',
    {
      schema: {
        tags,
        summary: 'Apply to a campaign',
        description: 'For influencers. Opens the deal, or answers with the one that is open between you two about it.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({ message: z.string().trim().min(1).max(5_000), proposed_amount: rupeesRequest }),
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
      requireRole(request.account, 'influencer');
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
