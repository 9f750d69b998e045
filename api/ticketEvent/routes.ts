import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getTicketEvent, openTicketEvent } from '#db/ticketEvent/events.ts';
import { id } from '#workflows/deal/contract.ts';
import { dryRun } from '#workflows/money/contract.ts';
import {
  ticketEventRequest,
  ticketEventStanding,
  ticketEventStatus,
  ticketEventView,
} from '#workflows/ticketEvent/contract.ts';
import { AHEAD_MS } from '#workflows/ticketEvent/terms.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { takeAmount } from '../money/amount.ts';
import { dryRunQuery, ringFor } from '../money/posting.ts';
import { pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { readerOf } from '../stream/requests.ts';
import { listingOf } from './listing.ts';
import { viewTicketEvent } from './requests.ts';
import { ticketRoutes } from './ticketRoutes.ts';

const tags = ['Tickets'];
const params = z.strictObject({ id });
const oneEvent = success(z.object({ event: ticketEventView }).meta({ id: 'TicketEventAnswer' }));

/**
 * Events that tickets are sold for. GET /api/events lists them too, where it is not asked for what came `after` something
 * that one was told: see `../event/routes.ts`.
 */
export function ticketEventRoutes(app: App, deps: Deps, { give, pace }: { give: Give; pace: Pace }): void {
  announceRoute(app, deps, pace);
  listRoute(app, deps);
  readRoute(app, deps);
  cancelRoute(app, give);
  ticketRoutes(app, deps);
}

function announceRoute(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/events',
    {
      schema: {
        ...{ operationId: 'ticketEvents.create', tags, summary: 'Announce an event and sell tickets for it' },
        description:
          'What is paid for tickets is held until a day after it began, and your share is paid out then. A stream that ' +
          'is announced and named here is from then on for those who have a ticket.',
        headers: idempotencyHeaders,
        body: ticketEventRequest,
        response: answers(
          { 201: oneEvent },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
          'RATE_LIMITED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'streams');
      const now = deps.now().toISOString();
      const { title, asset, capacity } = body;
      const price = isFree(body.price) ? 0n : takeAmount('price', body.price, asset);
      const answered = await answerOnce(deps.pool, request, reply, async (transaction) => {
        const eventId = await openTicketEvent(transaction, {
          ...{ creatorId: account.id, asset, streamId: body.stream_id ?? null, now },
          opened: {
            ...{ title, capacity, starts_at: takeStart(body.starts_at, now), price: price.toString() },
            share_bps: deps.config.GIFT_SHARE_BPS,
          },
        });
        const event = viewTicketEvent(await getTicketEvent(transaction, eventId, readerOf(account)));
        return { status: 201 as const, body: ok({ event }) };
      });
      ringFor(deps, dataOf(answered)?.event.id);
      return answered;
    },
  );
}

/** Nothing, however it is written: any other amount is above zero. */
const isFree = (price: string | number) => /^0+(\.0+)?$/.test(String(price).trim());

/** An instant to begin at: ahead, and not too far. */
function takeStart(at: string, now: string): string {
  const ms = Date.parse(at);
  if (ms <= Date.parse(now)) throw invalidField('starts_at', 'has passed');
  if (ms > Date.parse(now) + AHEAD_MS) throw invalidField('starts_at', 'is more than 365 days ahead');
  return new Date(ms).toISOString();
}

function listRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/ticket-events',
    {
      schema: {
        ...{
          operationId: 'ticketEvents.list',
          tags,
          summary: 'Events that tickets are sold for, latest announced first',
        },
        description: 'The same as `GET /api/events` without `after`.',
        querystring: pageQuery.extend({ status: ticketEventStatus.optional(), creator_id: id.optional() }),
        response: answers({ 200: list(ticketEventView) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query: { limit, cursor, status = null, creator_id: creatorId = null } }) =>
      listingOf(pool, { account, limit, cursor, status, creatorId }),
  );
}

function readRoute(app: App, { pool }: Deps): void {
  app.get(
    '/api/events/:id',
    {
      schema: {
        ...{ operationId: 'ticketEvents.get', tags, summary: 'An event that tickets are sold for', params },
        response: answers({ 200: oneEvent }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) =>
      ok({ event: viewTicketEvent(await getTicketEvent(pool, params.id, readerOf(account))) }),
  );
}

function cancelRoute(app: App, give: Give): void {
  app.post(
    '/api/events/:id/cancel',
    {
      schema: {
        ...{ operationId: 'ticketEvents.cancel', tags, summary: 'Cancel an event', params },
        description:
          'By its creator or an administrator, until it is paid out. Everybody who has a ticket is refunded, a hundred ' +
          'at a time, and told so.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ dry_run: dryRun }).nullish(),
        response: answers(
          { 200: success(z.object({ event: ticketEventStanding }).meta({ id: 'TicketEventStandingAnswer' })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const given = await give({
        ...{ ...givenBy(request as FastifyRequest), kind: 'ticketEvent', processId: request.params.id, on: 'cancel' },
        ...{ data: {}, via: {} },
      });
      return sayAgain(request as FastifyRequest, reply, given) as never;
    },
  );
}
