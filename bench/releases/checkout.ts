import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrationsIn, migrationsToday } from '#db/released.ts';

/** An earlier commit as a folder with its packages, to be run beside this one. */

export const TODAY = fileURLToPath(new URL('../..', import.meta.url));

export type Checkout = {
  folder: string;
  /** Short, as workers are called by it. */
  commit: string;
};

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', TODAY, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** The commit by which the last release was cut: since the first of them each writes down its migrations. HEAD where there is none. */
export function lastRelease(): string {
  return git('log', '-1', '--format=%H', '--', 'db/migrations/released.json') || 'HEAD';
}

export const commitOf = (name: string): string => git('rev-parse', '--short', `${name}^{commit}`);

/** Checks a commit out into a folder of its own, and has its packages there: this one's where they are the same. */
export function checkOut(name: string, folder: string, say: (line: string) => void): Checkout {
  remove({ folder });
  const commit = commitOf(name);
  git('worktree', 'add', '--force', '--detach', folder, commit);
  if (packagesOf(folder) === packagesOf(TODAY)) {
    symlinkSync(join(TODAY, 'node_modules'), join(folder, 'node_modules'));
  } else {
    say(`installing the packages of ${commit} …`);
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  return { folder, commit };
}

export function remove({ folder }: Pick<Checkout, 'folder'>): void {
  if (existsSync(folder)) {
    // The packages may be this checkout's own: the link goes, and not what it leads to.
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
  git('worktree', 'prune');
}

/** What others publish: a release that only says its own version anew runs with the same. */
function packagesOf(folder: string): string {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  return JSON.stringify(Object.entries(packages).filter(([path]) => path.includes('node_modules/')));
}

/** How today's migrations go on from a checkout's: those that were added, and those that are not as they were. */
export function migrationsSince({ folder }: Checkout): { added: string[]; changed: string[] } {
  const [before, after] = [migrationsIn(join(folder, 'db/migrations')), migrationsToday()];
  return {
    added: Object.keys(after).filter((file) => before[file] === undefined),
    changed: Object.keys(before).filter((file) => after[file] !== before[file]),
  };
}
