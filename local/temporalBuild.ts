import { spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { executableOnPath, isExecutable } from './executable.ts';
import { PartFailure } from './part.ts';
import { endsWithParent } from './process.mjs';

/** The module, pinned to one version, that the server is built from. */
export const MODULE = fileURLToPath(new URL('./temporal-server', import.meta.url));
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const PROGRESS_EVERY = 5000;
const ROOMY_BYTES = 6 * 1024 ** 3;

/** A Go to build with; null where this machine has none. */
export function findGo(): string | null {
  return executableOnPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(isExecutable) ?? null;
}

/** Builds the server with Go from the pinned module, into `target` (minutes). Says how far it is. */
export async function buildTemporal(
  go: string,
  target: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
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
  // Without debugging tables it is a third smaller, and compiled with an eighth less work.
  const small = ['-buildvcs=false', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags=-s -w'];
  await runGo(
    go,
    ['build', '-v', ...small, '-o', draft, PACKAGE],
    () => {
      compiled++;
    },
    () => say(`  ${seconds()} s: compiling, ${Math.min(compiled, packages)} of ${packages} packages`),
    signal,
  );
  renameSync(draft, target);
  say(`Built in ${seconds()} s.`);
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
