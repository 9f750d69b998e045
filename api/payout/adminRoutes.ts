import { z } from 'zod';
import { letPayoutGoOn, listWaitingPayouts } from '#db/payment/payees.ts';
import { insertCommissionRule, listCommissionRules } from '#db/payout/commissions.ts';
import { findPause, type Pause, pausePayouts, resumePayouts } from '#db/payout/pauses.ts';
import { brokenConstraint } from '#db/pool.ts';
import { KINDS, type Kind } from '#workflows/kinds.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { payoutAt } from './payout.ts';
import { payoutAnswer } from './routes.ts';

const tags = ['Operations'];
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();

const pauseView = z
  .object({
    paused: z.boolean(),
    since: instant.nullable(),
    by: id.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'PayoutPause' });

const rule = z
  .object({
    id,
    kind: z.enum(KINDS as [Kind, ...Kind[]]),
    user_id: id.nullable().describe('null: everybody'),
    bps: z.int(),
    fixed: z.string().describe('On top, in minor units'),
    effective_from: instant,
    effective_to: instant.nullable(),
    reason: z.string(),
    made_by: id,
    made_at: instant,
  })
  .meta({ id: 'CommissionRule' });

/** What operators do about payouts. */
export function payoutAdminRoutes(app: App, deps: Deps, give: Give): void {
  pauseRoutes(app, deps);
  commissionRoutes(app, deps);
  const now = () => deps.now().toISOString();

  for (const { path, on, operationId, summary, body } of COMMANDS) {
    app.post(
      `/api/admin/payouts/:id/${path}`,
      {
        schema: {
          operationId,
          tags,
          summary,
          description: 'By an administrator who is not whoever is paid; by no other where one has taken its task up.',
          params: z.strictObject({ id }),
          querystring: dryRunQuery,
          headers: idempotencyHeaders,
          body,
          response: answers(
            { 200: payoutAnswer },
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
        const { id: processId } = request.params;
        const { dry_run: _, ...data } = { ...(request.body as { dry_run?: boolean } | null | undefined) };
        const given = await give({
          ...{ ...givenBy(request), kind: 'payout', processId, on, data, via: {} },
          view: payoutAt({ id: processId, userId: null }, request.account, now()),
        });
        return sayAgain(request, reply, given) as never;
      },
    );
  }
}

function pauseRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.get(
    '/api/admin/payouts/pause',
    {
      schema: {
        operationId: 'payouts.getPause',
        tags,
        summary: 'Whether payouts leave',
        response: answers({ 200: success(pauseView) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      return { success: true as const, data: viewPause(await findPause(pool)) };
    },
  );

  app.post(
    '/api/admin/payouts/pause',
    {
      schema: {
        operationId: 'payouts.pause',
        tags,
        summary: 'Let no payout leave',
        description: 'Whatever has not left waits; what may have left is asked about all the same.',
        headers: idempotencyHeaders,
        body: z.strictObject({ reason: words(500) }),
        response: answers({ 200: success(pauseView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      return answerOnce(pool, request, reply, async (transaction) => {
        await pausePayouts(transaction, request.account.id, request.body.reason, now());
        return { status: 200, body: { success: true as const, data: viewPause(await findPause(transaction)) } };
      });
    },
  );

  app.post(
    '/api/admin/payouts/resume',
    {
      schema: {
        operationId: 'payouts.resume',
        tags,
        summary: 'Let payouts leave again',
        headers: idempotencyHeaders,
        body: z.strictObject({}).nullish(),
        response: answers({ 200: success(pauseView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const answer = await answerOnce(pool, request, reply, async (transaction) => {
        await resumePayouts(transaction, request.account.id, now());
        return { status: 200, body: { success: true as const, data: viewPause(null) } };
      });
      // One after the other, each in a transaction of its own: should this end in between, the rest go on by themselves.
      const origin = { now: now(), systemUserId: deps.config.SYSTEM_USER_ID, correlationId: request.id };
      for (const processId of await listWaitingPayouts(pool, null)) {
        await pool.transaction((transaction) => letPayoutGoOn(transaction, processId, origin));
        deps.ring(processId);
      }
      return answer;
    },
  );
}

function commissionRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/commission-rules',
    {
      schema: {
        operationId: 'commissions.addRule',
        tags,
        summary: 'Say what we take, from when on',
        description: 'For everybody or one user. What was agreed on before keeps the rule of that day.',
        headers: idempotencyHeaders,
        body: z
          .strictObject({
            kind: z.enum(KINDS as [Kind, ...Kind[]]),
            user_id: id.optional(),
            bps: z.int().min(0).max(10_000),
            fixed: z
              .string()
              .regex(/^\d{1,12}$/)
              .default('0'),
            effective_from: instant.optional().describe('Now, where left out; never before'),
            effective_to: instant.optional(),
            reason: words(500),
          })
          .meta({ id: 'NewCommissionRule', examples: [{ kind: 'payout', bps: 50, reason: 'Spring' }] }),
        response: answers({ 201: success(rule) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { kind, user_id = null, bps, fixed, reason, effective_to } = request.body;
      if (!TAKES_COMMISSION.has(kind)) throw invalidField('kind', 'is none that anything is taken of: deal or payout');
      if (kind !== 'payout' && fixed !== '0') throw invalidField('fixed', 'is taken of payouts alone');
      const at = now();
      const from = request.body.effective_from ? new Date(request.body.effective_from).toISOString() : at;
      if (from < at) throw invalidField('effective_from', 'is in the past');
      const to = effective_to ? new Date(effective_to).toISOString() : null;
      if (to !== null && to <= from) throw invalidField('effective_to', 'is not after effective_from');
      return answerOnce(pool, request, reply, async (transaction) => {
        try {
          const made = await insertCommissionRule(transaction, {
            kind,
            user_id,
            bps,
            fixed: BigInt(fixed),
            effective_from: from,
            effective_to: to,
            reason,
            made_by: request.account.id,
            made_at: at,
          });
          return { status: 201, body: { success: true as const, data: viewRule(made) } };
        } catch (error) {
          if (brokenConstraint(error) !== 'commission_rules_user_id_fkey') throw error;
          throw invalidField('user_id', 'is nobody');
        }
      });
    },
  );

  app.get(
    '/api/admin/commission-rules',
    {
      schema: {
        operationId: 'commissions.listRules',
        tags,
        summary: 'What we take, the newest rule first',
        querystring: pageQuery,
        response: answers({ 200: list(rule) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listCommissionRules(pool, limit + 1, keys?.[0] ?? null);
      return pageOf(rows, limit, (row) => [row.id], viewRule);
    },
  );
}

const TAKES_COMMISSION: ReadonlySet<Kind> = new Set(['deal', 'payout']);
const nothing = z.strictObject({ dry_run: dryRun }).nullish();
const COMMANDS = [
  { path: 'approve', on: 'approve', operationId: 'payouts.approve', summary: 'Approve a payout', body: nothing },
  {
    path: 'reject',
    on: 'reject',
    operationId: 'payouts.reject',
    summary: 'Reject a payout',
    body: z.strictObject({ reason: words(500), dry_run: dryRun }),
  },
] as const;

function viewPause(pause: Pause | null): z.infer<typeof pauseView> {
  return {
    paused: pause !== null,
    since: pause?.paused_at ?? null,
    by: pause?.paused_by ?? null,
    reason: pause?.reason ?? null,
  };
}

function viewRule(row: Awaited<ReturnType<typeof insertCommissionRule>>): z.infer<typeof rule> {
  return { ...row, kind: row.kind as Kind, fixed: row.fixed.toString() };
}
