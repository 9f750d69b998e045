import { z } from 'zod';
import { listDealEntries } from '#db/money/ledger.ts';
import { listCases, ORDERS, readAbouts, VIEWS } from '#db/process/cases.ts';
import { SHOWN_KINDS } from '#workflows/cases.ts';
import { asUuid } from '#workflows/ids.ts';
import { machineOf } from '#workflows/kinds.ts';
import { formatDecimal, isAsset } from '#workflows/money.ts';
import { turnsOf } from '#workflows/process/case.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Account } from '../people/account.ts';
import { listed, process } from './shapes.ts';
import { getVisibleCase, type Looking, viewCase, viewListed } from './view.ts';

const tags = ['Processes'];
const params = z.strictObject({ id: z.uuid().toLowerCase() });

/** What ends by itself within a day, or calls for an operator, is at risk. */
const RISK_MS = 24 * 3_600_000;

const entry = z
  .object({
    id: z.string(),
    account: z.string().describe('escrow, wallet, hold, fee, external, …'),
    amount: z.string().describe('Decimal text; negative leaves the account'),
    asset: z.string(),
    reason: z.string(),
    occurred_at: z.iso.datetime(),
  })
  .meta({ id: 'ProcessEntry' });

const TURNS = SHOWN_KINDS.flatMap((kind) => turnsOf(machineOf(kind)).map((turn) => ({ kind, ...turn })));

/** Whatever is a process, in one form: the list, one of them, its money. */
export function processRoutes(app: App, deps: Deps): void {
  const { pool, config } = deps;
  const looking = (account: Account): Looking => ({ account, config, now: deps.now().toISOString() });

  app.get(
    '/api/processes',
    {
      schema: {
        operationId: 'processes.list',
        tags,
        summary: 'Everything that goes on, by its age',
        description:
          'Your own; an administrator’s are all. `view`: `needs_me` (it is your turn; for an administrator who takes no ' +
          'part, a task is open), `waiting` (somebody else’s, or time’s), `at_risk` (it ends by itself within a day, or ' +
          'calls for an operator), `done`. `q` finds ids (of the process, its people, its order, its payment or what it ' +
          'is about), the beginning of a handle, and titles.',
        querystring: pageQuery.extend({
          kind: z.enum(SHOWN_KINDS).optional(),
          view: z.enum(VIEWS).optional(),
          q: z.string().trim().min(1).max(200).optional(),
          order: z.enum(ORDERS).default('newest').describe('By when it was opened'),
        }),
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, kind, view = null, q, order } = request.query;
      const { account } = request;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const rows = await listCases(pool, {
        userId: account.id,
        all: account.roles.includes('admin'),
        kinds: kind ? [kind] : SHOWN_KINDS,
        view,
        turns: TURNS,
        riskUntil: new Date(deps.now().getTime() + RISK_MS).toISOString(),
        search: q === undefined ? null : { text: q, id: asUuid(q)?.toLowerCase() ?? null },
        order,
        limit: limit + 1,
        after: keys?.[0] ?? null,
      });
      const abouts = await readAbouts(pool, rows);
      return pageOf(
        rows,
        limit,
        (row) => [row.process.id],
        (row) => viewListed(row, abouts.get(row.process.id)),
      );
    },
  );

  app.get(
    '/api/processes/:id',
    {
      schema: {
        operationId: 'processes.get',
        tags,
        summary: 'One process, and what you may do with it',
        params,
        response: answers({ 200: success(process) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const look = looking(request.account);
      const found = await getVisibleCase(pool, request.params.id, look);
      return { success: true as const, data: await viewCase(pool, found, look) };
    },
  );

  app.get(
    '/api/processes/:id/entries',
    {
      schema: {
        operationId: 'processes.listEntries',
        tags,
        summary: 'Every entry that it made in the ledger, oldest first',
        params,
        response: answers({ 200: success(z.object({ entries: z.array(entry) })) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      await getVisibleCase(pool, request.params.id, looking(request.account));
      const entries = await listDealEntries(pool, request.params.id);
      return { success: true as const, data: { entries: entries.map(viewEntry) } };
    },
  );
}

/** Which shard, and whose wallet, is nobody's business here. */
function viewEntry({
  account,
  amount,
  asset,
  balance_after: _,
  ...rest
}: Awaited<ReturnType<typeof listDealEntries>>[number]) {
  const kind = account.split('/')[0] as string;
  return { ...rest, account: kind, asset, amount: isAsset(asset) ? formatDecimal(amount, asset) : amount.toString() };
}
