import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Client } from 'pg';

/**
 * A base backup of a Postgres whose files are on this machine, while it works: Postgres is told that one begins, its
 * files are copied as they are, and it says from which record on its journal makes them whole. What `pg_basebackup` does
 * from elsewhere, which the Postgres packages of `npm start` do not carry.
 */

/** Files that belong to the server that runs; folders whose content does. */
const RUNNING = new Set(['postmaster.pid', 'postmaster.opts', 'backup_label', 'tablespace_map']);
const EMPTIED = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_stat_tmp',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_dynshmem',
]);

/** Makes the backup in a folder that has to be empty or missing; `data` in it is what Postgres is started with. */
export async function backUp(databaseUrl: string, into: string): Promise<void> {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  if (readdirSync(into).length > 0) throw new Error(`${into} is not empty.`);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const one = async (query: string) => (await client.query<{ value: string }>(query)).rows[0]?.value ?? '';
    const data = await one(`SELECT current_setting('data_directory') AS value`);
    const to = join(into, 'data');
    // The journal is kept from here on until this session ends, however long the copying takes.
    await client.query(`SELECT pg_create_physical_replication_slot('tandem_backup_' || pg_backend_pid(), true, true)`);
    await client.query(`SELECT pg_backup_start('tandem', fast => true)`);
    copyFolder(data, to, (name) => !RUNNING.has(name) && !EMPTIED.has(dirname(name)));
    const label = await one(`SELECT labelfile AS value FROM pg_backup_stop(wait_for_archive => false)`);
    write(join(to, 'backup_label'), Buffer.from(label));
    copyFolder(join(data, 'pg_wal'), join(to, 'pg_wal'), () => true);
    // Beside the data, where `npm start` keeps it: without it nobody is let in.
    const password = read(join(dirname(data), 'password'));
    if (password) write(join(into, 'password'), password);
  } finally {
    await client.end();
  }
}

/** What vanishes meanwhile is not needed: its journal says so. */
function copyFolder(from: string, to: string, wanted: (name: string) => boolean, within = from): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (!wanted(relative(within, source))) continue;
    if (entry.isDirectory()) copyFolder(source, target, wanted, within);
    else if (entry.isSymbolicLink()) throw new Error(`${source} leads elsewhere: use pg_basebackup.`);
    else {
      const bytes = read(source);
      if (bytes) write(target, bytes);
    }
  }
}

function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function write(file: string, bytes: Buffer): void {
  writeFileSync(file, bytes, { mode: 0o600 });
  const opened = openSync(file, 'r');
  fsyncSync(opened);
  closeSync(opened);
}
