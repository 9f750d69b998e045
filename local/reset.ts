import { existsSync, rmSync } from 'node:fs';
import { Home, HomeInUse } from './home.ts';
import { openFolder } from './postgres.ts';
import { homeHere } from './settings.ts';

/**
 * `npm run reset -- --yes`: deletes the folder of all that `npm start` keeps here, so that the next start begins anew.
 * Does nothing while it runs, and without `--yes`.
 */
const dir = homeHere();
if (!existsSync(dir)) {
  console.log(`There is nothing to delete: ${dir} is not there.`);
} else if (!process.argv.includes('--yes')) {
  console.error(`This deletes ${dir}, with every account, deal and message in it: npm run reset -- --yes`);
  process.exitCode = 1;
} else {
  await reset();
}

async function reset(): Promise<void> {
  try {
    const home = new Home(dir);
    await home.endOrphans(console.log);
    // Where Postgres may not enter a home of root's, its data is elsewhere.
    rmSync(openFolder(home.path('postgres')), { recursive: true, force: true });
    rmSync(home.dir, { recursive: true, force: true });
    console.log(`${dir} is deleted. \`npm start\` begins anew.`);
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
