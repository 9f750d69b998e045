import { closeSync, openSync, readSync } from 'node:fs';
import { Client } from 'pg';
import { commandOf } from '#local/process.mjs';
import { restateSettings } from './restateServer.ts';

/** Looks whether every store that takes part was really started to sync what it acknowledges. Throws where not. */

export async function requireSyncedPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const settings: Record<string, string> = {};
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'server_version']) {
      settings[name] = (await client.query(`SHOW ${name}`)).rows[0][name];
    }
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      if (settings[name] !== 'on') throw new Error(`Postgres has ${name} ${settings[name]}`);
    }
    return `Postgres ${settings.server_version}: fsync on, synchronous_commit on, full_page_writes on, ${settings.wal_sync_method}`;
  } finally {
    await client.end();
  }
}

/** SQLite keeps `journal_mode` in the file's header (2 is the write-ahead log); `synchronous` is the connection's own. */
export function requireSyncedTemporal(pid: number, file: string): string {
  if (!commandOf(pid).includes('synchronous=2')) throw new Error('Temporal was not told to sync');
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header, 0, 20, 0);
  closeSync(descriptor);
  if (header[18] !== 2 || header[19] !== 2) throw new Error("Temporal's SQLite has no write-ahead log");
  return 'Temporal: SQLite, write-ahead log, synchronous=FULL';
}

export function requireSyncedRestate(config: string): string {
  const settings = restateSettings(config);
  if (!/^default-provider = "replicated"$/m.test(settings)) throw new Error('Restate keeps its log elsewhere');
  const synced = settings.match(/^rocksdb-disable-wal-fsync = (\w+)$/gm) ?? [];
  if (synced.length === 0 || synced.some((line) => !line.endsWith('false'))) throw new Error('Restate does not sync');
  return 'Restate: replicated log on this node, its write-ahead log synced (the default)';
}
