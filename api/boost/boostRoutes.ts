import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getBoostTimes, measureEffect, openBoost } from '#db/boost/boosts.ts';
import { listDealEntries } from '#db/money/ledger.ts';
import type { Executor } from '#db/pool.ts';
import { findProcess, listProcesses, listSteps } from '#db/process/processes.ts';
import { boostView } from '#workflows/boost/contract.ts';
import { asBoost, type Boost, STATES, TARGETS } from '#workflows/boost/terms.ts';
import { viewBoost } from '#workflows/boost/view.ts';
import { Failure } from '#workflows/failures.ts';
import { formatDecimal } from '#workflows/money.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery, postMoney, ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Account } from '../people/account.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { boostRequests, takeOpening } from './requests.ts';

const tags = ['Credits and boosts'];
const instant = z.iso.datetime();
const params = z.strictObject({ id: z.uuid() });
const answer = success(z.object({ boost: boostView }).meta({ id: 'BoostAnswer' }));
const rehearsable = boostView
  .extend({ id: boostView.shape.id.nullable().describe('Null of a `dry_run`') })
  .meta({ id: 'BoostAskedFor' });
const opened = success(z.object({ boost: rehearsable }).meta({ id: 'BoostOpened' }));

const effect = z
  .object({
    from: instant,
    until: instant,
    views: z.int().describe('People who looked at it, each once an hour'),
    deals: z.int().describe('Of a profile its deals and trades, of a gig its payments, of a clan its contributions'),
    credits: z.int().describe('Credits in these'),
  })
  .meta({ id: 'BoostEffect' });
const analytics = z
  .object({
    boost: boostView,
    before: effect.describe('As long before it'),
    during: effect,
    after: effect.nullable().describe('As long after it, as far as that has passed; null while it is active'),
  })
  .meta({ id: 'BoostAnalytics' });

const trail = z
  .object({
    boost: boostView,
    steps: z.array(
      z.object({ n: z.int(), action: z.string(), by: z.string(), at: instant, from: z.string(), to: z.string() }),
    ),
    entries: z.array(
      z.object({ account: z.string(), amount: z.string(), balance_after: z.string(), reason: z.string(), at: instant }),
    ),
  })
  .meta({ id: 'BoostTrail' });

/** Boosts: credits that are held while a profile, a gig or a clan is shown before others. */
export function boostRoutes(app: App, deps: Deps, give: Give): void {
  openRoutes(app, deps);
  readRoutes(app, deps);
  cancelRoute(app, deps, give);
  analyticsRoute(app, deps);
}

/** One for each kind of target. */
function openRoutes(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  for (const of of TARGETS) {
    app.post(
      `/api/credits/boost/${of}`,
      {
        schema: {
          tags,
          operationId: `${of}s.boost`,
          summary: `Boost a ${of}`,
          description:
            'The credits are held from now on, and used up when the time is over. A boost lifts its target by the credits ' +
            'that it spends a day; boosts of one target run side by side, each for its own time, and add up.',
          querystring: dryRunQuery,
          headers: idempotencyHeaders,
          body: boostRequests[of],
          response: answers(
            { 201: opened },
            'UNAUTHENTICATED',
            'NOT_FOUND',
            'LIMIT_REACHED',
            'INSUFFICIENT_FUNDS',
            'IDEMPOTENCY_MISMATCH',
          ),
        },
      },
      async (request, reply) => {
        const { account } = request;
        const opening = takeOpening(of, request.body);
        const amount = BigInt(request.body.amount);
        const answered = await postMoney(deps, request, reply, async (transaction) => {
          const at = now();
          const process = await openBoost(transaction, { boosterId: account.id, amount, opened: opening, now: at });
          return { status: 201, body: { success: true as const, data: { boost: viewBoost(asBoost(process), at) } } };
        });
        ringFor(deps, dataOf(answered)?.boost.id);
        return answered;
      },
    );
  }
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/credits/boosts',
    {
      schema: {
        tags,
        operationId: 'boosts.list',
        summary: 'Your boosts, newest first',
        querystring: pageQuery.extend({ status: z.enum(STATES).optional() }),
        response: answers({ 200: list(boostView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, status = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listProcesses(pool, request.account.id, {
        kind: 'boost',
        role: 'booster',
        state: status,
        open: null,
        limit: limit + 1,
        before: keys?.[0] ?? null,
      });
      return pageOf(
        rows,
        limit,
        ({ process }) => [process.id],
        ({ process }) => viewBoost(asBoost(process), now()),
      );
    },
  );

  app.get(
    '/api/credits/boosts/:id',
    {
      schema: {
        tags,
        operationId: 'boosts.get',
        summary: 'One boost of yours, with all that happened to it and its credits',
        params,
        response: answers({ 200: success(trail) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { id } = request.params;
      const boost = await ownBoost(pool, id, request.account);
      const [steps, entries] = await Promise.all([listSteps(pool, id, 0, 100), listDealEntries(pool, id)]);
      return {
        success: true as const,
        data: {
          boost: viewBoost(boost, now()),
          steps: steps.map(({ n, on, by, at, from, to }) => ({ n, action: on, by, at, from, to })),
          entries: entries.map(({ account, amount, balance_after, reason, occurred_at }) => ({
            account: nameOf(account),
            amount: formatDecimal(amount, 'CREDIT'),
            balance_after: formatDecimal(balance_after, 'CREDIT'),
            reason,
            at: occurred_at,
          })),
        },
      };
    },
  );
}

function cancelRoute(app: App, deps: Deps, give: Give): void {
  const { pool } = deps;

  app.delete(
    '/api/credits/boosts/:id',
    {
      schema: {
        tags,
        operationId: 'boosts.cancel',
        summary: 'Cancel a boost',
        description: 'What is left of its time is given back, rounded down to a whole credit.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        response: answers(
          { 200: answer },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await ownBoost(pool, id, request.account);
      const given = await give({
        ...givenBy(request as FastifyRequest),
        kind: 'boost',
        processId: id,
        on: 'cancel',
        data: {},
        via: {},
      });
      return sayAgain(request as FastifyRequest, reply, given) as never;
    },
  );
}

function analyticsRoute(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/credits/boosts/:id/analytics',
    {
      schema: {
        tags,
        operationId: 'boosts.analytics',
        summary: 'What a boost did: views and deals before, during and after it',
        params,
        response: answers({ 200: success(analytics) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const boost = await ownBoost(pool, request.params.id, request.account);
      const { target: of, target_id: targetId } = boost.terms;
      const times = await getBoostTimes(pool, of, boost.id);
      const measure = async (fromMs: number, untilMs: number) => {
        const [from, until] = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
        return { from, until, ...(await measureEffect(pool, { target: of, targetId, from, until })) };
      };
      const [start, current] = [Date.parse(times.starts_at), Date.parse(now())];
      const end = times.ended_at === null ? current : Date.parse(times.ended_at);
      const length = Math.max(end - start, 0);
      const [before, during, after] = await Promise.all([
        measure(start - length, start),
        measure(start, end),
        times.ended_at === null ? null : measure(end, Math.min(end + length, Math.max(current, end))),
      ]);
      return { success: true as const, data: { boost: viewBoost(boost, now()), before, during, after } };
    },
  );
}

/** A boost of the caller's, or any for an administrator. NOT_FOUND for all others, whose target it may well be. */
async function ownBoost(executor: Executor, id: string, account: Account): Promise<Boost> {
  const stored = await findProcess(executor, id);
  const mayKnow = stored?.seats.booster === account.id || account.roles.includes('admin');
  if (stored?.process.kind !== 'boost' || !mayKnow) {
    throw new Failure('NOT_FOUND', 'There is no such boost.');
  }
  return asBoost(stored.process);
}

/** Which of an account's rows it was is nobody's business. */
function nameOf(code: string): string {
  return code.split('/')[0] as string;
}
