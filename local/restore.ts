import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Home, HomeInUse } from './home.ts';
import { PartFailure } from './part.ts';
import { chooseRunner } from './postgres.ts';
import { homeHere, SECRETS_KEY_FILE, SettingInvalid } from './settings.ts';

/**
 * `npm run restore -- <folder>`: makes a home of a backup, where there is none (`TANDEM_HOME`). The next `npm start`
 * finds all that was committed when the backup was taken; its Temporal knows nothing, until `npm run retell`.
 */

const [backup] = process.argv.slice(2);
const dir = homeHere();
try {
  if (!backup) throw new SettingInvalid('Name a backup: npm run restore -- <folder>');
  if (!existsSync(join(backup, 'postgres', 'data', 'backup_label'))) {
    throw new SettingInvalid(`${backup} is no backup of \`npm run backup\`.`);
  }
  restore(backup);
  console.log(
    `${dir} has the data of ${backup}. Its ${SECRETS_KEY_FILE}, which was kept apart, belongs there too; then \`npm start\`, and \`npm run retell\`.`,
  );
} catch (error) {
  const expected = error instanceof PartFailure || error instanceof HomeInUse || error instanceof SettingInvalid;
  if (!expected) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function restore(folder: string): void {
  refuseData(join(dir, 'postgres'));
  const home = new Home(dir);
  try {
    putData(join(folder, 'postgres'), home.path('postgres'));
    const secret = join(folder, 'sandbox-webhook-secret');
    if (existsSync(secret)) copyFileSync(secret, home.path('sandbox-webhook-secret'));
  } finally {
    home.close();
  }
}

function refuseData(folder: string): void {
  if (!existsSync(join(folder, 'data'))) return;
  throw new SettingInvalid(
    `${dir} has data of its own: name an empty home with TANDEM_HOME, or delete it with npm run reset -- --yes`,
  );
}

/** Where Postgres looks for it, and as the user that it runs as: the folder takes its name when all of it is there. */
function putData(from: string, folder: string): void {
  const { dir: place, user } = chooseRunner(folder);
  refuseData(place);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const draft = join(place, 'data.new');
  rmSync(draft, { recursive: true, force: true });
  cpSync(join(from, 'data'), draft, { recursive: true });
  chmodSync(draft, 0o700);
  copyFileSync(join(from, 'password'), join(place, 'password'));
  if (user !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, place]);
  renameSync(draft, join(place, 'data'));
}
