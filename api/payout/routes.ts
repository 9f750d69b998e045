import { z } from 'zod';
import { listPayoutDetails, openPayout, type Quote, quotePayout } from '#db/payout/payouts.ts';
import { listProcesses } from '#db/process/processes.ts';
import { type Failure, failureBody } from '#workflows/failures.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { payoutState, payoutView } from '#workflows/payout/contract.ts';
import { asPayout } from '#workflows/payout/terms.ts';
import { standingFor } from '#workflows/payout/view.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { amountRequest, asset, decimal, takeAmount, text } from '../money/amount.ts';
import { dryRunBody, dryRunQuery, postMoney, requireOwn, requireSight, ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { listedPayout, payoutAt, viewPayout } from './payout.ts';
import { payoutSettings } from './settings.ts';
import { payoutStatementRoutes } from './statementRoutes.ts';

const tags = ['Payouts'];
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();
const params = z.strictObject({ userId: id });
const named = z.strictObject({ userId: id, id });
export const payoutAnswer = success(z.object({ payout: payoutView }).meta({ id: 'PayoutAnswer' }));
const rehearsable = payoutView
  .extend({ id: payoutView.shape.id.nullable().describe('Null of a `dry_run`') })
  .meta({ id: 'PayoutAskedFor' });
const requested = success(z.object({ payout: rehearsable }).meta({ id: 'PayoutRequested' }));
const listed = payoutView.omit({ history: true, waits_for: true }).meta({ id: 'PayoutListed' });
const ROOT = '/api/wallet/:userId/payouts';

const asked = z.strictObject({ amount: amountRequest, asset, destination_id: id }).meta({
  id: 'PayoutAsked',
  examples: [{ amount: '500.00', asset: 'INR', destination_id: '01970000-0000-7000-8000-000000000001' }],
});

const estimate = z
  .object({
    asset: z.string(),
    gross: decimal.describe('What leaves the wallet'),
    fee: decimal,
    net: decimal.describe('What arrives: send it along as `net`, and nothing else is booked'),
    approval: z.boolean().describe('Whether a second pair of eyes looks at it first'),
    hold: z.string().describe('ISO 8601: how long it may be taken back'),
    earliest_at: instant.describe('When it leaves, if nothing is in its way'),
    destination: z.object({ id, label: z.string(), holder: z.string().nullable() }),
    blocked_by: z
      .array(z.object({ error_code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }))
      .describe('What is in its way now, and the way out of it'),
  })
  .meta({ id: 'PayoutEstimate' });

/** Payouts, for whoever is paid. */
export function payoutRoutes(app: App, deps: Deps, give: Give): void {
  readRoutes(app, deps);
  cancelRoute(app, deps, give);
  payoutStatementRoutes(app, deps);
  const { pool } = deps;
  const now = () => deps.now().toISOString();
  const settings = payoutSettings(deps);

  app.post(
    `${ROOT}/estimate`,
    {
      schema: {
        operationId: 'payouts.estimate',
        tags,
        summary: 'What a payout would book, and when it would leave',
        params,
        body: asked,
        response: answers({ 200: success(estimate) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { body, account } = request;
      requireOwn(account, request.params.userId);
      const gross = takeAmount('amount', body.amount, body.asset);
      const { asset: of, destination_id: destinationId } = body;
      const quote = await quotePayout(
        pool,
        { userId: account.id, asset: of, gross, destinationId, now: now() },
        settings,
      );
      return { success: true as const, data: viewQuote(quote, of) };
    },
  );

  app.post(
    ROOT,
    {
      schema: {
        operationId: 'payouts.request',
        tags,
        summary: 'Have money paid out',
        description: 'What it is of is set aside from now on, or it is refused. It may be taken back until it leaves.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: asked
          .extend({ net: amountRequest.optional().describe('As the estimate said'), dry_run: dryRunBody })
          .meta({
            id: 'PayoutRequest',
            examples: [
              { amount: '500.00', asset: 'INR', destination_id: '01970000-0000-7000-8000-000000000001', net: '495.00' },
            ],
          }),
        response: answers(
          { 201: requested },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'CONFLICT',
          'OFFER_STALE',
          'LIMIT_REACHED',
          'INSUFFICIENT_FUNDS',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { body, account } = request;
      requireOwn(account, request.params.userId);
      const { asset: of, destination_id: destinationId } = body;
      const gross = takeAmount('amount', body.amount, of);
      const net = body.net === undefined ? null : takeAmount('net', body.net, of);
      const userId = account.id;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const at = { userId, asset: of, gross, destinationId, net, now: now() };
        const { payout, ring } = await openPayout(transaction, at, settings);
        const view = await viewPayout(transaction, { id: payout.id, userId }, account, now());
        return { status: 201 as const, body: { success: true as const, data: { payout: view } }, ring };
      });
      ringFor(deps, dataOf(answered)?.payout.id);
      return answered;
    },
  );
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    ROOT,
    {
      schema: {
        operationId: 'payouts.list',
        tags,
        summary: 'Your payouts, newest first',
        params,
        querystring: pageQuery.extend({ status: payoutState.optional() }),
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { limit, cursor, status = null } = request.query;
      const { userId } = request.params;
      requireSight(request.account, userId);
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const filter = { kind: 'payout', role: null, state: status, open: null };
      const rows = await listProcesses(pool, userId, { ...filter, limit: limit + 1, before: keys?.[0] ?? null });
      const ids = rows.map(({ process }) => process.id);
      const details = await listPayoutDetails(pool, ids);
      const viewer = request.account.id === userId ? 'payee' : 'admin';
      return pageOf(
        rows,
        limit,
        ({ process }) => [process.id],
        ({ process }) => {
          const payout = asPayout(process);
          const found = details.get(payout.id);
          if (!found) throw new Error(`payout ${payout.id} has no row of its own`);
          return listedPayout(userId, payout, found, standingFor(viewer, payout));
        },
      );
    },
  );

  app.get(
    `${ROOT}/:id`,
    {
      schema: {
        operationId: 'payouts.get',
        tags,
        summary: 'One payout',
        params: named,
        response: answers({ 200: payoutAnswer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireSight(request.account, request.params.userId);
      return {
        success: true as const,
        data: { payout: await viewPayout(pool, request.params, request.account, now()) },
      };
    },
  );
}

function cancelRoute(app: App, deps: Deps, give: Give): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    `${ROOT}/:id/cancel`,
    {
      schema: {
        operationId: 'payouts.cancel',
        tags,
        summary: 'Take a payout back before it leaves',
        params: named,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ reason: z.string().max(2_000).optional(), dry_run: dryRun }).nullish(),
        response: answers(
          { 200: payoutAnswer },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'CONFLICT',
          'FLOW_STATE_INVALID',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { userId, id: processId } = request.params;
      requireSight(request.account, userId);
      // Of that wallet, or it is not there.
      await viewPayout(pool, { id: processId, userId }, request.account, now());
      const { dry_run: _, ...data } = { ...request.body };
      const given = await give({
        ...{ ...givenBy(request), kind: 'payout', processId, on: 'cancel', data, via: {} },
        view: payoutAt({ id: processId, userId }, request.account, now()),
      });
      return sayAgain(request, reply, given) as never;
    },
  );
}

function viewQuote(quote: Quote, of: string): z.infer<typeof estimate> {
  const { id: destinationId, label, holder } = quote.destination;
  return {
    asset: of,
    gross: text(quote.gross, of),
    fee: text(quote.fee, of),
    net: text(quote.net, of),
    approval: quote.variant === 'four_eyes',
    hold: quote.holdFor,
    earliest_at: quote.leavesAt,
    destination: { id: destinationId, label, holder },
    blocked_by: quote.blocks.map((block: Failure) => {
      const { error_code, message, details } = failureBody(block);
      return { error_code, message, details };
    }),
  };
}
