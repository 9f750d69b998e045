import { z } from 'zod';
import { listAllChargeBacks, listChargeBackDetails, listDebts } from '#db/chargeBack/chargeBacks.ts';
import { type ListedProcess, listProcesses } from '#db/process/processes.ts';
import { chargeBackState, chargeBackView } from '#workflows/chargeBack/contract.ts';
import { STATEMENT_MAX } from '#workflows/chargeBack/policy.ts';
import { asChargeBack } from '#workflows/chargeBack/terms.ts';
import { standingFor, type Viewer } from '#workflows/chargeBack/view.ts';
import { words } from '#workflows/talk/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { decimal, text } from '../money/amount.ts';
import { requireSight } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { listedChargeBack, type StandingAt, viewChargeBack } from './chargeBack.ts';
import { chargeBackFileRoutes } from './fileRoutes.ts';

const tags = ['Charge-backs'];
const id = z.uuid().toLowerCase();
const params = z.strictObject({ id });
const answer = success(z.object({ charge_back: chargeBackView }).meta({ id: 'ChargeBackAnswer' }));
const listed = chargeBackView.omit({ history: true, evidence: true }).meta({ id: 'ChargeBackListed' });
const listQuery = pageQuery.extend({ status: chargeBackState.optional() });

/** Payments that their banks were asked to take back: for both sides, and for administrators. */
export function chargeBackRoutes(app: App, deps: Deps, give: Give): void {
  listRoutes(app, deps);
  readRoutes(app, deps);
  chargeBackFileRoutes(app, deps);
  for (const command of COMMANDS) commandRoute(app, deps, give, command);
}

function listRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  async function page(rows: readonly ListedProcess[], limit: number) {
    const details = await listChargeBackDetails(
      pool,
      rows.map(({ process }) => process.id),
    );
    return pageOf(
      rows,
      limit,
      ({ process }) => [process.id],
      ({ process, role }) => {
        const found = details.get(process.id);
        if (!found) throw new Error(`charge-back ${process.id} has no row of its own`);
        return listedChargeBack(found, standingFor(role as Viewer, asChargeBack(process)));
      },
    );
  }

  app.get(
    '/api/charge-backs',
    {
      schema: {
        operationId: 'chargeBacks.list',
        tags,
        summary: 'Charge-backs of payments of yours, newest first',
        querystring: listQuery,
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, status = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      const filter = { kind: 'chargeBack', role: null, state: status, open: null };
      const asked = { ...filter, limit: limit + 1, before: keys?.[0] ?? null };
      return page(await listProcesses(pool, request.account.id, asked), limit);
    },
  );

  app.get(
    '/api/admin/charge-backs',
    {
      schema: {
        operationId: 'chargeBacks.listAll',
        tags: ['Operations'],
        summary: 'All charge-backs, newest first',
        querystring: listQuery,
        response: answers({ 200: list(listed) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, status = null } = request.query;
      const keys = decodeCursor(cursor, z.tuple([z.uuid()]));
      return page(await listAllChargeBacks(pool, status, limit + 1, keys?.[0] ?? null), limit);
    },
  );
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/charge-backs/:id',
    {
      schema: {
        operationId: 'chargeBacks.get',
        tags,
        summary: 'One charge-back',
        params,
        response: answers({ 200: answer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => ({
      success: true as const,
      data: { charge_back: await viewChargeBack(pool, request.params.id, request.account) },
    }),
  );

  app.get(
    '/api/wallet/:userId/debts',
    {
      schema: {
        operationId: 'wallets.listDebts',
        tags: ['Wallet'],
        summary: 'What you owe of payments that were charged back, the oldest first',
        description: 'It is taken from what comes into the wallet, and nothing is paid out of that asset meanwhile.',
        params: z.strictObject({ userId: id }),
        response: answers(
          {
            200: success(
              z.object({
                debts: z.array(
                  z
                    .object({ asset: z.string(), amount: decimal, charge_back_id: id, since: z.iso.datetime() })
                    .meta({ id: 'Debt' }),
                ),
              }),
            ),
          },
          'UNAUTHENTICATED',
          'NOT_FOUND',
        ),
      },
    },
    async (request) => {
      const { userId } = request.params;
      requireSight(request.account, userId);
      const debts = (await listDebts(pool, userId)).map(({ owed, asset, ...debt }) => ({
        ...debt,
        asset: asset as string,
        amount: text(owed, asset),
      }));
      return { success: true as const, data: { debts } };
    },
  );
}

type CommandRoute = {
  url: string;
  on: string;
  operationId: string;
  summary: string;
  body: z.ZodType;
  admin: boolean;
};

const COMMANDS: readonly CommandRoute[] = [
  {
    url: '/api/charge-backs/:id/evidence',
    on: 'add_evidence',
    operationId: 'chargeBacks.addEvidence',
    summary: 'Say what speaks for you',
    body: z.strictObject({ text: words(STATEMENT_MAX) }).meta({ id: 'ChargeBackEvidence' }),
    admin: false,
  },
  {
    url: '/api/admin/charge-backs/:id/submit',
    on: 'submit_evidence',
    operationId: 'chargeBacks.submit',
    summary: 'Hand in the evidence before its date',
    body: z.strictObject({}).nullish(),
    admin: true,
  },
  {
    url: '/api/admin/charge-backs/:id/concede',
    on: 'concede',
    operationId: 'chargeBacks.concede',
    summary: 'Do not contest a charge-back',
    body: z.strictObject({ reason: words(2_000) }).meta({ id: 'ConcedeChargeBack' }),
    admin: true,
  },
];

function commandRoute(app: App, deps: Deps, give: Give, command: CommandRoute): void {
  const { url, on, operationId, summary, body, admin } = command;
  app.post(
    url,
    {
      schema: {
        operationId,
        tags: admin ? ['Operations'] : tags,
        summary,
        params,
        headers: idempotencyHeaders,
        body,
        response: answers(
          { 200: answer },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      if (admin) requireAdmin(request.account);
      const { id: processId } = request.params;
      const data = { ...(request.body as object | null | undefined) };
      const given = await give({ ...givenBy(request), kind: 'chargeBack', processId, on, data, via: {} });
      if (given.status !== 200) return sayAgain(request, reply, given) as never;
      const at = (given.body as { data: StandingAt }).data;
      const view = await viewChargeBack(deps.pool, processId, request.account, at);
      const said = { status: 200, body: { success: true, data: { charge_back: view } }, repeated: given.repeated };
      return sayAgain(request, reply, said) as never;
    },
  );
}
