import { execFile } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { takeLock } from './lock.mjs';
import { PartFailure } from './part.ts';
import { endsWithParent } from './process.mjs';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Beside what it will replace, and so on the same disk. */
const BUILDING = '.building';
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');

/**
 * Builds the web page in `<root>/console` when one of its sources, or of the client's in it, is newer than what was
 * built. Returns false when nothing was to do.
 */
export async function buildConsole(signal: AbortSignal, root = ROOT): Promise<boolean> {
  const page = join(root, 'console');
  if (isCurrent(root)) return false;
  // Two homes may start from one clone at the same time.
  for (;;) {
    const lock = takeLock(join(root, '.tandem', 'console.lock'));
    if (lock.release === undefined) {
      await setTimeout(200, undefined, { signal });
      continue;
    }
    try {
      if (isCurrent(root)) return false;
      await build(page, signal);
      return true;
    } finally {
      lock.release();
    }
  }
}

function isCurrent(root: string): boolean {
  const built = statSync(join(root, 'console', 'dist', 'index.html'), { throwIfNoEntry: false });
  return built !== undefined && ['console', 'client'].every((name) => newestSource(join(root, name)) <= built.mtimeMs);
}

function newestSource(folder: string): number {
  let newest = 0;
  if (!existsSync(folder)) return newest;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'test', BUILDING].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs);
  }
  return newest;
}

/** Into a folder elsewhere, so that a build that is cut short or fails leaves the last one in its place. */
async function build(page: string, signal: AbortSignal): Promise<void> {
  // Under this name Git and the linter pass it by.
  const draft = join(page, BUILDING, 'dist');
  const [command, ...args] = endsWithParent(
    [process.execPath, VITE, 'build', '--outDir', draft, '--emptyOutDir', '--logLevel', 'warn'],
    'SIGKILL',
  );
  try {
    await run(command as string, args, { cwd: page, signal, env: { ...process.env, NODE_ENV: 'production' } });
  } catch (error) {
    signal.throwIfAborted();
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new PartFailure('The console could not be built.', `${stdout ?? ''}${stderr ?? ''}`.trim());
  }
  const built = join(page, 'dist');
  if (existsSync(built)) rmSync(built, { recursive: true });
  renameSync(draft, built);
  rmSync(join(page, BUILDING), { recursive: true });
}
