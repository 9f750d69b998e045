import { z } from 'zod';
import { findDeal } from '#db/deals.ts';
import { retryRefund } from '#db/refunds.ts';
import { refundFromSuspense } from '#db/suspense.ts';
import { closeTask, findTask, listTasks, type Task } from '#db/tasks.ts';
import { id, instant } from '#workflows/collaboration/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import { requireAdmin } from '../auth/account.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerKey, idempotencyHeaders } from '../idempotency.ts';
import { createDoor } from '../messages/door.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';

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
      const keys = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
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
        ),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { body, account } = request;
      const found = await getTask(request.params.id);
      if (!decisionsOn(found).includes(body.decision)) {
        throw invalidField('decision', `can be ${decisionsOn(found).join(' or ')} here`);
      }
      if (body.decision === 'rule') {
        if (body.release_percent === undefined) throw invalidField('release_percent', 'is needed for a ruling');
        await door.click({
          conversationId: found.conversation_id ?? '',
          caller: { accountId: account.id, roles: account.roles },
          buttonId: 'resolve_dispute',
          data: { release_percent: body.release_percent, reason: body.reason },
          key: answerKey(request),
          correlationId: request.id,
        });
      } else {
        await decide(found, body.decision, body.reason, account.id);
      }
      return { success: true as const, data: viewTask(await getTask(found.id)) };
    },
  );

  /** A decision that was made is made: the same one again changes nothing and is answered with the task. */
  async function decide(
    found: Task,
    decision: 'refund' | 'retry' | 'dismiss',
    reason: string,
    by: string,
  ): Promise<void> {
    if (found.closed_at) {
      if (found.decision?.decision === decision) return;
      throw new Failure('CONFLICT', 'This task is closed already.', { details: { decision: found.decision } });
    }
    const now = deps.now().toISOString();
    if (decision === 'retry') {
      const retried = await retryRefund(pool, String(found.details.refund_id), by, now);
      if (!retried) throw new Failure('CONFLICT', 'This refund is not one that failed.');
    } else {
      await pool.transaction(async (transaction) => {
        if (decision === 'refund') await refundFromSuspense(transaction, String(found.details.capture_id ?? ''), now);
        await closeTask(transaction, found.key, { decision, reason }, by, now);
      });
    }
    if (found.conversation_id && (await findDeal(pool, found.conversation_id))) deps.ring(found.conversation_id);
  }

  async function getTask(taskId: string): Promise<Task> {
    const found = await findTask(pool, taskId);
    if (!found) throw new Failure('NOT_FOUND', 'There is no such task.');
    return found;
  }
}

function viewTask(found: Task) {
  const { key: _, ...row } = found;
  return { ...row, decisions: row.closed_at ? [] : [...decisionsOn(found)] };
}
