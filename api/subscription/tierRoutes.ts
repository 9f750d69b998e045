import { z } from 'zod';
import { getPerson } from '#db/people/accounts.ts';
import { refuseBlocked } from '#db/people/blocks.ts';
import { listTiers, putTiers } from '#db/subscription/tiers.ts';
import { id } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { tiersRequest, tierView } from '#workflows/subscription/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';

const tags = ['Subscriptions'];
const params = z.strictObject({ creatorId: id });
const answer = success(z.array(tierView));

/** What creators sell by the month. */
export function tierRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/creator/:creatorId/tiers',
    {
      schema: {
        ...{ operationId: 'subscriptions.tiers', tags, summary: 'What a creator sells by the month', params },
        response: answers({ 200: answer }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId } }) => {
      await getPerson(pool, creatorId);
      if (creatorId !== account.id) await refuseBlocked(pool, account.id, creatorId);
      return ok([...(await listTiers(pool, creatorId))]);
    },
  );

  app.put(
    '/api/creator/:creatorId/tiers',
    {
      schema: {
        ...{ operationId: 'subscriptions.setTiers', tags, summary: 'Say what you sell by the month', params },
        description:
          'These and no others, in this order. A price is for what is bought from now on, and for renewals that are ' +
          'announced from now on: whoever subscribes is told it a week before they pay it. A tier that is left out is ' +
          'sold and renewed no more; who has it keeps it for as long as it is paid for.',
        body: tiersRequest,
        response: answers({ 200: answer }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params: { creatorId }, body }) => {
      if (account.id !== creatorId) throw new Failure('NOT_FOUND', 'There is no such creator of yours.');
      const now = deps.now().toISOString();
      const tiers = await pool.transaction(async (transaction) => {
        await putTiers(transaction, creatorId, body.tiers, now);
        return listTiers(transaction, creatorId);
      });
      return ok([...tiers]);
    },
  );
}
