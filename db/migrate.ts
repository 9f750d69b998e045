import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { migrationsToday } from './released.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
/** Whoever migrates holds this lock, from its first look to its last note. */
const LOCK = '7241950118';

/** A database that these migrations cannot bring forward, as others made it: nothing was done to it. */
export class OtherSchema extends Error {
  override readonly name = 'OtherSchema';
}

/**
 * Brings a database forward to today's schema, or by so many files; does nothing where it is already there, or is a later
 * release's. Two at once wait for each other. Each file runs in one transaction with all others of this run: all or
 * nothing. What was in each is noted beside its name, so that nobody goes on from a file that is no longer what it was:
 * OtherSchema.
 */
export async function migrate(databaseUrl: string, files = Number.POSITIVE_INFINITY): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await refuseOthers(client);
    await runner({
      dbClient: client,
      dir: fileURLToPath(new URL('./migrations', import.meta.url)),
      // Beside them lies which of them were released.
      ignorePattern: '\\..*|released\\.json',
      direction: 'up',
      count: files,
      migrationsTable: 'schema_migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: SILENT,
    });
    await note(client);
  } finally {
    await client.end();
  }
}

type Noted = { name: string; sha256: string | null };

async function refuseOthers(client: Client): Promise<void> {
  if (!(await hasNotes(client))) {
    await client.query(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL
      )
    `);
    const { rowCount } = await client.query('SELECT FROM schema_migrations LIMIT 1');
    if (rowCount !== 0) {
      throw new OtherSchema(
        'This database was made by a preview (0.1.0, say), whose migrations are no more: begin with an empty one. See docs/upgrading.md.',
      );
    }
    await client.query('ALTER TABLE schema_migrations ADD COLUMN sha256 text');
  }
  const today = migrationsToday();
  const { rows } = await client.query<Noted>('SELECT name, sha256 FROM schema_migrations ORDER BY id');
  const other = rows.find(({ name, sha256 }) => {
    const here = today[`${name}.sql`];
    return sha256 !== null && here !== undefined && here !== sha256;
  });
  if (!other) return;
  throw new OtherSchema(
    `This database was made by another ${other.name}.sql than there is here, so it cannot be brought forward: begin with an empty one, or go on with the commit that made it.`,
  );
}

async function hasNotes(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(`
    SELECT FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'schema_migrations'
      AND column_name = 'sha256'
  `);
  return rowCount !== 0;
}

async function note(client: Client): Promise<void> {
  const today = Object.entries(migrationsToday()).map(([file, digest]) => [file.replace(/\.sql$/, ''), digest]);
  await client.query(
    `UPDATE schema_migrations SET sha256 = digest FROM unnest($1::text[], $2::text[]) AS file (name, digest)
     WHERE schema_migrations.name = file.name AND sha256 IS NULL`,
    [today.map(([name]) => name), today.map(([, digest]) => digest)],
  );
}
