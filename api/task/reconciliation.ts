import { z } from 'zod';
import { reconcile } from '#db/invariants.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { requireAdmin } from '../people/account.ts';

const check = z
  .object({
    name: z.string(),
    meaning: z.string().describe('What is so when it is ok'),
    ok: z.boolean(),
    rows: z
      .array(z.record(z.string(), z.unknown()))
      .describe('What breaks it, or what there is to report; 100 at most'),
  })
  .meta({ id: 'Check' });

/** Whether the books agree with themselves, asked of one moment. Administrators only. */
export function reconciliationRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/admin/reconciliation',
    {
      schema: {
        operationId: 'books.reconcile',
        tags: ['Operations'],
        summary: 'Whether the books agree with themselves',
        description:
          'Every invariant as a query that finds what breaks it. Money in suspense, open tasks and refunds on their ' +
          'way are reported too, and are no failures. Of transfers that were found in order before, the last hundred ' +
          'thousand are looked through again; `whole=true` looks through all of them.',
        querystring: z.strictObject({ whole: z.enum(['true', 'false']).optional() }),
        response: answers(
          { 200: success(z.object({ ok: z.boolean(), checks: z.array(check) })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
        ),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { invariants, reports } = await reconcile(pool, { whole: request.query.whole === 'true' });
      const checks = [...invariants, ...reports.map((report) => ({ ...report, ok: true }))];
      return { success: true as const, data: { ok: invariants.every(({ ok }) => ok), checks } };
    },
  );
}
