import { z } from 'zod';
import { ROUTING_KEYS } from '#db/event/publications.ts';
import { findReplay, insertReplay, listReplays, REPLAYED_AT_MOST, type Replay } from '#db/event/replays.ts';
import { Failure } from '#workflows/failures.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';

const tags = ['Operations'];
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();

const replay = z
  .object({
    id,
    status: z.enum(['waiting', 'done', 'failed']),
    queue: z.string(),
    from: instant,
    until: instant,
    key: z.enum(ROUTING_KEYS).nullable(),
    about: z.string().nullable(),
    reason: z.string(),
    asked_by: id,
    asked_at: instant,
    events: z.int().describe('How many there were of that time when it was asked for'),
    sent: z.int().describe('How many the queue has taken'),
    ended_at: instant.nullable(),
    why: z.string().nullable().describe('Why it failed, or, while it waits, for what'),
  })
  .meta({ id: 'EventReplay' });

const asked = z
  .strictObject({
    queue: z
      .string()
      .regex(/^(?!amq\.)[\w.:-]{1,255}$/)
      .describe('One queue of RabbitMQ, which has to be there'),
    from: instant,
    until: instant.optional().describe('Not in it any more; now, where left out'),
    key: z.enum(ROUTING_KEYS).optional(),
    about: z
      .string()
      .regex(/^[a-z]{1,30}\/[\w-]{1,100}$/)
      .optional()
      .describe('What they are about, such as gig/<id>'),
    reason: words(500),
  })
  .meta({
    id: 'NewEventReplay',
    examples: [
      {
        queue: 'gig_credit_queue',
        from: '2026-03-01T09:00:00.000Z',
        until: '2026-03-01T10:00:00.000Z',
        key: 'boost.event',
        reason: 'Its consumer lost an hour',
      },
    ],
  });

/** What other services were told, once more into one queue. Administrators only. */
export function eventReplayRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  askRoute(app, deps);
  const { pool } = deps;

  app.get(
    '/api/admin/event-replays',
    {
      schema: {
        operationId: 'eventReplays.list',
        tags,
        summary: 'What was sent once more, the newest first',
        querystring: pageQuery,
        response: answers({ 200: list(replay) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      return pageOf(await listReplays(pool, limit + 1, keys?.[0] ?? null), limit, (row) => [row.id], view);
    },
  );

  app.get(
    '/api/admin/event-replays/:id',
    {
      schema: {
        operationId: 'eventReplays.get',
        tags,
        summary: 'How far one is',
        params: z.strictObject({ id }),
        response: answers({ 200: success(replay) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const found = await findReplay(pool, request.params.id);
      if (!found) throw new Failure('NOT_FOUND', 'There is no such replay.');
      return { success: true as const, data: view(found) };
    },
  );
}

function askRoute(app: App, { pool, now }: Pick<Deps, 'pool' | 'now'>): void {
  app.post(
    '/api/admin/event-replays',
    {
      schema: {
        operationId: 'eventReplays.ask',
        tags,
        summary: 'Have what happened in a time sent once more, into one queue',
        description:
          'In its order, with the ids it had, past the exchange, and marked by `x-replayed-at`: no other queue hears of ' +
          `it. At most ${REPLAYED_AT_MOST} events. It is carried out by the worker: ask how far it is.`,
        headers: idempotencyHeaders,
        body: asked,
        response: answers(
          { 202: success(replay) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { queue, key: routingKey = null, about = null, reason } = request.body;
      const at = now().toISOString();
      const from = new Date(request.body.from).toISOString();
      const until = request.body.until === undefined ? at : new Date(request.body.until).toISOString();
      if (from < '1970') throw invalidField('from', 'is not an instant after 1970');
      if (until > at) throw invalidField('until', 'is in the future');
      if (from >= until) throw invalidField('from', 'is not before until');
      return answerOnce(pool, request, reply, async (transaction) => {
        const range = { from, until, routingKey, about };
        const made = await insertReplay(transaction, { ...range, queue, reason, by: request.account.id, now: at });
        return { status: 202, body: { success: true as const, data: view(made) } };
      });
    },
  );
}

function view({ routing_key, failure, after_at: _at, after_id: _id, ...row }: Replay): z.infer<typeof replay> {
  const status = row.ended_at === null ? 'waiting' : failure === null ? 'done' : 'failed';
  return { ...row, status, key: routing_key as (typeof ROUTING_KEYS)[number] | null, why: failure };
}
