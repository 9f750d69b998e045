import { z } from 'zod';
import { listSteps } from '#db/process/processes.ts';
import { chatStatus, id, instant, party, state } from '#workflows/deal/contract.ts';
import { newDeal } from '#workflows/deal/machine.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import {
  awaitingRole,
  type DealKind,
  ROLES,
  type Role,
  STATES,
  type State,
  chatStatus as statusOf,
  TRANSITIONS,
} from '#workflows/deal/table.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { getVisible } from '../talk/service.ts';

const tags = ['Messages'];
const kind = z.enum(['campaign', 'bid']).meta({ id: 'DealKind' });

const flow = z
  .object({
    states: z.array(
      z.object({
        name: state,
        awaiting_role: party.nullable().describe('Whose turn it is; null where nobody’s, or both’s'),
        chat_status: chatStatus,
        opens: kind.nullable().describe('The kind of deal that begins here'),
      }),
    ),
    transitions: z.array(
      z.object({
        from: state,
        to: state.describe('The same as `from` where the command leaves the deal in its state'),
        on: z.string().describe('The button, the input, or what a provider or time did'),
        by: z.array(z.enum(ROLES)),
        kind: kind.nullable().describe('Only in deals of this kind; null in all'),
      }),
    ),
  })
  .meta({ id: 'Flow' });

/** The machine of a deal, for whoever wants to draw it. For everybody: it says nothing about anybody. */
export function flowRoutes(app: App): void {
  const answer = { success: true as const, data: describeFlow() };
  app.get(
    '/api/flow',
    {
      schema: {
        operationId: 'flows.get',
        tags,
        summary: 'The states of a deal and what leads from one to the other',
        response: answers({ 200: success(flow) }),
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return answer;
    },
  );
}

const KINDS = kind.options;

function describeFlow(): z.infer<typeof flow> {
  const first = (each: DealKind) => newDeal('', each, { proposed: '0', policy: DEFAULT_POLICY }, '').state;
  return {
    states: STATES.map((name) => ({
      name,
      awaiting_role: awaitingRole(name),
      chat_status: statusOf(name),
      opens: KINDS.find((each) => first(each) === name) ?? null,
    })),
    transitions: TRANSITIONS.flatMap((row) =>
      row.from.map((from) => ({
        from: from as State,
        to: (row.to === 'same' || row.to === 'again' ? from : row.to) as State,
        on: row.on,
        by: row.by as Role[],
        kind: (row.variant as DealKind | undefined) ?? null,
      })),
    ),
  };
}

const step = z
  .object({
    n: z.int().describe('Numbered per deal from 1, without gaps'),
    on: z.string(),
    by: z.enum(ROLES),
    from: state,
    to: state,
    at: instant,
  })
  .meta({ id: 'Step' });

/** The way one deal took. In a scope of `requireAccount`. */
export function stepRoutes(app: App, { pool }: Pick<Deps, 'pool'>): void {
  app.get(
    '/api/messages/conversations/:id/steps',
    {
      schema: {
        operationId: 'deals.listSteps',
        tags,
        summary: 'Every step a deal took, oldest first',
        description: 'Who did what, and where it led. Empty for direct conversations.',
        params: z.strictObject({ id }),
        querystring: pageQuery,
        response: answers({ 200: list(step) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      await getVisible(pool, request.params.id, request.account);
      const [after = 0] =
        decodeCursor(
          cursor,
          z.tuple([
            z
              .int()
              .min(0)
              .max(2 ** 31 - 1),
          ]),
        ) ?? [];
      const rows = await listSteps(pool, request.params.id, after, limit + 1);
      return pageOf(
        rows,
        limit,
        ({ n }) => [n],
        // What a step remembers of its command, and whose account it was, is not for everybody who may look.
        ({ n, on, by, from, to, at }) => ({ n, on, by: by as Role, from: from as State, to: to as State, at }),
      );
    },
  );
}
