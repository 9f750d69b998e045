import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Migrations that were released. A database somewhere was brought forward by them, so none of them ever changes: what is
 * to be different is a migration of its own, after all of those.
 */

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** SHA-256 of each migration there is, by its file's name, in their order. */
export function migrationsToday(): Record<string, string> {
  return migrationsIn(MIGRATIONS);
}

/** The same of another checkout's folder. */
export function migrationsIn(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  );
}

/** What was done to migrations that were released, a sentence each. */
export function complaintsOf(
  released: Readonly<Record<string, string>>,
  today: Readonly<Record<string, string>>,
): string[] {
  const last = Object.keys(released).sort().at(-1) ?? '';
  return [
    ...Object.keys(released).flatMap((file) => {
      if (today[file] === released[file]) return [];
      const what = today[file] === undefined ? 'is gone' : 'has changed';
      return [`${file} was released and ${what}: leave it as it was, and add a migration with a higher number.`];
    }),
    ...Object.keys(today)
      .filter((file) => released[file] === undefined && file < last)
      .map((file) => `${file} comes before ${last}, which was released: give it a higher number.`),
  ];
}
