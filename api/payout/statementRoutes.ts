import { z } from 'zod';
import { findPayoutStatement, type PayoutStatement, STATEMENT_KINDS } from '#db/payout/statements.ts';
import { Failure } from '#workflows/failures.ts';
import { asSentence } from '#workflows/text.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { decimal, text } from '../money/amount.ts';
import { statementPage } from './statementPage.ts';

const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();

const line = z
  .object({
    what: z.enum(['earned', 'fee']),
    reason: z.string().describe('Of the transfers that it was earned by'),
    text: z.string(),
    source_id: id.nullable().describe('The deal, trade or other process that they were of'),
    transfers: z.int().describe('How many those are'),
    from: instant,
    until: instant,
    amount: decimal,
  })
  .meta({ id: 'PayoutStatementLine' });

const statement = z
  .object({
    payout_id: id,
    kind: z.enum(STATEMENT_KINDS).describe('came_back: takes back the one of what was paid, below zero throughout'),
    payee: z.object({ user_id: id, handle: z.string() }),
    destination: z.string(),
    provider: z.string(),
    asset: z.string(),
    gross: decimal.describe('What left the wallet: the sum of the lines that were earned'),
    fee: decimal,
    net: decimal.describe('What arrived: the sum of all lines'),
    lines: z.array(line),
    issued_at: instant,
  })
  .meta({ id: 'PayoutStatement' });
export type StatementView = z.infer<typeof statement>;

/** What payouts came to and were earned from. */
export function payoutStatementRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/payouts/:id/statement',
    {
      schema: {
        operationId: 'payouts.getStatement',
        tags: ['Payouts'],
        summary: 'What a payout came to, and what it was earned from',
        description:
          'Kept when it is paid, and never changed. What came into the wallet first is what left it first. Should the ' +
          'payout come back, `?kind=came_back` is another, which takes this one back. With `?format=html` it is a page ' +
          'to be printed.',
        params: z.strictObject({ id }),
        querystring: z.strictObject({
          kind: z.enum(STATEMENT_KINDS).default('paid'),
          format: z.enum(['json', 'html']).default('json'),
        }),
        response: answers({ 200: success(statement) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, query }, reply) => {
      const found = await findPayoutStatement(pool, params.id, query.kind);
      if (!found || !(found.user_id === account.id || account.roles.includes('admin'))) {
        throw new Failure('NOT_FOUND', 'There is no such statement: there is one of a payout once it is paid.');
      }
      if (query.format === 'json') return { success: true as const, data: view(found) };
      reply.type('text/html; charset=utf-8');
      // Not of the schema, which is that of the JSON: sent as it is.
      return statementPage(view(found)) as never;
    },
  );
}

/** What was earned, where the name of the transfer's reason does not say it well enough. */
const EARNED: Record<string, string> = {
  money_released: 'Released of a deal',
  credited: 'Topped up',
  transfer: 'Sent by others',
  payout_failed: 'A payout that failed',
  payout_reversed: 'A payout that came back',
  money_returned: 'Was set aside, and is free again',
  reward: 'Rewards',
  gig_payment: 'Gigs',
  payout_fee: 'Fee for the payout',
};

function view(found: PayoutStatement): StatementView {
  const { process_id, kind, user_id, handle, destination, provider, asset, gross, fee, net, made_at } = found;
  const amount = (units: bigint) => text(units, asset);
  return {
    payout_id: process_id,
    ...{ kind, destination, provider, asset },
    payee: { user_id, handle },
    ...{ gross: amount(gross), fee: amount(fee), net: amount(net) },
    lines: found.lines.map(({ first_at, last_at, ...each }) => {
      const said = EARNED[each.reason] ?? asSentence(each.reason);
      return {
        ...each,
        text: each.what === 'earned' && each.transfers > 1 ? `${said} (${each.transfers})` : said,
        ...{ from: first_at, until: last_at, amount: amount(each.amount) },
      };
    }),
    issued_at: made_at,
  };
}
