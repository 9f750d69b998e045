import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Home, HomeInUse } from './home.ts';

/**
 * `npm run restore -- <folder>`: what `npm run backup` made becomes the data that `npm start` finds here. Only where there
 * is none: what is there is never overwritten.
 */
const [folder] = process.argv.slice(2);
const dir = resolve(process.env.TANDEM_HOME || '.tandem');
if (!folder || !existsSync(join(folder, 'data', 'PG_VERSION'))) {
  console.error('Say where a backup is: npm run restore -- <folder>');
  process.exitCode = 1;
} else {
  restore(resolve(folder));
}

function restore(from: string): void {
  try {
    const home = new Home(dir);
    const postgres = home.path('postgres');
    if (existsSync(postgres)) {
      console.error(`${postgres} has data already: move it away, or say TANDEM_HOME=<another folder>.`);
      process.exitCode = 1;
    } else {
      cpSync(from, postgres, { recursive: true });
      console.log(
        'It is there. `npm start`, and in another terminal `npm run retell`: Temporal knows nothing of it yet.',
      );
    }
    home.close();
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
