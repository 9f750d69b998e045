import { z } from 'zod';
import { getPerson } from '#db/people/accounts.ts';
import { refuseBlocked } from '#db/people/blocks.ts';
import { changeXpRule, listXpRules } from '#db/xp/rules.ts';
import { standingOf } from '#db/xp/standing.ts';
import { id } from '#workflows/deal/contract.ts';
import { xpRule, xpRuleChange, xpView } from '#workflows/xp/contract.ts';
import { beginsAt, levelOf } from '#workflows/xp/level.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { requireAdmin } from '../people/account.ts';

const tags = ['Experience'];

/** Experience: what somebody has gained, and by which rules. */
export function xpRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/users/:id/xp',
    {
      schema: {
        ...{ operationId: 'users.xp', tags, summary: 'Experience, level and badges of somebody' },
        params: z.strictObject({ id }),
        response: answers({ 200: success(xpView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await getPerson(pool, params.id);
      await refuseBlocked(pool, account.id, params.id);
      const { xp, badges } = await standingOf(pool, params.id);
      const level = levelOf(xp);
      return ok({ xp, level, next_level_at: beginsAt(level + 1), badges });
    },
  );

  app.get(
    '/api/admin/xp/rules',
    {
      schema: {
        ...{ operationId: 'xp.rules', tags, summary: 'Every version of every rule, latest first (administrator)' },
        response: answers({ 200: success(z.array(xpRule)) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async ({ account }) => {
      requireAdmin(account);
      return ok([...(await listXpRules(pool))]);
    },
  );

  app.patch(
    '/api/admin/xp/rules/:action',
    {
      schema: {
        ...{ operationId: 'xp.changeRule', tags, summary: 'Make a new version of a rule (administrator)' },
        description: 'In force from now on; what was gained before stays.',
        params: z.strictObject({ action: z.string().max(64) }),
        body: xpRuleChange,
        response: answers(
          { 200: success(z.object({ rule: xpRule }).meta({ id: 'XpRuleAnswer' })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'] as const),
        ),
      },
    },
    async ({ account, params, body }) => {
      requireAdmin(account);
      const given = { change: body, by: account.id, now: deps.now().toISOString() };
      return ok({ rule: await pool.transaction((transaction) => changeXpRule(transaction, params.action, given)) });
    },
  );
}
