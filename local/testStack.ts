import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { inject } from 'vitest';

/**
 * For integration tests (`*.int.test.ts`): places of their own on the servers of this run, which `testServers.ts`
 * starts. Files run side by side, so none uses a server's common places. All of it vanishes with the servers.
 */

/** A fresh copy of the migrated, empty database (some 20 ms). Returns its URL. */
export async function createTestDatabase(): Promise<string> {
  const { postgresUrl, templateDatabase } = inject('tandem');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href;
}

/** An empty numbered database of the run's Redis. Returns its URL. Channels are common to all: put an id in their names. */
export async function createTestRedis(): Promise<string> {
  const { redisUrl } = inject('tandem');
  const redis = new Redis(redisUrl);
  try {
    // Database 0 counts those given out; there are 1023 more.
    return `${redisUrl}/${await redis.incr('databases')}`;
  } finally {
    redis.disconnect();
  }
}

/** `host:port` of the run's Temporal server, which lets a test skip time for a workflow. */
export function testTemporalAddress(): string {
  return inject('tandem').temporalAddress;
}

/** A new namespace that knows our search attributes (some 20 ms). Returns its name. */
export async function createTestNamespace(): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  // Loaded by whom it serves: with Temporal's packages it takes a third of a second, and most files ask for a database alone.
  const { prepareNamespace } = await import('./namespace.ts');
  await prepareNamespace({ address: testTemporalAddress(), namespace }, 1);
  return namespace;
}
