import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { roleIn } from '#db/process/door.ts';
import { findProcess, listProcesses } from '#db/process/processes.ts';
import { openTopUp } from '#db/topUp/topUps.ts';
import { Failure } from '#workflows/failures.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { type Asset, MAX_MINOR } from '#workflows/money.ts';
import { topUpView, viewTopUp } from '#workflows/topUp/contract.ts';
import { asTopUp } from '#workflows/topUp/terms.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import { creditsRequest } from '../boost/requests.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { amountRequest, takeAmount } from '../money/amount.ts';
import { dryRunBody, dryRunQuery, postMoney } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { ensureOrder, paymentOrder, viewOrder } from '../payment/order.ts';
import { type Give, givenBy } from '../process/giving.ts';

const tags = ['Wallet'];
const params = z.strictObject({ id: z.uuid().toLowerCase() });
const bought = z
  .enum(['TOKEN', 'CREDIT', 'INR', 'USD', 'BTC', 'ETH'])
  .describe('Money and coins cost themselves, where the provider takes them');
const answer = success(
  z
    .object({ top_up: topUpView, payment_order: paymentOrder.nullable().describe('What is to be paid, while it is') })
    .meta({ id: 'TopUpAnswer' }),
);

const rehearsable = topUpView
  .extend({ id: topUpView.shape.id.nullable().describe('Null of a `dry_run`') })
  .meta({ id: 'TopUpAskedFor' });
const opened = success(
  z
    .object({
      top_up: rehearsable,
      payment_order: paymentOrder.nullable().describe('What is to be paid; none of a `dry_run`'),
    })
    .meta({ id: 'TopUpOpened' }),
);

/** Wallets are topped up by payment order; what was bought arrives when the provider says that it was paid. */
export function topUpRoutes(app: App, deps: Deps, give: Give): void {
  buyRoutes(app, deps);
  readRoutes(app, deps);
  cancelRoute(app, give);
}

function buyRoutes(app: App, deps: Deps): void {
  app.post(
    '/api/wallet/topup',
    {
      schema: {
        operationId: 'wallets.topUp',
        tags,
        summary: 'Buy tokens or credits, or pay money or coins in',
        description: 'Answers with the order to pay; what was bought arrives by the provider’s webhook.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z
          .strictObject({ amount: amountRequest, asset: bought.default('TOKEN'), dry_run: dryRunBody })
          .meta({ id: 'NewTopUp', examples: [{ amount: 500 }] }),
        response: answers({ 201: opened }, 'UNAUTHENTICATED', 'CONFLICT', 'LIMIT_REACHED', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    (request, reply) => buy(deps, request, reply, request.body),
  );

  app.post(
    '/api/credits/purchase',
    {
      schema: {
        operationId: 'credits.purchase',
        tags: ['Credits and boosts'],
        summary: 'Buy credits',
        description:
          'A top-up in credits: answers with the order to pay; they arrive, and `credit_purchase` is told, by the provider’s webhook.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z
          .strictObject({ amount: creditsRequest, dry_run: dryRunBody })
          .meta({ id: 'PurchaseCredits', examples: [{ amount: 100 }] }),
        response: answers({ 201: opened }, 'UNAUTHENTICATED', 'CONFLICT', 'LIMIT_REACHED', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    (request, reply) => buy(deps, request, reply, { amount: request.body.amount, asset: 'CREDIT' }),
  );
}

/** What a unit costs in paise; null for money, which costs itself. */
function priceOf({ config }: Deps, asset: z.infer<typeof bought>): bigint | null {
  if (asset === 'TOKEN') return BigInt(config.TOKEN_PRICE_PAISE);
  return asset === 'CREDIT' ? BigInt(config.CREDIT_PRICE_PAISE) : null;
}

/** Opens a top-up, once per key, and has its order made. */
async function buy(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { amount: string | number; asset: z.infer<typeof bought> },
) {
  const { asset } = asked;
  const quantity = takeAmount('amount', asked.amount, asset);
  const unit = priceOf(deps, asset);
  const price = unit === null ? quantity : quantity * unit;
  const currency: Asset = unit === null ? asset : 'INR';
  const provider = deps.providers.current;
  const least = provider.terms[currency]?.minOrder;
  if (least === undefined) throw invalidField('asset', `is not paid for by ${provider.name}`);
  if (price < least || price > MAX_MINOR / 1_000n) throw invalidField('amount', 'is too small or too large to pay');
  const answered = await postMoney(deps, request, reply, async (transaction) => {
    const now = deps.now().toISOString();
    const userId = request.account.id;
    const topUp = await openTopUp(transaction, {
      ...{ userId, asset, quantity, price, currency, now },
      provider: provider.name,
    });
    const data = { top_up: viewTopUp(topUp), payment_order: null };
    return { status: 201, body: { success: true as const, data } };
  });
  // There is none of what is rehearsed, either.
  const id: string | null = dataOf(answered)?.top_up.id ?? null;
  if (id === null) return answered;
  deps.ring(id);
  return withOrder(deps, id);
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/wallet/topups',
    {
      schema: {
        operationId: 'wallets.listTopUps',
        tags,
        summary: 'Your top-ups, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(topUpView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const filter = { kind: 'topUp', role: null, state: null, open: null };
      const before = keys?.[0] ?? null;
      const rows = await listProcesses(pool, request.account.id, { ...filter, limit: limit + 1, before });
      return pageOf(
        rows,
        limit,
        ({ process }) => [process.id],
        ({ process }) => viewTopUp(asTopUp(process)),
      );
    },
  );

  app.get(
    '/api/wallet/topups/:id',
    {
      schema: {
        operationId: 'wallets.getTopUp',
        tags,
        summary: 'One top-up, with its order while it is to be paid',
        params,
        response: answers({ 200: answer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const stored = await findProcess(pool, request.params.id);
      if (stored?.process.kind !== 'topUp') throw new Failure('NOT_FOUND', 'There is no such top-up.');
      roleIn(stored, { accountId: request.account.id, roles: request.account.roles });
      return withOrder(deps, stored.process.id);
    },
  );
}

function cancelRoute(app: App, give: Give): void {
  app.post(
    '/api/wallet/topups/:id/cancel',
    {
      schema: {
        operationId: 'wallets.cancelTopUp',
        tags,
        summary: 'Do not pay after all',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ dry_run: dryRun }).nullish(),
        response: answers(
          { 200: success(z.object({ top_up: topUpView }).meta({ id: 'TopUpCancelled' })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const processId = request.params.id;
      const given = await give({ ...givenBy(request), kind: 'topUp', processId, on: 'cancel', data: {}, via: {} });
      return sayAgain(request, reply, given) as never;
    },
  );
}

async function withOrder(deps: Deps, id: string) {
  const order = await ensureOrder(deps, id);
  const stored = await findProcess(deps.pool, id);
  if (!stored) throw new Failure('NOT_FOUND', 'There is no such top-up.');
  return {
    success: true as const,
    data: { top_up: viewTopUp(asTopUp(stored.process)), payment_order: order && viewOrder(order) },
  };
}
