import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * A Redis for what may be missing: limits and hints. A command is refused at once while it is away, and after a second
 * when it hangs; nothing waits in a queue. Its coming and going is logged once each.
 */
export function connectRedis(url: string, log: Pick<Logger, 'warn' | 'info'>): Redis {
  const redis = new Redis(url, {
    connectionName: 'tandem-api',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ err: error }, 'Redis is away; limits are counted by each process');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
  });
  return redis;
}
