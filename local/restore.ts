import { chmodSync, copyFileSync, cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Home, HomeInUse } from './home.ts';

/**
 * `npm run restore -- <folder>`: makes a home of a backup, where there is none (`TANDEM_HOME`). The next `npm start`
 * finds all that was committed when the backup was taken; its Temporal knows nothing, until `npm run retell`.
 */

const [folder] = process.argv.slice(2);
const dir = resolve(process.env.TANDEM_HOME || '.tandem');
if (!folder || !existsSync(join(folder, 'postgres', 'data', 'backup_label'))) {
  fail(folder ? `${folder} is no backup of \`npm run backup\`.` : 'Name a backup: npm run restore -- <folder>');
} else if (existsSync(join(dir, 'postgres'))) {
  fail(`${dir} has data of its own: name an empty home with TANDEM_HOME, or delete it with npm run reset -- --yes`);
} else {
  restore(folder);
}

function restore(backup: string): void {
  try {
    const home = new Home(dir);
    const draft = home.path('postgres.new');
    rmSync(draft, { recursive: true, force: true });
    cpSync(join(backup, 'postgres'), draft, { recursive: true });
    chmodSync(join(draft, 'data'), 0o700);
    renameSync(draft, home.path('postgres'));
    const secret = join(backup, 'sandbox-webhook-secret');
    if (existsSync(secret)) copyFileSync(secret, home.path('sandbox-webhook-secret'));
    home.close();
    console.log(`${dir} has the data of ${backup}. \`npm start\`, and then \`npm run retell\`.`);
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    fail(error.message);
  }
}

function fail(sentence: string): void {
  console.error(sentence);
  process.exitCode = 1;
}
