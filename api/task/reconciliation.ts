import { z } from 'zod';
import { createLooking, patientlyAt } from '#db/looking.ts';
import { instant } from '#workflows/deal/contract.ts';
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

/** All of a look, on the largest books that there are. */
const LONGEST_MS = 3_600_000;

/** Whether the books agree with themselves, asked of one moment. Administrators only. */
export function reconciliationRoutes(app: App, { pool, config, log }: Deps): void {
  const books = createLooking({
    pool,
    patiently: patientlyAt(config.DATABASE_URL, LONGEST_MS),
    failed: (error) => log.error({ err: error }, 'the books could not be looked at'),
  });
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
          'thousand are looked through again; `whole=true` looks through all of them. One look is taken at a time: who ' +
          'asks meanwhile has part in it. Where it takes longer than 20 s the answer is `UNAVAILABLE`, the look goes ' +
          'on, and whoever asks next after it is given what was found, with the instant it is of.',
        querystring: z.strictObject({ whole: z.enum(['true', 'false']).optional() }),
        response: answers(
          { 200: success(z.object({ ok: z.boolean(), at: instant, checks: z.array(check) })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
        ),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { at, invariants, reports } = await books.look({ whole: request.query.whole === 'true' });
      const checks = [...invariants, ...reports.map((report) => ({ ...report, ok: true }))];
      return { success: true as const, data: { ok: invariants.every(({ ok }) => ok), at, checks } };
    },
  );
}
