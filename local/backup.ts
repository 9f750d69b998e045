import {
  copyFileSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { runningHere } from './running.ts';

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
const SLOT = 'tandem_backup';

const [folder] = process.argv.slice(2);
if (!folder || existsSync(resolve(folder))) {
  console.error(
    folder ? `${folder} is there already: name a new folder.` : 'Name a new folder: npm run backup -- <folder>',
  );
  process.exit(1);
}
const stack = runningHere();
const draft = `${resolve(folder)}.unfinished`;
rmSync(draft, { recursive: true, force: true });
mkdirSync(join(draft, 'postgres'), { recursive: true, mode: 0o700 });
const started = performance.now();
const { files, bytes } = await backUp(stack.databaseUrl, join(draft, 'postgres'));
const secret = join(resolve(process.env.TANDEM_HOME || '.tandem'), 'sandbox-webhook-secret');
if (existsSync(secret)) copyFileSync(secret, join(draft, 'sandbox-webhook-secret'));
renameSync(draft, resolve(folder));
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
console.log(`${folder}: ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB, in ${seconds} s.`);

async function backUp(databaseUrl: string, to: string): Promise<{ files: number; bytes: number }> {
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
    own(data, join(to, 'data', 'backup_label'));
    for (const name of readdirSync(join(data, 'pg_wal')).filter((each) => /^[0-9A-F]{24}$/.test(each))) {
      if (name < first || name > last) continue;
      copyOne(join(data, 'pg_wal', name), join(to, 'data', 'pg_wal', name), copied);
    }
    copyOne(join(dirname(data), 'password'), join(to, 'password'), copied);
    return copied;
  } finally {
    await client.end();
  }
}

type Copied = { files: number; bytes: number };

/** Files come, go and change meanwhile: what was written since the start is in the log, and done again from there. */
function copyTree(from: string, to: string, copied: Copied = { files: 0, bytes: 0 }): Copied {
  mkdirSync(to, { mode: 0o700 });
  own(from, to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (LEFT.test(entry.name)) continue;
    if (entry.isFile()) copyOne(source, target, copied);
    else if (!entry.isDirectory()) throw new Error(`${source} is neither a file nor a folder`);
    else if (!EMPTIED.has(entry.name)) copyTree(source, target, copied);
    else {
      mkdirSync(target, { mode: 0o700 });
      own(source, target);
    }
  }
  return copied;
}

function copyOne(source: string, target: string, copied: Copied): void {
  try {
    copyFileSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  own(source, target, target);
  copied.files += 1;
  copied.bytes += lstatSync(target).size;
}

/** Whoever Postgres runs as has to be able to read it there. */
function own(source: string, target: string, otherwise = source): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = lstatSync(source, { throwIfNoEntry: false }) ?? lstatSync(otherwise);
  lchownSync(target, uid, gid);
}
