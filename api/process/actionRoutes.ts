import { z } from 'zod';
import { findOpenOrder } from '#db/payment/orders.ts';
import { caseOf } from '#workflows/cases.ts';
import type { Failure } from '#workflows/failures.ts';
import type { CaseButton } from '#workflows/process/case.ts';
import type { Process } from '#workflows/process/machine.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { ensureOrder } from '../payment/order.ts';
import type { Account } from '../people/account.ts';
import { type Give, givenBy } from './giving.ts';
import { process } from './shapes.ts';
import { circumstancesOf, getVisibleCase, type Looking, viewCase } from './view.ts';

const tags = ['Processes'];
const params = z.strictObject({ id: z.uuid().toLowerCase(), name: z.string().min(1).max(60) });
const body = z
  .record(z.string().max(60), z.unknown())
  .nullish()
  .describe('What the action’s `input` asks for, by its id, and its `data` as it was')
  .meta({ examples: [{}] });

/** Acting on any process, as its kind's own endpoint does; and what an action would do with money. */
export function actionRoutes(app: App, deps: Deps, give: Give): void {
  const { pool, config } = deps;
  const looking = (account: Account): Looking => ({ account, config, now: deps.now().toISOString() });

  app.post(
    '/api/processes/:id/actions/:name',
    {
      schema: {
        operationId: 'processes.act',
        tags,
        summary: 'Do one of a process’s actions',
        params,
        headers: idempotencyHeaders,
        body,
        response: answers(
          { 200: success(process) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'FLOW_STATE_INVALID',
          'OFFER_STALE',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { id, name } = request.params;
      const look = looking(request.account);
      const { process: stored } = await getVisibleCase(pool, id, look);
      const button = getButton(stored, name);
      const data = taken(button, request.body ?? {});
      const via = caseOf(stored.kind).viaOf(name);
      const given = await give({ ...givenBy(request), kind: stored.kind, processId: id, on: name, data, via });
      const said = sayAgain(request, reply, given);
      // A refusal that was remembered is a whole answer.
      if (given.status >= 400) return said as never;
      if (given.lacks) throw lacking(button);
      // An order that the action asked for is made at its provider now, and is the same while it is open.
      if ((await findOpenOrder(pool, id))?.payer_id === request.account.id) await ensureOrder(deps, id);
      const after = looking(request.account);
      return { success: true as const, data: await viewCase(pool, await getVisibleCase(pool, id, after), after) };
    },
  );

  app.post(
    '/api/processes/:id/actions/:name/consequence',
    {
      schema: {
        operationId: 'processes.foresee',
        tags,
        summary: 'What an action would do with money',
        description: 'With what is filled in so far. Nothing is changed by asking.',
        params,
        body,
        response: answers(
          { 200: success(z.object({ consequence: z.string().nullable() })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async (request) => {
      const { id, name } = request.params;
      const look = looking(request.account);
      const found = await getVisibleCase(pool, id, look);
      const data = taken(getButton(found.process, name), request.body ?? {});
      const at = await circumstancesOf(pool, found.process, look);
      const words = caseOf(found.process.kind);
      const consequence = words.consequenceOf(found.process, found.role ?? 'admin', { on: name, data }, at);
      return { success: true as const, data: { consequence } };
    },
  );
}

function getButton(stored: Process, name: string): CaseButton {
  const button = caseOf(stored.kind).buttonOf(stored, name);
  if (!button) throw invalidField('name', `is no action of a ${stored.kind}`);
  return button;
}

/** What was sent, where the action asks for all of it. VALIDATION_FAILED for anything else. */
function taken({ fields, data }: CaseButton, sent: Record<string, unknown>): Record<string, unknown> {
  const known = new Set([...fields.map(({ id }) => id), ...Object.keys(data)]);
  for (const key of Object.keys(sent)) if (!known.has(key)) throw invalidField(key, 'is not a known field');
  return sent;
}

function lacking({ fields }: CaseButton): Failure {
  const missing = fields.filter(({ required }) => required).map(({ id }) => id);
  return invalidField(missing[0] ?? 'body', 'is needed');
}
