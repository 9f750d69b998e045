import type { Redis } from 'ioredis';
import { beat, expectPart, forgetPart, listHeartbeats } from '#db/operation/heartbeats.ts';
import type { Pool } from '#db/pool.ts';
import { PROBE_MS, shared, within } from '#program/probing.ts';
import type { Broker } from './broker.ts';

/** What this process stands on, beside Temporal. */
type Standing = {
  postgres: boolean;
  /** Null where there is none in this deployment. */
  redis: boolean | null;
  rabbitmq: boolean | null;
};

/** What probes ask for. However many ask at once, it is found out once for all of them. Never rejects. */
export function createWatch(deps: {
  probes: Pool;
  redis: () => Redis | null;
  hasRedis: boolean;
  broker: Broker | null;
}) {
  const ping = async () => (await deps.redis()?.ping()) ?? null;
  return shared(async (): Promise<Standing> => {
    const [beats, redis] = await Promise.all([within(PROBE_MS, listHeartbeats(deps.probes)), within(PROBE_MS, ping())]);
    return {
      postgres: beats !== null,
      redis: deps.hasRedis ? redis === 'PONG' : null,
      rabbitmq: deps.broker?.isThere() ?? null,
    };
  });
}

/** Says in Postgres, for the API's probes, whether RabbitMQ is there; that it should be; or that there is none. */
export async function beatForBroker(pool: Pool, broker: Broker | null): Promise<void> {
  if (!broker) return forgetPart(pool, 'rabbitmq');
  await (broker.isThere() ? beat(pool, 'rabbitmq') : expectPart(pool, 'rabbitmq'));
}
