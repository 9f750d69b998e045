import { pino } from 'pino';
import { readConfig } from '#api/config.ts';
import { createClicks } from '#api/deal/clicks.ts';
import type { Deps } from '#api/deps.ts';
import { bodyHash } from '#api/idempotency.ts';
import { createMetrics } from '#api/metrics.ts';
import { createGive } from '#api/process/giving.ts';
import { createPool } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { createPayoutProviders, createProviders } from '#payments/providers.ts';
import { createBus } from '#realtime/bus.ts';
import { DATA } from './click.ts';
import { CLICKS_OF_DEAL, type ClickedDeal, WEBHOOK_SECRET } from './deals.ts';
import { takeOrders } from './driver.ts';

/**
 * Tandem, the function below the route: what `POST …/button-click` calls when the request is parsed and its sender
 * known. Read, decide, write (step, deal, messages, events, remembered answer; several deals' in one statement when they
 * come fast), bells over Redis.
 */
takeOrders(async ({ url, redisUrl, deals }: { url: string; redisUrl: string; deals: ClickedDeal[] }) => {
  const config = readConfig({
    DATABASE_URL: url,
    REDIS_URL: redisUrl,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    LOG_LEVEL: 'warn',
  });
  const log = pino({ level: config.LOG_LEVEL });
  const pool = createPool(url, { size: config.DATABASE_POOL_SIZE });
  const bus = createBus({ redisUrl, log });
  const deps: Deps = {
    config,
    pool,
    probes: pool,
    inbox: pool,
    redis: null,
    bus,
    providers: createProviders(config),
    payoutProviders: createPayoutProviders(config),
    secrets: createSecrets(config.SECRETS_KEY),
    supervisor: null,
    log,
    metrics: createMetrics(),
    now: () => new Date(),
    ringUsers: bus.ring,
    ring: bus.ringDeal,
    ringFact: bus.ringFact,
  };
  pool.onHeard(bus.ring);
  const clicks = createClicks(deps, createGive(deps));
  return {
    budget: CLICKS_OF_DEAL,
    async click({ deal, command, key }) {
      const { id, brand, influencer } = deals[deal] as ClickedDeal;
      const data = DATA[command];
      const person = command === 'submit_work' ? influencer : brand;
      const answer = await clicks.click({
        conversationId: id,
        caller: { accountId: person.id, roles: [command === 'submit_work' ? 'influencer' : 'brand_owner'] },
        buttonId: command,
        data,
        correlationId: key,
        key: {
          accountId: person.id,
          path: `/api/messages/conversations/${id}/button-click`,
          key,
          bodyHash: bodyHash({ button_id: command, additional_data: data }),
        },
      });
      const { flow_update } = answer.body.data as { flow_update: { flow_state: string } };
      return flow_update.flow_state;
    },
    async close() {
      bus.close();
      await pool.end();
    },
  };
});
