import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { runningHere } from './running.ts';
import { homeHere, SECRETS_KEY_FILE } from './settings.ts';

/**
 * `npm run backup -- <folder>`: a base backup of the Postgres that `npm start` runs here, while everything runs, with
 * what else a home cannot make anew. `npm run restore` makes a home of it. By Postgres' own calls for it, as the
 * packages of Postgres carry no pg_basebackup: https://www.postgresql.org/docs/18/continuous-archiving.html
 */

/** Folders whose files mean nothing to another server. */
const EMPTIED = new Set([
  ...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans'],
]);
const LEFT = /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|pg_internal\.init.*|pgsql_tmp.*)$/;
const SEGMENT = /^[0-9A-F]{24}$/;
const SLOT = 'tandem_backup';
const buffer = Buffer.alloc(1024 * 1024);

const [folder] = process.argv.slice(2);
if (!folder) fail('Name a new folder: npm run backup -- <folder>');
if (existsSync(resolve(folder))) fail(`${folder} is there already: name a new folder.`);
const stack = runningHere();
if (stack.pids.postgres === null) {
  fail('Postgres here is the one that DATABASE_URL names: docs/backups.md says how such a one is backed up.');
}
const draft = `${resolve(folder)}.unfinished`;
rmSync(draft, { recursive: true, force: true });
mkdirSync(join(draft, 'postgres'), { recursive: true, mode: 0o700 });
const started = performance.now();
const { files, bytes } = await backUp(stack.databaseUrl, join(draft, 'postgres'));
const secret = join(homeHere(), 'sandbox-webhook-secret');
if (existsSync(secret)) copyFileSync(secret, join(draft, 'sandbox-webhook-secret'));
renameSync(draft, resolve(folder));
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
const at = join(homeHere(), SECRETS_KEY_FILE);
console.log(`${folder}: ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB, in ${seconds} s.`);
if (existsSync(at)) console.log(`Not in it, so that it opens nothing by itself: ${at}. Keep a copy of that elsewhere.`);

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

async function backUp(databaseUrl: string, to: string): Promise<Copied> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const ask = async <Row>(query: string, values: unknown[] = []): Promise<Row> =>
    (await client.query(query, values)).rows[0] as Row;
  try {
    const { data_directory: data } = await ask<{ data_directory: string }>('SHOW data_directory');
    // What is written from here on is kept until it is copied; the slot goes with this connection.
    await ask('SELECT pg_create_physical_replication_slot($1, true, true)', [SLOT]);
    const { first } = await ask<{ first: string }>(
      "SELECT pg_walfile_name(pg_backup_start('npm run backup', fast => true)) AS first",
    );
    const copied = copyTree(data, join(to, 'data'));
    const { last, label, spaces } = await ask<{ last: string; label: string; spaces: string }>(`
      SELECT pg_walfile_name(lsn) AS last, labelfile AS label, coalesce(spcmapfile, '') AS spaces
      FROM pg_backup_stop(wait_for_archive => false)`);
    if (spaces.trim() !== '') throw new Error('there are tablespaces, which lie outside of the data folder');
    writeFileSync(join(to, 'data', 'backup_label'), label, { mode: 0o600 });
    copyLog(join(data, 'pg_wal'), join(to, 'data', 'pg_wal'), { first, last }, copied);
    copyOne(join(dirname(data), 'password'), join(to, 'password'), copied);
    return copied;
  } finally {
    await client.end();
  }
}

/** What was written while files were copied: without all of it the copy is no database. */
function copyLog(from: string, to: string, { first, last }: { first: string; last: string }, copied: Copied): void {
  const segments = readdirSync(from).filter((name) => SEGMENT.test(name) && name >= first && name <= last);
  if (!segments.includes(first) || !segments.includes(last)) throw new Error(`the log lacks ${first} or ${last}`);
  for (const name of segments) copyOne(join(from, name), join(to, name), copied);
}

type Copied = { files: number; bytes: number };

/** Files come, go and change meanwhile: what was written since the start is in the log, and done again from there. */
function copyTree(from: string, to: string, copied: Copied = { files: 0, bytes: 0 }): Copied {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (LEFT.test(entry.name)) continue;
    if (entry.isFile()) copyIfThere(source, target, copied);
    else if (!entry.isDirectory()) throw new Error(`${source} is neither a file nor a folder`);
    else if (EMPTIED.has(entry.name)) mkdirSync(target, { mode: 0o700 });
    else copyTree(source, target, copied);
  }
  return copied;
}

function copyIfThere(source: string, target: string, copied: Copied): void {
  try {
    copyOne(source, target, copied);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** To wherever it ends when its end is read: Postgres cuts files off meanwhile, and copyFile waits for what is gone. */
function copyOne(source: string, target: string, copied: Copied): void {
  const from = openSync(source, 'r');
  const to = openSync(target, 'wx', 0o600);
  try {
    for (let read = readSync(from, buffer); read > 0; read = readSync(from, buffer)) {
      writeFileSync(to, buffer.subarray(0, read));
      copied.bytes += read;
    }
    copied.files += 1;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}
