import { z } from 'zod';
import { rowsOf } from '#db/kinds.ts';
import { findProcess } from '#db/process/processes.ts';
import { DECISIONS, decideTask } from '#db/task/decisions.ts';
import { refuseClaimed } from '#db/task/notes.ts';
import { findTask, listTasks, TASK_KINDS } from '#db/task/tasks.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { taskNoteRoutes } from './noteRoutes.ts';
import { getTaskView, givenTask, task, viewTask } from './taskView.ts';

const tags = ['Operations'];

/** What waits for an operator, and what an operator decides. Administrators only. */
export function adminRoutes(app: App, deps: Deps, give: Give): void {
  const { pool } = deps;
  taskNoteRoutes(app, deps);

  app.get(
    '/api/admin/tasks',
    {
      schema: {
        operationId: 'tasks.list',
        tags,
        summary: 'What waits for an operator, newest first',
        querystring: pageQuery.extend({
          status: z.enum(['open', 'closed']).default('open'),
          kind: z.enum(TASK_KINDS).optional(),
        }),
        response: answers({ 200: list(task) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, status, kind } = request.query;
      const keys = decodeCursor(cursor, cursorKeys);
      const before = keys && { openedAt: keys[0], id: keys[1] };
      const rows = await listTasks(pool, { open: status === 'open', kind: kind ?? null, limit: limit + 1, before });
      return pageOf(rows, limit, (row) => [row.opened_at, row.id], viewTask);
    },
  );

  app.post(
    '/api/admin/tasks/:id/decision',
    {
      schema: {
        operationId: 'tasks.decide',
        tags,
        summary: 'Decide about a task',
        description:
          'A dispute is ruled on (`release_percent`, `reason`); a payout is approved or rejected; an unmatched capture is refunded to whoever paid; a ' +
          'stuck refund is tried again, or settled after you have paid it another way; what waits for a dispute at a bank ' +
          'goes on; the rest is dismissed once you have looked at it. Each with a reason.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({
          decision: z.enum(DECISIONS),
          reason: words(2_000),
          release_percent: z.int().min(0).max(100).optional(),
        }),
        response: answers(
          { 200: success(task) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'FLOW_STATE_INVALID',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { body, account } = request;
      const found = givenTask(await findTask(pool, request.params.id));
      await refuseClaimed(pool, found, account.id);
      const { id: taskId, kind, process_id: processId } = found;
      // A ruling is a step of its process, and its key is remembered with it: all other decisions take theirs below.
      const isRuling = kind === 'dispute' && body.decision === 'rule';
      const isApproval = kind === 'payout_approval' && (body.decision === 'approve' || body.decision === 'reject');
      if (isRuling || isApproval) {
        if (isRuling && body.release_percent === undefined) {
          throw invalidField('release_percent', 'is needed for a ruling');
        }
        const stored = processId === null ? null : await findProcess(pool, processId);
        const on = stored && (isApproval ? body.decision : rowsOf(stored.process.kind).rules);
        if (!stored || !on) throw new Failure('NOT_FOUND', 'There is nothing to rule on.');
        const ruled = await give({
          ...givenBy(request),
          kind: stored.process.kind,
          processId: stored.process.id,
          on,
          data: isApproval ? { reason: body.reason } : { release_percent: body.release_percent, reason: body.reason },
          via: { button_id: on },
        });
        const said = sayAgain(request, reply, ruled);
        // What was refused is said as it was; checked against the route's schema when it is sent.
        if (ruled.status >= 400) return said as never;
        return { success: true as const, data: await getTaskView(pool, taskId) };
      }
      let decided = false;
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        const { decision, reason } = body;
        const origin = {
          now: deps.now().toISOString(),
          systemUserId: deps.config.SYSTEM_USER_ID,
          correlationId: request.id,
        };
        decided = await decideTask(transaction, taskId, { decision, reason }, account.id, origin);
        return { status: 200, body: { success: true as const, data: await getTaskView(transaction, taskId) } };
      });
      if (decided && processId) deps.ring(processId);
      return answer;
    },
  );
}
