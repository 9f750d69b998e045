import { z } from 'zod';
import { exportOf } from '#db/people/export.ts';
import { leave } from '#db/people/leaving.ts';
import { leaveRequest } from '#workflows/people/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import type { Auth } from './auth.ts';

const tags = ['People'];

const section = z
  .object({
    complete: z.boolean().describe('False where there is more than is given'),
    items: z.array(z.looseObject({})),
  })
  .meta({ id: 'ExportedSection' });

/** What is kept of oneself, and the end of it. */
export function ownDataRoutes(app: App, deps: Deps, auth: Auth): void {
  const { pool } = deps;

  app.get(
    '/api/me/export',
    {
      schema: {
        operationId: 'people.export',
        tags,
        summary: 'All that is kept of you',
        description: 'By kind, as plain JSON. Amounts are in minor units of their asset.',
        response: answers(
          { 200: success(z.object({ exported_at: z.iso.datetime(), kept: z.record(z.string(), section) })) },
          'UNAUTHENTICATED',
        ),
      },
    },
    async ({ account }) => ({
      success: true as const,
      data: {
        exported_at: deps.now().toISOString(),
        kept: JSON.parse(JSON.stringify(await exportOf(pool, account.id))) as z.input<typeof exported>,
      },
    }),
  );

  app.delete(
    '/api/me',
    {
      schema: {
        operationId: 'people.leave',
        tags,
        summary: 'Delete your account',
        description:
          'Your name, texts, details, links and logins go, for good, and what you offer is ended. Refused with what it is, ' +
          'while money or an open process is yours; points (TOKEN, CREDIT, LYK) are given back. What was said in a deal, ' +
          'and the books, stay without a name. A wrong password counts as one at signing in. Where accounts are an outside ' +
          'issuer’s, no password is asked, and the token has to be of who signed in within the last five minutes ' +
          '(`auth_time`, else `iat`).',
        body: leaveRequest,
        response: answers(
          { 200: success(z.object({ left: z.literal(true) })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'CONFLICT', 'RATE_LIMITED'] as const),
        ),
      },
    },
    async ({ account, body, ip }) => {
      await auth.prove(account, body.password, ip);
      const sessions = await pool.transaction((transaction) =>
        leave(transaction, account.id, deps.now().toISOString()),
      );
      for (const sessionId of sessions) deps.bus.endSession(sessionId);
      return { success: true as const, data: { left: true as const } };
    },
  );
}

const exported = z.record(z.string(), section);
