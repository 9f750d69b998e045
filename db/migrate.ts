import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Brings a database forward to today's schema, or by so many files; does nothing where it is already there. Two at once
 * wait for each other (an advisory lock). Each file runs in one transaction with all others of this run: all or nothing.
 */
export async function migrate(databaseUrl: string, files = Number.POSITIVE_INFINITY): Promise<void> {
  await runner({
    databaseUrl,
    dir: fileURLToPath(new URL('./migrations', import.meta.url)),
    direction: 'up',
    count: files,
    migrationsTable: 'schema_migrations',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: SILENT,
  });
}
