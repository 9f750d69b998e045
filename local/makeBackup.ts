import { resolve } from 'node:path';
import { backUp } from './backup.ts';
import { runningHere } from './running.ts';

/** `npm run backup -- <folder>`: a base backup of the Postgres that `npm start` runs here, while it works. */
const [folder] = process.argv.slice(2);
const { databaseUrl, pids } = runningHere();
if (!folder) {
  console.error('Say where to: npm run backup -- <folder>');
  process.exitCode = 1;
} else if (pids.postgres === null) {
  console.error('That Postgres is not ours (DATABASE_URL): use pg_basebackup, as docs/backup.md has it.');
  process.exitCode = 1;
} else {
  await backUp(databaseUrl, resolve(folder));
  console.log(`${resolve(folder)} has all of it. To begin from it elsewhere: npm run restore -- ${resolve(folder)}`);
}
