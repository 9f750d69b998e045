import { z } from 'zod';
import { findDeal } from '#db/deals.ts';
import type { Executor, Transaction } from '#db/pool.ts';
import { makeRetry } from '#db/refunds.ts';
import { refundFromSuspense } from '#db/suspense.ts';
import { closeTask, findTask, listTasks, lockTask, type Task } from '#db/tasks.ts';
import { id, instant } from '#workflows/collaboration/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import { requireAdmin } from '../auth/account.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerKey, answerOnce, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { createDoor } from '../messages/door.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';

const KINDS = ['dispute', 'unmatched_capture', 'stuck_refund', 'charge_back', 'parked_deal'] as const;

/** What may be decided about each kind of task. */
const DECISIONS = {
  dispute: ['rule'],
  unmatched_capture: ['refund', 'dismiss'],
  stuck_refund: ['retry', 'dismiss'],
  charge_back: ['dismiss'],
  parked_deal: ['dismiss'],
} as const satisfies Record<Task['kind'], readonly string[]>;

/** Only what lies in suspense can be given back from there; a refund made elsewhere can only be looked at. */
function decisionsOn({ kind, details }: Task): readonly string[] {
  return kind === 'unmatched_capture' && !details.capture_id ? ['dismiss'] : DECISIONS[kind];
}

const task = z.object({
  id,
  kind: z.enum(KINDS),
  conversation_id: id.nullable(),
  details: z.record(z.string(), z.unknown()).describe('What it is about; amounts in minor units'),
  decisions: z.array(z.string()).describe('What may be decided'),
  opened_at: instant,
  closed_at: instant.nullable(),
  decision: z.record(z.string(), z.unknown()).nullable(),
  decided_by: id.nullable(),
});

const tags = ['Operations'];

/** What waits for an operator, and what an operator decides. Administrators only. */
export function adminRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const door = createDoor(deps);

  app.get(
    '/api/admin/tasks',
    {
      schema: {
        tags,
        summary: 'What waits for an operator, newest first',
        querystring: pageQuery.extend({
          status: z.enum(['open', 'closed']).default('open'),
          kind: z.enum(KINDS).optional(),
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
        tags,
        summary: 'Decide about a task',
        description:
          'A dispute is ruled on (`release_percent`, `reason`); an unmatched capture is refunded to whoever paid; a ' +
          'stuck refund is tried again; the rest is dismissed once you have looked at it. Each with a reason.',
        params: z.strictObject({ id }),
        headers: idempotencyHeaders,
        body: z.strictObject({
          decision: z.enum(['rule', 'refund', 'retry', 'dismiss']),
          reason: z.string().trim().min(1).max(2_000),
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
      const { id: taskId, kind, conversation_id: conversationId } = given(await findTask(pool, request.params.id));
      // A ruling is a step of its deal, and its key is remembered with it: all other decisions take theirs below.
      if (kind === 'dispute' && body.decision === 'rule') {
        if (body.release_percent === undefined) throw invalidField('release_percent', 'is needed for a ruling');
        const ruled = await door.click({
          conversationId: conversationId ?? '',
          caller: { accountId: account.id, roles: account.roles },
          buttonId: 'resolve_dispute',
          data: { release_percent: body.release_percent, reason: body.reason },
          key: answerKey(request),
          correlationId: request.id,
        });
        const said = sayAgain(request, reply, ruled);
        // What was refused is said as it was; checked against the route's schema when it is sent.
        if (ruled.status >= 400) return said as never;
        return { success: true as const, data: await view(pool, taskId) };
      }
      let decided = false;
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        decided = await decide(transaction, taskId, body, account.id);
        return { status: 200, body: { success: true as const, data: await view(transaction, taskId) } };
      });
      if (decided && conversationId && (await findDeal(pool, conversationId))) deps.ring(conversationId);
      return answer;
    },
  );

  /**
   * Decides on the task as it is under its lock, so that one of two who decide at once is told of the other. A decision
   * that was made is made: the same one again changes nothing. Whether this one changed anything.
   */
  async function decide(
    transaction: Transaction,
    taskId: string,
    { decision, reason }: { decision: string; reason: string },
    by: string,
  ): Promise<boolean> {
    const found = given(await lockTask(transaction, taskId));
    if (!decisionsOn(found).includes(decision)) {
      throw invalidField('decision', `can be ${decisionsOn(found).join(' or ')} here`);
    }
    if (found.closed_at) {
      if (found.decision?.decision === decision) return false;
      throw new Failure('CONFLICT', 'This task is closed already.', { details: { decision: found.decision } });
    }
    const now = deps.now().toISOString();
    if (decision === 'retry') {
      const retried = await makeRetry(transaction, String(found.details.refund_id), { decision, reason }, by, now);
      if (!retried) throw new Failure('CONFLICT', 'This refund is not one that failed.');
      return true;
    }
    if (decision === 'refund') await refundFromSuspense(transaction, String(found.details.capture_id), now);
    await closeTask(transaction, found.key, { decision, reason }, by, now);
    return true;
  }
}

async function view(executor: Executor, taskId: string) {
  return viewTask(given(await findTask(executor, taskId)));
}

function given(found: Task | null): Task {
  if (!found) throw new Failure('NOT_FOUND', 'There is no such task.');
  return found;
}

function viewTask(found: Task) {
  const { key: _, ...row } = found;
  return { ...row, decisions: row.closed_at ? [] : [...decisionsOn(found)] };
}
