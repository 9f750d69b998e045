import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { startRedis } from '#local/redis.ts';
import { startTemporal } from '#local/temporal.ts';
import { findTemporal } from '#local/temporalProgram.ts';
import type { Closing } from '../clicks/closing.ts';

/** What both releases stand on: one of each server, with a database that is empty until the earlier release prepares it. */
export type Servers = {
  dir: string;
  databaseUrl: string;
  redisUrl: string;
  temporalAddress: string;
  postgres: Pool;
  temporal: Client;
};

export async function openServers(dir: string, closing: Closing, say: (line: string) => void): Promise<Servers> {
  const log = (name: string) => join(dir, `${name}.log`);
  const program = await findTemporal(say);
  const postgres = await startPostgres({
    ...{ dir: join(dir, 'postgres'), port: await freePort(), log: log('postgres') },
  });
  closing.add(() => postgres.stop());
  const redis = await startRedis({ dir: join(dir, 'redis'), port: await freePort(), log: log('redis') });
  closing.add(() => redis.stop());
  const temporal = await startTemporal({
    ...{ program, port: await freePort(), dbFile: join(dir, 'temporal', 'temporal.db'), log: log('temporal') },
  });
  closing.add(() => temporal.stop());
  const pool = new Pool({ connectionString: postgres.url, max: 4 });
  // It may be stopped before this is closed.
  pool.on('error', () => {});
  closing.add(() => pool.end());
  const connection = Connection.lazy({ address: temporal.address });
  closing.add(() => connection.close());
  return {
    dir,
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    temporalAddress: temporal.address,
    postgres: pool,
    temporal: new Client({ connection }),
  };
}

/** The rows of a question to Postgres. */
export async function rowsOf<Row>({ postgres }: Servers, text: string, ...values: unknown[]): Promise<Row[]> {
  return (await postgres.query(text, values)).rows as Row[];
}
