import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import { takeLock } from './lock.mjs';
import { PartFailure } from './part.ts';
import { endsWithParent } from './process.mjs';

const run = promisify(execFile);

const MODULE = fileURLToPath(new URL('./temporal-server', import.meta.url));
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Older servers lack time skipping per workflow, and Updates with start on a closed id. */
const OLDEST_SERVER = [1, 32] as const;
const PROGRESS_EVERY = 5000;
const ROOMY_BYTES = 6 * 1024 ** 3;

/**
 * The path of a `temporal` program with a server new enough: the one built earlier into the user's cache, one on PATH,
 * or one built now with Go from the module pinned in `temporal-server/` (minutes, once a user).
 */
export async function findTemporal(say: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const cached = cachedProgram();
  if (isExecutable(cached)) return cached;
  const installed = onPath('temporal');
  if (installed !== null && (await isNewEnough(installed))) return installed;
  await build(cached, say, signal);
  return cached;
}

/** Named by what it is built from, so that a new version is built anew and an old clone still finds its own. */
function cachedProgram(): string {
  const sources = ['go.mod', 'go.sum'].map((file) => readFileSync(join(MODULE, file)));
  const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  return join(cacheFolder(), `temporal-${process.platform}-${process.arch}-${hash}`, 'temporal');
}

async function isNewEnough(program: string): Promise<boolean> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: 10_000 });
    const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? [];
    if (Number(major) !== OLDEST_SERVER[0]) return Number(major) > OLDEST_SERVER[0];
    return Number(minor) >= OLDEST_SERVER[1];
  } catch {
    return false;
  }
}

async function build(target: string, say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const go = onPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(isExecutable);
  if (go === undefined) {
    throw new PartFailure(
      'Tandem needs the Temporal server 1.32 and builds it with Go: install Go 1.26.8 or newer, put a `temporal` with server 1.32 on PATH, or set TEMPORAL_ADDRESS.',
    );
  }
  const folder = dirname(target);
  for (let told = false; ; told = true) {
    const lock = takeLock(`${folder}.lock`);
    if (lock.release) {
      try {
        if (!isExecutable(target)) await buildAlone(go, target, say, signal);
      } finally {
        lock.release();
      }
      return;
    }
    if (!told) say(`The Temporal server is being built by process ${lock.holder.pid}: waiting for it.`);
    await setTimeout(1000, undefined, signal === undefined ? {} : { signal });
  }
}

async function buildAlone(
  go: string,
  target: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  say('Building the Temporal server with Go. This is done once and takes some minutes.');
  let downloaded = 0;
  const packages = await runGo(
    go,
    ['list', '-deps', PACKAGE],
    (line) => {
      if (line.startsWith('go: downloading')) downloaded++;
    },
    () => say(`  ${seconds()} s: downloading modules, ${downloaded} so far`),
    signal,
  );
  let compiled = 0;
  const draft = `${target}.new`;
  await runGo(
    go,
    // Without debugging tables it is a third smaller, and compiled with an eighth less work.
    [
      'build',
      '-v',
      '-buildvcs=false',
      '-trimpath',
      '-gcflags=all=-dwarf=false',
      '-ldflags=-s -w',
      '-o',
      draft,
      PACKAGE,
    ],
    () => {
      compiled++;
    },
    () => say(`  ${seconds()} s: compiling, ${Math.min(compiled, packages)} of ${packages} packages`),
    signal,
  );
  if (!(await isNewEnough(draft))) throw new PartFailure('The Temporal server was built, but does not start.');
  renameSync(draft, target);
  say(`Built in ${seconds()} s, and kept in ${folder}.`);
}

/** Runs Go in the pinned module. Returns how many lines it wrote; every line of its progress goes to `onLine`. */
async function runGo(
  go: string,
  args: string[],
  onLine: (line: string) => void,
  onTick: () => void,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const [command, ...rest] = endsWithParent([go, ...args], 'SIGTERM');
  const child = spawn(command as string, rest, {
    cwd: MODULE,
    env: { ...process.env, GOWORK: 'off', CGO_ENABLED: '0', ...roomForCompilers() },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: when we give up, its compilers and linker end with it.
    detached: true,
  });
  const giveUp = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
  };
  signal?.addEventListener('abort', giveUp);
  process.once('exit', giveUp);
  const last: string[] = [];
  let written = 0;
  createInterface({ input: child.stdout }).on('line', () => {
    written++;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLine(line);
    last.push(line);
    if (last.length > 12) last.shift();
  });
  const progress = setInterval(onTick, PROGRESS_EVERY);
  const ended = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `code ${code}`)));
  });
  clearInterval(progress);
  signal?.removeEventListener('abort', giveUp);
  process.removeListener('exit', giveUp);
  signal?.throwIfAborted();
  if (ended === null) return written;
  const tooOld = last.find((line) => line.includes('requires go >='));
  throw new PartFailure(
    tooOld === undefined
      ? `The Temporal server could not be built (go ${args[0]} ended with ${ended}): see below, and start again to go on from there.`
      : `The Temporal server could not be built: ${tooOld.trim()}. Install that Go, or allow Go to fetch it (GOTOOLCHAIN=auto).`,
    last.join('\n'),
  );
}

/** Compilers that collect their garbage less often do a quarter less work, and need half as much memory again. */
function roomForCompilers(): NodeJS.ProcessEnv {
  return totalmem() > ROOMY_BYTES ? { GOGC: '400' } : {};
}

function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
