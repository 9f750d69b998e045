import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../peers', import.meta.url));

/** Installs what the peers' lockfile names, unless that is there already. Runs no package's scripts. */
export function installPeers(say: (line: string) => void): void {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  const done = join(FOLDER, 'node_modules', '.tandem-installed');
  if (existsSync(done) && readFileSync(done, 'utf8') === lockfile) return;
  say('Installing the peers (some 240 MB, once) …');
  // npm runs under whatever Node it came with, not under the one that `npm run` put first.
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: FOLDER,
    env: { ...process.env, PATH: path.join(':') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(done, lockfile);
}

export function peerScript(name: string): string {
  return join(FOLDER, `${name}.ts`);
}
