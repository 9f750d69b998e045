import { z } from 'zod';
import { changeGift, type GiftRow, insertGift } from '#db/gift/catalogue.ts';
import { giftChange, giftCreation, giftDefinition } from '#workflows/gift/contract.ts';
import { answers, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { requireAdmin } from '../people/account.ts';
import { viewGift } from './routes.ts';

const tags = ['Gifts'];
const answer = success(z.object({ gift: giftDefinition }).meta({ id: 'GiftDefinitionAnswer' }));
const view = (row: GiftRow) => ({ ...viewGift(row), cooldownSeconds: row.cooldown_seconds, enabled: row.enabled });

/** The catalogue, by administrators. What was given stays as it was. */
export function giftAdminRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/admin/gifts',
    {
      schema: {
        ...{ operationId: 'gifts.create', tags, summary: 'Have another gift (administrator)' },
        body: giftCreation,
        response: answers({ 201: answer }, 'UNAUTHENTICATED', 'FORBIDDEN', 'CONFLICT'),
      },
    },
    async ({ account, body }, reply) => {
      requireAdmin(account);
      const gift = await insertGift(pool, body, deps.now().toISOString());
      reply.status(201);
      return ok({ gift: view(gift) });
    },
  );

  app.patch(
    '/api/admin/gifts/:code',
    {
      schema: {
        ...{ operationId: 'gifts.change', tags, summary: 'Change a gift (administrator)' },
        params: z.strictObject({ code: z.string().max(64) }),
        body: giftChange,
        response: answers({ 200: answer }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => {
      requireAdmin(account);
      return ok({ gift: view(await changeGift(pool, params.code, body)) });
    },
  );
}
