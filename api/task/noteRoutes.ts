import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Transaction } from '#db/pool.ts';
import { addNote, listNotes, setClaim } from '#db/task/notes.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { requireAdmin } from '../people/account.ts';
import { getTaskView, task } from './taskView.ts';

const tags = ['Operations'];
const params = z.strictObject({ id });
const note = z
  .object({
    kind: z
      .enum(['note', 'claim', 'unclaim', 'decision', 'opened_anew'])
      .describe('decision: how it was closed, by whom and why; opened_anew: what was heard later'),
    by_id: id.nullable(),
    data: z.record(z.string(), z.unknown()),
    at: instant,
  })
  .meta({ id: 'TaskNote' });
const whole = task.extend({ notes: z.array(note) }).meta({ id: 'TaskWithNotes' });

/** Who is at a task, and what was said about it: it stays, whatever is heard later. */
export function taskNoteRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/admin/tasks/:id',
    {
      schema: {
        operationId: 'tasks.get',
        tags,
        summary: 'One task, with all that was said and decided about it',
        params,
        response: answers({ 200: success(whole) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const found = await getTaskView(pool, request.params.id);
      return { success: true as const, data: { ...found, notes: [...(await listNotes(pool, found.id))] } };
    },
  );

  type Work = (transaction: Transaction, taskId: string, by: string) => Promise<void>;
  async function change(request: FastifyRequest, reply: FastifyReply, work: Work) {
    requireAdmin(request.account);
    const { id: taskId } = request.params as z.infer<typeof params>;
    return answerOnce(pool, request, reply, async (transaction) => {
      await work(transaction, taskId, request.account.id);
      return { status: 200, body: { success: true as const, data: await getTaskView(transaction, taskId) } };
    });
  }
  const refusals = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'IDEMPOTENCY_MISMATCH'] as const;
  const changed = answers({ 200: success(task) }, ...refusals);

  for (const { method, operationId, summary, claims } of CLAIMS) {
    app.route({
      method,
      url: '/api/admin/tasks/:id/claim',
      schema: { operationId, tags, summary, params, headers: idempotencyHeaders, response: changed },
      handler: (request, reply) =>
        change(request as FastifyRequest, reply as FastifyReply, (transaction, taskId, by) =>
          setClaim(transaction, taskId, { claims, by, now: now() }),
        ) as never,
    });
  }

  app.post(
    '/api/admin/tasks/:id/notes',
    {
      schema: {
        operationId: 'tasks.addNote',
        tags,
        summary: 'Say something about a task',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({ text: words(5_000) }).meta({ id: 'NewTaskNote' }),
        response: changed,
      },
    },
    (request, reply) =>
      change(request, reply, (transaction, taskId, by) =>
        addNote(transaction, taskId, { text: request.body.text, by, now: now() }),
      ),
  );
}

const CLAIMS = [
  {
    method: 'POST',
    operationId: 'tasks.claim',
    summary: 'Take a task up: nobody else decides meanwhile',
    claims: true,
  },
  { method: 'DELETE', operationId: 'tasks.unclaim', summary: 'Lay a task down', claims: false },
] as const;
