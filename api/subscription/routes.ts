import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type FirstOrder,
  getSubscription,
  listSubscriptions,
  openSubscription,
} from '#db/subscription/subscriptions.ts';
import { id } from '#workflows/deal/contract.ts';
import { MAX_MINOR } from '#workflows/money.ts';
import {
  subscriptionRequest,
  subscriptionStanding,
  subscriptionStatus,
  subscriptionView,
} from '#workflows/subscription/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery, openedIn, postNamed } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { ensureOrder, paymentOrder, viewOrder } from '../payment/order.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { viewSubscription } from './requests.ts';
import { tierRoutes } from './tierRoutes.ts';

const tags = ['Subscriptions'];
const params = z.strictObject({ id });
const opened = success(
  z
    .object({
      subscription: subscriptionView,
      payment_order: paymentOrder.nullable().describe('What is to be paid, while its first month is'),
    })
    .meta({ id: 'SubscriptionAnswer' }),
);
const standing = success(z.object({ subscription: subscriptionStanding }).meta({ id: 'SubscriptionStandingAnswer' }));

/** Subscriptions to creators: what is sold, buying it, and not having it renewed. */
export function subscriptionRoutes(app: App, deps: Deps, give: Give): void {
  tierRoutes(app, deps);
  subscribeRoute(app, deps);
  readRoutes(app, deps);
  stepRoutes(app, give);
}

function subscribeRoute(app: App, deps: Deps): void {
  app.post(
    '/api/subscriptions',
    {
      schema: {
        ...{ operationId: 'subscriptions.create', tags, summary: 'Subscribe to a creator, or give somebody a month' },
        description:
          'Paid in tokens at once, or by an order whose first month begins when it is paid. It is renewed in tokens on ' +
          'the day of the month it began (of the 31st: on the last there is); a week before you are told the price. ' +
          'Where there are not so many tokens it is tried for three days, and then lapses. A gift is not renewed.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: subscriptionRequest,
        response: answers(
          { 200: opened.describe('It waits for its payment already'), 201: opened },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'INSUFFICIENT_FUNDS'] as const),
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const isOrder = body.payment === 'order';
      if (isOrder && body.gift_to !== undefined) throw invalidField('payment', 'is tokens for a gift');
      const answered = await postNamed(deps, request, reply, async (transaction) => {
        const { id: subscriptionId, isNew } = await openSubscription(transaction, {
          ...{ creatorId: body.creator_id, payerId: account.id, giftTo: body.gift_to ?? null, tier: body.tier },
          ...{ shareBps: deps.config.GIFT_SHARE_BPS, now: deps.now().toISOString() },
          order: isOrder ? (tokens) => orderOf(deps, tokens) : null,
        });
        const subscription = viewSubscription(await getSubscription(transaction, subscriptionId, account.id));
        return { status: isNew ? (201 as const) : (200 as const), body: ok({ subscription, payment_order: null }) };
      });
      const subscriptionId = openedIn(request, answered)?.subscription.id;
      if (subscriptionId === undefined) return answered;
      deps.ring(subscriptionId);
      return isOrder ? withOrder(deps, subscriptionId, account.id) : answered;
    },
  );
}

/** What so many tokens cost outside: as a top-up does. */
function orderOf({ config, providers }: Deps, tokens: bigint): FirstOrder {
  const provider = providers.current;
  const price = tokens * BigInt(config.TOKEN_PRICE_PAISE);
  const least = provider.terms.INR?.minOrder;
  if (least === undefined) throw invalidField('payment', `is not possible: ${provider.name} takes no INR`);
  if (price < least || price > MAX_MINOR / 1_000n) throw invalidField('payment', 'is too small or too large to pay');
  return { price, currency: 'INR', provider: provider.name };
}

async function withOrder(deps: Deps, subscriptionId: string, userId: string) {
  const order = await ensureOrder(deps, subscriptionId);
  const subscription = viewSubscription(await getSubscription(deps.pool, subscriptionId, userId));
  return ok({ subscription, payment_order: order && viewOrder(order) });
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/subscriptions',
    {
      schema: {
        ...{ operationId: 'subscriptions.list', tags, summary: 'Your subscriptions, latest first' },
        querystring: pageQuery.extend({
          as: z.enum(['subscriber', 'giver', 'creator']).default('subscriber').describe('On which side you are'),
          status: subscriptionStatus.optional(),
        }),
        response: answers({ 200: list(subscriptionView) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const { limit, cursor, as: side, status = null } = query;
      const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const rows = await listSubscriptions(pool, { userId: account.id, side, status, limit: limit + 1, before });
      return pageOf(rows, limit, (row) => [row.id], viewSubscription);
    },
  );

  app.get(
    '/api/subscriptions/:id',
    {
      schema: {
        ...{
          operationId: 'subscriptions.get',
          tags,
          summary: 'One subscription, with its order while it is to be paid',
        },
        params,
        response: answers({ 200: opened }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const { status, subscriber_id } = await getSubscription(pool, params.id, account.id);
      if (status === 'awaiting_payment' && subscriber_id === account.id) return withOrder(deps, params.id, account.id);
      const subscription = viewSubscription(await getSubscription(pool, params.id, account.id));
      return ok({ subscription, payment_order: null });
    },
  );
}

const CODES = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'IDEMPOTENCY_MISMATCH'] as const;

function stepRoutes(app: App, give: Give): void {
  const step = async (request: FastifyRequest, on: string) =>
    give({
      ...{ ...givenBy(request), kind: 'subscription', processId: (request.params as { id: string }).id, on },
      ...{ data: {}, via: {} },
    });

  app.delete(
    '/api/subscriptions/:id',
    {
      schema: {
        ...{ operationId: 'subscriptions.cancel', tags, summary: 'Do not have it renewed', params },
        description:
          'What is paid for is kept until its end. One that was not paid for yet, or not again, ends at once.',
        headers: idempotencyHeaders,
        response: answers({ 200: standing }, ...CODES),
      },
    },
    async (request, reply) => sayAgain(request, reply, await step(request as FastifyRequest, 'cancel')) as never,
  );

  app.post(
    '/api/subscriptions/:id/resume',
    {
      schema: {
        ...{ operationId: 'subscriptions.resume', tags, summary: 'Have it renewed after all', params },
        headers: idempotencyHeaders,
        body: z.strictObject({}).nullish(),
        response: answers({ 200: standing }, ...CODES),
      },
    },
    async (request, reply) => sayAgain(request, reply, await step(request as FastifyRequest, 'resume')) as never,
  );
}
