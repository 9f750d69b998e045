import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listProcesses } from '#db/process/processes.ts';
import { listTradeDetails, openTrade } from '#db/trade/trades.ts';
import { Failure } from '#workflows/failures.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { words } from '#workflows/talk/contract.ts';
import { tradeState, transaction } from '#workflows/trade/contract.ts';
import { PARTIES } from '#workflows/trade/parties.ts';
import { DEFAULT_POLICY } from '#workflows/trade/policy.ts';
import { asTrade } from '#workflows/trade/terms.ts';
import { standingFor } from '#workflows/trade/view.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery, postMoney, ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { takePolicy } from '../policy.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { openRequest, takeAmount, takePrice } from './requests.ts';
import { transactionAt, viewTransaction } from './transaction.ts';

const tags = ['Escrow'];
const params = z.strictObject({ transactionId: z.uuid() });
export const escrowAnswer = success(z.object({ transaction }).meta({ id: 'EscrowTransactionAnswer' }));
const rehearsable = transaction
  .extend({ id: transaction.shape.id.nullable().describe('Null of a `dry_run`') })
  .meta({ id: 'EscrowTransactionAskedFor' });
const opened = success(z.object({ transaction: rehearsable }).meta({ id: 'EscrowTransactionOpened' }));
const listed = transaction.omit({ history: true, payment_details: true }).meta({ id: 'EscrowTransactionListed' });

const failures = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'FLOW_STATE_INVALID',
  'LIMIT_REACHED',
  'IDEMPOTENCY_MISMATCH',
] as const;

const ROOT = '/api/crypto/p2p/escrow';

/** P2P trades: an asset held in escrow while its price is paid outside of Tandem. */
export function tradeRoutes(app: App, deps: Deps, give: Give): void {
  const { config } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'trades.open',
        summary: 'Open a trade',
        description: 'By the seller. What is sold is held from now on, or the trade is refused.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: openRequest,
        response: answers(
          { 201: opened },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'LIMIT_REACHED',
          'INSUFFICIENT_FUNDS',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { body, account } = request;
      const { buyer_id: buyer, asset, currency, payment_method } = body;
      if (buyer === account.id) throw new Failure('FORBIDDEN', 'One account cannot trade with itself.');
      const amount = takeAmount(body.amount, asset);
      const opening = {
        policy: takePolicy(DEFAULT_POLICY, body.policy, config.POLICY_FLOOR_SECONDS),
        price: takePrice(body.price),
        currency,
        payment_method,
      };
      const seats = { buyer, seller: account.id };
      const paymentDetails = body.payment_details || null;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const trade = { seats, by: 'seller' as const, asset, amount, opened: opening, paymentDetails, now: now() };
        const { id } = await openTrade(transaction, trade);
        const view = await viewTransaction(transaction, id, account, now());
        return { status: 201, body: { success: true as const, data: { transaction: view } } };
      });
      ringFor(deps, dataOf(answered)?.transaction.id);
      return answered;
    },
  );

  readRoutes(app, deps);
  commandRoutes(app, deps, give);
}

/** What a trade's two sides, and administrators, see of it. */
function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'trades.list',
        summary: 'Your trades, newest first',
        querystring: pageQuery.extend({
          role: z.enum(PARTIES).optional(),
          status: tradeState.optional(),
        }),
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, role = null, status = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listProcesses(pool, request.account.id, {
        kind: 'trade',
        role,
        state: status,
        open: null,
        limit: limit + 1,
        before: keys?.[0] ?? null,
      });
      const details = await listTradeDetails(
        pool,
        rows.map(({ process }) => process.id),
      );
      return pageOf(
        rows,
        limit,
        ({ process }) => [process.id],
        ({ process, role: mine }) => {
          const trade = asTrade(process);
          const found = details.get(trade.id);
          return {
            id: trade.id,
            buyer_id: found?.seats.buyer as string,
            seller_id: found?.seats.seller as string,
            ...standingFor(mine as (typeof PARTIES)[number], trade),
            created_at: found?.opened_at as string,
          };
        },
      );
    },
  );

  app.get(
    `${ROOT}/:transactionId`,
    {
      schema: {
        tags,
        operationId: 'trades.get',
        summary: 'One trade',
        params,
        response: answers({ 200: escrowAnswer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => ({
      success: true as const,
      data: { transaction: await viewTransaction(pool, request.params.transactionId, request.account, now()) },
    }),
  );
}

function commandRoutes(app: App, deps: Deps, give: Give): void {
  for (const { path, method = 'POST', on, operationId, summary, body = nothing } of COMMANDS) {
    app.route({
      method,
      url: `${ROOT}/:transactionId/${path}`,
      schema: {
        tags,
        operationId,
        summary,
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        ...(method === 'POST' && { body }),
        response: answers({ 200: escrowAnswer }, ...failures),
      },
      handler: async (request, reply) => {
        const id = (request.params as z.infer<typeof params>).transactionId;
        const { dry_run: _, ...data } = { ...(request.body as { dry_run?: boolean } | undefined) };
        const given = await give({
          ...{ ...givenBy(request as FastifyRequest), kind: 'trade', processId: id, on, data, via: {} },
          view: transactionAt(id, request.account, deps.now().toISOString()),
        });
        if (given.lacks) throw lacking(on);
        return sayAgain(request as FastifyRequest, reply, given) as never;
      },
    });
  }
}

const nothing = z.strictObject({ dry_run: dryRun }).nullish();
const paper = z
  .strictObject({
    text: words(5_000),
    links: z.array(z.string().max(2_000)).max(10).optional(),
    dry_run: dryRun,
  })
  .meta({ id: 'TradePaper' });

type CommandRoute = {
  path: string;
  method?: 'POST' | 'DELETE';
  on: string;
  operationId: string;
  summary: string;
  body?: z.ZodType;
};

const COMMANDS: readonly CommandRoute[] = [
  { path: 'confirm', on: 'confirm', operationId: 'trades.confirm', summary: 'Say that you have paid (buyer)' },
  { path: 'unconfirm', on: 'unconfirm', operationId: 'trades.unconfirm', summary: 'Take that back, once (buyer)' },
  { path: 'release', on: 'release', operationId: 'trades.release', summary: 'Release what is held (seller)' },
  { path: 'cancel', on: 'cancel', operationId: 'trades.cancel', summary: 'Cancel before you have paid (buyer)' },
  { path: 'request-cancel', on: 'request_cancel', operationId: 'trades.requestCancel', summary: 'Ask to call it off' },
  {
    path: 'request-cancel',
    method: 'DELETE',
    on: 'withdraw_cancel',
    operationId: 'trades.withdrawCancel',
    summary: 'Take back that you asked to call it off',
  },
  { path: 'agree-cancel', on: 'agree_cancel', operationId: 'trades.agreeCancel', summary: 'Agree to call it off' },
  {
    path: 'dispute',
    on: 'dispute',
    operationId: 'trades.dispute',
    summary: 'Open a dispute',
    body: z.strictObject({ reason: words(2_000), evidence: words(5_000, { empty: true }).optional(), dry_run: dryRun }),
  },
  {
    path: 'evidence',
    on: 'evidence',
    operationId: 'trades.addEvidence',
    summary: 'Add evidence to a dispute',
    body: paper,
  },
  {
    path: 'statement',
    on: 'statement',
    operationId: 'trades.addStatement',
    summary: 'Write your statement in a dispute',
    body: paper,
  },
  {
    path: 'resolve',
    on: 'resolve',
    operationId: 'trades.resolve',
    summary: 'Rule on a dispute (administrator)',
    body: z.strictObject({ release_percent: z.int().min(0).max(100), reason: words(2_000), dry_run: dryRun }),
  },
];

/** A command without what it takes; the schemas of requests ask for it, so this is for one that forgets to. */
function lacking(on: string): Failure {
  return new Failure('VALIDATION_FAILED', `${on.replaceAll('_', ' ')} needs something more.`);
}
