import { z } from 'zod';
import { party } from '#workflows/deal/contract.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Config } from '../config.ts';

const demo = z
  .object({
    accounts: z.array(z.object({ handle: z.string(), password: z.string(), role: party })),
    temporal_ui: z.string().nullable().describe('The list of workflows in the operators’ Web UI'),
  })
  .meta({ id: 'Demo' });

/** What somebody needs to try this deployment out. Nothing, unless it was set up for that. */
export function demoRoutes(app: App, config: Config): void {
  const accounts = config.DEMO_ACCOUNTS;
  const ui = config.TEMPORAL_UI_URL && `${config.TEMPORAL_UI_URL}/namespaces/${config.TEMPORAL_NAMESPACE}/workflows`;
  const temporal_ui = accounts.length > 0 ? (ui ?? null) : null;
  app.get(
    '/api/demo',
    {
      schema: {
        operationId: 'demoAccounts.list',
        tags: ['Operations'],
        summary: 'Accounts for trying things out',
        description: 'Those that `npm start` makes on one machine. Everywhere else the list is empty.',
        response: answers({ 200: success(demo) }),
      },
    },
    async () => ({ success: true as const, data: { accounts, temporal_ui } }),
  );
}
