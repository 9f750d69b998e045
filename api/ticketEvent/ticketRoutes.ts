import { z } from 'zod';
import { getTicketEvent, noTicketEvent } from '#db/ticketEvent/events.ts';
import { findTicketOf, listTickets, sellTicket, takeBackTicket } from '#db/ticketEvent/tickets.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { ticketView } from '#workflows/ticketEvent/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { dryRunQuery, isRehearsal, postNamed } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { readerOf } from '../stream/requests.ts';
import { viewTicket } from './requests.ts';

const tags = ['Tickets'];
const params = z.strictObject({ id });
const oneTicket = success(z.object({ ticket: ticketView }).meta({ id: 'TicketAnswer' }));

const originOf = ({ now, config }: Deps, correlationId: string) => ({
  ...{ now: now().toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId },
});

/** Tickets: bought, looked at, given back. */
export function ticketRoutes(app: App, deps: Deps): void {
  buyRoute(app, deps);
  readRoutes(app, deps);
  takeBackRoute(app, deps);
}

function buyRoute(app: App, deps: Deps): void {
  app.post(
    '/api/events/:id/tickets',
    {
      schema: {
        ...{ operationId: 'ticketEvents.buy', tags, summary: 'Buy a ticket', params },
        description:
          'From your wallet, one each: who has one has that one, and pays nothing again. Where the last was sold a moment ' +
          'before, this is `LIMIT_REACHED` and nothing is paid.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: z.strictObject({ dry_run: dryRun }).nullish(),
        response: answers(
          { 200: oneTicket.describe('You have one already'), 201: oneTicket },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
          ...(['INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const eventId = request.params.id;
      const answered = await postNamed(deps, request, reply, async (transaction) => {
        const asked = { eventId, buyer: readerOf(request.account) };
        const { ticket, isNew } = await sellTicket(transaction, asked, originOf(deps, request.id));
        return { status: isNew ? (201 as const) : (200 as const), body: ok({ ticket: viewTicket(ticket) }) };
      });
      if (!isRehearsal(request)) deps.ring(eventId);
      return answered;
    },
  );
}

function readRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/events/:id/tickets/me',
    {
      schema: {
        ...{ operationId: 'ticketEvents.myTicket', tags, summary: 'Your ticket', params },
        description: 'The valid one, or the last that was refunded.',
        response: answers({ 200: oneTicket }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const ticket = await findTicketOf(pool, params.id, account.id);
      if (!ticket) throw new Failure('NOT_FOUND', 'You have no ticket to such an event.');
      return ok({ ticket: viewTicket(ticket) });
    },
  );

  app.get(
    '/api/events/:id/tickets',
    {
      schema: {
        ...{
          operationId: 'ticketEvents.tickets',
          tags,
          summary: 'Who has tickets to your event, latest first',
          params,
        },
        querystring: pageQuery,
        response: answers({ 200: list(ticketView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }) => {
      const reader = readerOf(account);
      const event = await getTicketEvent(pool, params.id, reader);
      if (event.creator_id !== account.id && !reader.isAdmin) throw noTicketEvent();
      const before = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const rows = await listTickets(pool, params.id, { limit: query.limit + 1, before });
      return pageOf(rows, query.limit, (row) => [row.id], viewTicket);
    },
  );
}

function takeBackRoute(app: App, deps: Deps): void {
  app.delete(
    '/api/events/:id/tickets/:ticketId',
    {
      schema: {
        ...{ operationId: 'ticketEvents.takeBack', tags, summary: 'Give a ticket back' },
        description:
          'All that was paid for it is in its holder’s wallet again. By its holder until a day before the event begins; ' +
          'by the event’s creator or an administrator until it is paid out.',
        params: params.extend({ ticketId: id }),
        response: answers({ 200: oneTicket }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID'),
      },
    },
    async (request) => {
      const { id: eventId, ticketId } = request.params;
      const asked = { eventId, ticketId, by: readerOf(request.account) };
      const origin = originOf(deps, request.id);
      const ticket = await deps.pool.transaction((transaction) => takeBackTicket(transaction, asked, origin));
      deps.ring(eventId);
      return ok({ ticket: viewTicket(ticket) });
    },
  );
}
