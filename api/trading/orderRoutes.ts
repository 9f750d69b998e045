import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findOrder, listOrders, type PairedOrder } from '#db/trading/orders.ts';
import { findPair, listPairs } from '#db/trading/pairs.ts';
import type { Placing } from '#db/trading/rehearsal.ts';
import { Failure } from '#workflows/failures.ts';
import { fill, offerView, orderState, orderView, pairId, side } from '#workflows/trading/contract.ts';
import type { Command } from '#workflows/trading/journal.ts';
import { ORDER_STATES, type OrderState } from '#workflows/trading/order.ts';
import { type Pair, pairIdOf } from '#workflows/trading/pair.ts';
import { viewOrder } from '#workflows/trading/view.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerKey, idempotencyHeaders } from '../idempotency.ts';
import { dryRunQuery, isRehearsal } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Desk } from './desk.ts';
import { type Offers, offersOf } from './offers.ts';
import { amendRequest, orderRequest, takeAmendment, takeOrder } from './requests.ts';
import { viewWithFills } from './views.ts';

const tags = ['Trading'];
const ROOT = '/api/trading/orders';
const params = z.strictObject({ orderId: z.uuid() });
const anyOrder = z.discriminatedUnion('kind', [orderView, offerView]);
const orderAnswer = success(
  z.object({ order: anyOrder, fills: z.array(fill).describe('None of an offer') }).meta({ id: 'OrderAnswer' }),
);
const cancelledAnswer = success(z.object({ cancelled: z.int() }));

const failures = [
  ...(['UNAUTHENTICATED', 'NOT_FOUND', 'CONFLICT', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
  ...(['INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'] as const),
] as const;

/** Orders of the book. */
export function orderRoutes(app: App, deps: Deps, desk: Desk): void {
  const ways: Ways = { desk, offers: offersOf(deps), getPair: pairsOf(deps) };
  placeRoutes(app, deps, ways);
  readRoutes(app, deps, ways);
  changeRoutes(app, deps, ways);
}

/** Pairs by id, each asked for once: its steps stay. In which state it is and what bounds it, its writer knows. NOT_FOUND. */
function pairsOf({ pool }: Deps): Ways['getPair'] {
  const known = new Map<string, Pair>();
  return async (id) => {
    const pair = known.get(pairIdOf(id)) ?? (await findPair(pool, id));
    if (!pair) throw new Failure('NOT_FOUND', 'There is no such pair.');
    known.set(pair.id, pair);
    return pair;
  };
}

/** Of the caller's own, or NOT_FOUND. */
async function getOwn({ pool }: Deps, id: string, userId: string): Promise<PairedOrder> {
  const found = await findOrder(pool, id);
  if (found?.order.userId !== userId) throw new Failure('NOT_FOUND', 'There is no such order.');
  return found;
}

type Ways = { desk: Desk; offers: Offers; getPair: (id: string) => Promise<Pair> };

function placeRoutes(app: App, deps: Deps, { desk, offers, getPair }: Ways): void {
  app.post(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'orders.place',
        summary: 'Place an order',
        description:
          'What it may need is set aside, what matches is traded, and it is answered when both are written. ' +
          'Prices are multiples of the pair’s tick, amounts of its lot.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: orderRequest,
        response: answers({ 201: orderAnswer }, ...failures, 'RATE_LIMITED'),
      },
    },
    async (request, reply) => {
      if (request.body.kind === 'p2p') return offers.make(request, reply);
      const pair = await getPair(request.body.pairId);
      const { id: userId } = request.account;
      const order = takeOrder(request.body, pair, userId, deps.config, deps.now());
      const command: Placing = { kind: 'place', userId, orderId: order.id, body: order };
      const asked = request as FastifyRequest;
      const done = isRehearsal(asked)
        ? await desk.rehearse(pair.id, command)
        : await desk.give(pair.id, command, answerKey(asked));
      if (!('order' in done)) throw new Error(`an order was answered with ${Object.keys(done)}`);
      if (done.order.id !== order.id) reply.header('idempotency-replayed', 'true');
      reply.status(201);
      return ok({ order: done.order, fills: done.fills });
    },
  );
}

function readRoutes(app: App, deps: Deps, { offers, getPair }: Ways): void {
  const { pool } = deps;
  app.get(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'orders.list',
        summary: 'Your orders, newest first',
        querystring: pageQuery.extend({
          status: z
            .union([z.literal('active'), orderState])
            .optional()
            .describe('`active`: all that are not over'),
          pairId: pairId.optional(),
          clientOrderId: z.string().max(64).optional(),
        }),
        response: answers({ 200: list(orderView) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, status, pairId: asked, clientOrderId = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const states: readonly OrderState[] =
        status === undefined ? ORDER_STATES : status === 'active' ? ['open', 'partially_filled'] : [status];
      const rows = await listOrders(pool, {
        ...{ userId: request.account.id, states, clientOrderId, before: keys?.[0] ?? null, limit: limit + 1 },
        pairId: asked === undefined ? null : pairIdOf(asked),
      });
      const pairs = new Map((await listPairs(pool)).map((pair) => [pair.id, pair]));
      return pageOf(
        rows,
        limit,
        ({ order }) => [order.id],
        (row) => viewOrder(row.order, pairs.get(row.pairId) as Pair),
      );
    },
  );

  app.get(
    `${ROOT}/:orderId`,
    {
      schema: {
        tags,
        operationId: 'orders.get',
        summary: 'One order',
        params,
        response: answers({ 200: orderAnswer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const offer = await offers.find(request.params.orderId);
      if (offer) return ok({ order: offer, fills: [] });
      const found = await getOwn(deps, request.params.orderId, request.account.id);
      return ok(await viewWithFills(pool, found, await getPair(found.pairId)));
    },
  );
}

function changeRoutes(app: App, deps: Deps, { desk, offers, getPair }: Ways): void {
  /** Gives a command about an order of the caller's, and answers how it stands. */
  async function change(
    request: FastifyRequest,
    id: string,
    commandOf: (pair: Pair) => Pick<Command, 'kind' | 'body'>,
  ) {
    const userId = request.account.id;
    const { pairId: of } = await getOwn(deps, id, userId);
    const pair = await getPair(of);
    const command = { ...commandOf(pair), userId, orderId: id } as Command;
    try {
      const done = await desk.give(pair.id, command, answerKey(request));
      if (!('order' in done)) throw new Error(`an order was answered with ${Object.keys(done)}`);
      return ok({ order: done.order, fills: done.fills });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'FLOW_STATE_INVALID' || error.details.current_state)
        throw error;
      const { order } = await getOwn(deps, id, userId);
      const details = { ...error.details, current_state: order.state, order: viewOrder(order, pair) };
      throw new Failure(error.code, error.message, { details });
    }
  }

  app.put(
    `${ROOT}/:orderId`,
    {
      schema: {
        tags,
        operationId: 'orders.amend',
        summary: 'Change or cancel an order',
        description: 'Less of it keeps its place among others of its price; anything else loses it.',
        params,
        headers: idempotencyHeaders,
        body: amendRequest,
        response: answers({ 200: orderAnswer }, ...failures),
      },
    },
    async (request) => {
      const { body, params: of } = request;
      const offer = await offers.set(of.orderId, request.account.id, body);
      if (offer) return ok({ order: offer, fills: [] });
      if (body.status === 'paused' || body.status === 'open') throw invalidField('status', 'is of offers');
      return change(request as FastifyRequest, of.orderId, (pair) =>
        body.status === 'cancelled' ? { kind: 'cancel', body: {} } : { kind: 'amend', body: takeAmendment(body, pair) },
      );
    },
  );

  app.delete(
    `${ROOT}/:orderId`,
    {
      schema: {
        tags,
        operationId: 'orders.cancel',
        summary: 'Cancel an order',
        params,
        headers: idempotencyHeaders,
        response: answers({ 200: orderAnswer }, ...failures),
      },
    },
    async (request) => {
      const { orderId: id } = request.params;
      const offer = await offers.set(id, request.account.id, { status: 'cancelled' });
      if (offer) return ok({ order: offer, fills: [] });
      return change(request as FastifyRequest, id, () => ({ kind: 'cancel', body: {} }));
    },
  );

  app.delete(
    ROOT,
    {
      schema: {
        tags,
        operationId: 'orders.cancelAll',
        summary: 'Cancel all your orders, or those of a pair or a side',
        querystring: z.strictObject({ pairId: pairId.optional(), side: side.optional() }),
        headers: idempotencyHeaders,
        response: answers({ 200: cancelledAnswer }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID'),
      },
    },
    async (request) => {
      const { pairId: asked, side: of = null } = request.query;
      const { id: userId } = request.account;
      // Where none is named, a halted one is passed over.
      const open = async () => (await listPairs(deps.pool)).filter(({ state }) => state !== 'halted');
      const pairs = asked === undefined ? await open() : [await getPair(asked)];
      const body = { side: of, userId, operator: false };
      const given = pairs.map(({ id }) => desk.give(id, { kind: 'cancel_all', userId, orderId: null, body }, null));
      const done = await Promise.all(given);
      return ok({ cancelled: done.reduce((sum, one) => sum + ('cancelled' in one ? one.cancelled : 0), 0) });
    },
  );
}
