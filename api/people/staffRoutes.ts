import { z } from 'zod';
import { ROLES } from '#db/people/accounts.ts';
import { addNote, barPerson, getWhoWas, listNotes, listPeople, removePerson, unbarPerson } from '#db/people/staff.ts';
import type { Executor } from '#db/pool.ts';
import { asUuid } from '#workflows/ids.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from './account.ts';
import type { Auth } from './auth.ts';

const tags = ['Operations'];
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();
const params = z.strictObject({ id });

const personShape = {
  id,
  handle: z.string(),
  display_name: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  created_at: instant,
  left_at: instant.nullable().describe('When their account was deleted; null where it is there'),
  sessions: z.int().describe('In how many places they are signed in'),
  barred: z
    .object({ at: instant, by: z.string().describe('A handle'), reason: z.string() })
    .meta({ id: 'PersonBarred' })
    .nullable()
    .describe('Null where they may sign in'),
};
const listed = z.object(personShape).meta({ id: 'StaffPersonListed' });
const person = z
  .object({
    ...personShape,
    notes: z.array(
      z
        .object({ id, author: z.string().describe('A handle'), text: z.string(), written_at: instant })
        .meta({ id: 'StaffNote' }),
    ),
  })
  .meta({ id: 'StaffPerson' });

/** What staff sees of people, and does about them. Administrators only. */
export function staffRoutes(app: App, deps: Deps, auth: Auth): void {
  findRoutes(app, deps);
  barRoutes(app, deps, auth);
  removeRoute(app, deps);
  const { pool } = deps;

  app.post(
    '/api/admin/people/:id/notes',
    {
      schema: {
        operationId: 'people.addNote',
        tags,
        summary: 'Write down something about somebody, for staff alone',
        params,
        headers: idempotencyHeaders,
        body: z.strictObject({ text: words(2_000) }),
        response: answers(
          { 200: success(person) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { id: userId } = request.params;
      return answerOnce(pool, request, reply, async (transaction) => {
        const now = deps.now().toISOString();
        await addNote(transaction, { userId, by: request.account.id, text: request.body.text, now });
        return said(await view(transaction, userId));
      });
    },
  );
}

function findRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/admin/people',
    {
      schema: {
        operationId: 'people.find',
        tags,
        summary: 'People, by id or by how their handle begins, newest first',
        querystring: pageQuery.extend({ q: z.string().trim().min(1).max(100).optional() }),
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, q = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const asked = { q, id: asUuid(q)?.toLowerCase() ?? null, limit: limit + 1, before: keys?.[0] ?? null };
      return pageOf(
        await listPeople(pool, asked),
        limit,
        (row) => [row.id],
        (row) => row,
      );
    },
  );

  app.get(
    '/api/admin/people/:id',
    {
      schema: {
        operationId: 'people.look',
        tags,
        summary: 'Somebody, with what staff wrote down about them',
        params,
        response: answers({ 200: success(person) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      return { success: true as const, data: await view(pool, request.params.id) };
    },
  );
}

const staffReason = z
  .strictObject({ reason: words(500) })
  .meta({ id: 'StaffReason', examples: [{ reason: 'They asked.' }] });

const DOINGS = {
  block: { operationId: 'people.bar', summary: 'Let somebody not sign in any more, and sign them out everywhere' },
  unblock: { operationId: 'people.unbar', summary: 'Let somebody sign in again' },
  'sign-out': { operationId: 'people.signOut', summary: 'Sign somebody out everywhere' },
} as const;

function barRoutes(app: App, deps: Deps, auth: Auth): void {
  const { pool } = deps;
  for (const doing of ['block', 'unblock', 'sign-out'] as const) {
    app.post(
      `/api/admin/people/:id/${doing}`,
      {
        schema: {
          ...DOINGS[doing],
          tags,
          description: 'What they have under way goes on. The reason is kept as a note.',
          params,
          headers: idempotencyHeaders,
          body: staffReason,
          response: answers(
            { 200: success(person) },
            'UNAUTHENTICATED',
            'FORBIDDEN',
            'NOT_FOUND',
            'IDEMPOTENCY_MISMATCH',
          ),
        },
      },
      async (request, reply) => {
        requireAdmin(request.account);
        const { id: userId } = request.params;
        const { reason } = request.body;
        const by = request.account.id;
        const answer = await answerOnce(pool, request, reply, async (transaction) => {
          const now = deps.now().toISOString();
          if (doing === 'block') await barPerson(transaction, { userId, by, reason, now });
          if (doing === 'unblock') await unbarPerson(transaction, userId);
          await addNote(transaction, { userId, by, text: `${TOLD[doing]}: ${reason}`, now });
          return said(await view(transaction, userId));
        });
        if (doing === 'unblock') return answer;
        // After it is written: whoever signs in again in between is refused, or signed out now.
        await auth.endSessionsOf(userId, 'admin');
        return { success: true as const, data: await view(pool, userId) };
      },
    );
  }
}

function removeRoute(app: App, deps: Deps): void {
  app.delete(
    '/api/admin/people/:id',
    {
      schema: {
        operationId: 'people.remove',
        tags,
        summary: 'Delete somebody’s account',
        description:
          'As they would themselves (`DELETE /api/me`), for who asks and cannot sign in: refused while money or an open ' +
          'process is theirs. What was written down about them goes as well; the reason is kept as a note.',
        params,
        headers: idempotencyHeaders,
        body: staffReason,
        response: answers(
          { 200: success(person) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { id: userId } = request.params;
      let sessions: readonly string[] = [];
      const answer = await answerOnce(deps.pool, request, reply, async (transaction) => {
        const asked = { userId, by: request.account.id, reason: request.body.reason, now: deps.now().toISOString() };
        sessions = await removePerson(transaction, asked);
        return said(await view(transaction, userId));
      });
      for (const sessionId of sessions) deps.bus.endSession(sessionId);
      return answer;
    },
  );
}

const TOLD = { block: 'Blocked', unblock: 'Let in again', 'sign-out': 'Signed out' } as const;

async function view(executor: Executor, userId: string): Promise<z.infer<typeof person>> {
  return { ...(await getWhoWas(executor, userId)), notes: [...(await listNotes(executor, userId))] };
}

function said(data: z.infer<typeof person>) {
  return { status: 200 as const, body: { success: true as const, data } };
}
