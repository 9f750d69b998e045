import { z } from 'zod';
import { earnCredits, payGig, spendCredits } from '#db/boost/credits.ts';
import { CREDIT_EVENTS } from '#workflows/boost/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { dryRunBody, dryRunQuery, postMoney } from '../money/posting.ts';
import { requireAdmin } from '../people/account.ts';
import { creditsRequest } from './requests.ts';

const tags = ['Credits and boosts'];
const ID = '01970000-0000-7000-8000-000000000001';
const text = z.string().trim().min(1).max(500);

const spendRequest = z
  .strictObject({
    amount: creditsRequest,
    targetType: z.enum(['gig', 'clan']).optional(),
    targetId: z.uuid().optional(),
    description: text.optional(),
    dry_run: dryRunBody,
  })
  .meta({ id: 'SpendCredits', examples: [{ amount: 20, targetType: 'gig', targetId: ID, description: 'Applied' }] });
const earnRequest = z
  .strictObject({ userId: z.uuid(), amount: creditsRequest, reason: text, dry_run: dryRunBody })
  .meta({ id: 'EarnCredits', examples: [{ userId: ID, amount: 50, reason: 'First gig done' }] });
const payRequest = z
  .strictObject({ workerId: z.uuid(), amount: creditsRequest, dry_run: dryRunBody })
  .meta({ id: 'PayGig', examples: [{ workerId: ID, amount: 200 }] });

const spent = success(z.object({ event: CREDIT_EVENTS.credit_spent }).meta({ id: 'CreditsSpent' }));
const earned = success(z.object({ event: CREDIT_EVENTS.credit_earned }).meta({ id: 'CreditsEarned' }));
const paid = success(z.object({ event: CREDIT_EVENTS.gig_payment }).meta({ id: 'GigPaid' }));

/** Credits that are spent, earned, and paid for gigs. Each answers with the event that others hear. */
export function creditRoutes(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  app.post(
    '/api/credits/spend',
    {
      schema: {
        tags,
        operationId: 'credits.spend',
        summary: 'Spend credits',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: spendRequest,
        response: answers({ 201: spent }, 'UNAUTHENTICATED', 'NOT_FOUND', 'INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const { amount, targetType, targetId, description = null } = body;
      if ((targetType === undefined) !== (targetId === undefined)) {
        throw invalidField(targetType === undefined ? 'targetType' : 'targetId', 'is needed with the other');
      }
      const target = targetType && targetId ? { type: targetType, id: targetId } : null;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const given = { userId: account.id, amount: BigInt(amount), target, description, now: now() };
        return {
          status: 201,
          body: { success: true as const, data: { event: await spendCredits(transaction, given) } },
        };
      });
      return answered as never;
    },
  );

  app.post(
    '/api/credits/earn',
    {
      schema: {
        tags,
        operationId: 'credits.earn',
        summary: 'Give somebody credits for something they did (administrator)',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: earnRequest,
        response: answers({ 201: earned }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { userId, amount, reason } = request.body;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const given = { userId, amount: BigInt(amount), reason, now: now() };
        return {
          status: 201,
          body: { success: true as const, data: { event: await earnCredits(transaction, given) } },
        };
      });
      return answered as never;
    },
  );

  app.post(
    '/api/gigs/:id/payments',
    {
      schema: {
        tags,
        operationId: 'gigs.pay',
        summary: 'Pay whoever did a gig of yours',
        params: z.strictObject({ id: z.uuid() }),
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: payRequest,
        response: answers(
          { 201: paid },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'INSUFFICIENT_FUNDS',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const { workerId, amount } = body;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const given = { userId: account.id, gigId: request.params.id, workerId, amount: BigInt(amount), now: now() };
        return { status: 201, body: { success: true as const, data: { event: await payGig(transaction, given) } } };
      });
      return answered as never;
    },
  );
}
