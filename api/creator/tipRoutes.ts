import { z } from 'zod';
import { tip as giveTip, listTips, type TipRow } from '#db/creator/tips.ts';
import { type TipView, tip, tipRequest } from '#workflows/creator/contract.ts';
import { id } from '#workflows/deal/contract.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { idempotencyHeaders } from '../idempotency.ts';
import { takeAmount, text } from '../money/amount.ts';
import { dryRunQuery, postNamed, requireSight } from '../money/posting.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from '../page.ts';

const tags = ['Creators'];
const params = z.strictObject({ creatorId: id });

/** What is given to creators. */
export function tipRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/creator/:creatorId/tips',
    {
      schema: {
        operationId: 'creators.tip',
        tags,
        summary: 'Give a creator something',
        description:
          'From your wallet, within the limits of transfers; it is on their socket at once, as `tip_received`.',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: tipRequest,
        response: answers(
          { 201: success(z.object({ tip })) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'INSUFFICIENT_FUNDS', 'LIMIT_REACHED'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    (request, reply) => {
      const { account, body, params } = request;
      const amount = takeAmount('amount', body.amount, body.asset);
      return postNamed(deps, request, reply, async (transaction) => {
        const given = await giveTip(transaction, {
          ...{ creatorId: params.creatorId, senderId: account.id, asset: body.asset, amount },
          ...{ message: body.message ?? null, now: deps.now().toISOString() },
          percent: deps.config.TRANSFER_LIMITS_PERCENT,
        });
        return { status: 201, body: { success: true as const, data: { tip: view(given) } } };
      });
    },
  );

  app.get(
    '/api/creator/:creatorId/tips',
    {
      schema: {
        operationId: 'creators.listTips',
        tags,
        summary: 'What a creator was given, latest first',
        params,
        querystring: pageQuery,
        response: answers({ 200: list(tip) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId }, query }) => {
      requireSight(account, creatorId);
      const keys = decodeCursor(query.cursor, cursorKeys);
      const start = keys && { at: keys[0], id: keys[1] };
      const rows = await listTips(pool, creatorId, { limit: query.limit + 1, start });
      return pageOf(rows, query.limit, (row) => [row.at, row.id], view);
    },
  );
}

function view({ sender_id, sender_handle, amount, at, ...row }: TipRow): TipView {
  return {
    ...row,
    sender: { id: sender_id, handle: sender_handle },
    amount: text(amount, row.asset),
    created_at: at,
  };
}
