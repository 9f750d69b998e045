import { spawn } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { executableOnPath, isExecutable } from './executable.ts';
import { PartFailure } from './part.ts';
import { endsWithParent } from './process.mjs';

/** What is built with Go: programs of a module of ours that pins every version. */
export interface Buildable {
  readonly what: string;
  readonly module: string;
  readonly packages: readonly string[];
}

/** The server as one program, with its store in SQLite and the Web UI. */
export const DEV_SERVER: Buildable = {
  what: 'the Temporal server',
  module: fileURLToPath(new URL('./temporal-server', import.meta.url)),
  packages: ['github.com/temporalio/cli/cmd/temporal'],
};

/** The server as a cluster runs it, and the tool that makes and updates its databases. */
export const CLUSTER_SERVER: Buildable = {
  what: "Temporal's cluster server",
  module: fileURLToPath(new URL('./temporal-postgres', import.meta.url)),
  packages: ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'],
};

const PROGRESS_EVERY = 5000;
const ROOMY_BYTES = 6 * 1024 ** 3;

/** A Go to build with; null where this machine has none. */
export function findGo(): string | null {
  return executableOnPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(isExecutable) ?? null;
}

/**
 * Builds it with Go (minutes): one program as the file `target`, several into a folder of that name. Says how far it is.
 */
export async function build(
  go: string,
  buildable: Buildable,
  target: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const { what, packages } = buildable;
  say(`Building ${what} with Go. This is done once and takes some minutes.`);
  let downloaded = 0;
  const all = await runGo(
    go,
    buildable,
    ['list', '-deps', ...packages],
    (line) => {
      if (line.startsWith('go: downloading')) downloaded++;
    },
    () => say(`  ${seconds()} s: downloading modules, ${downloaded} so far`),
    signal,
  );
  let compiled = 0;
  const draft = `${target}.new`;
  if (packages.length > 1) mkdirSync(draft, { recursive: true });
  // Without debugging tables it is a third smaller, and compiled with an eighth less work.
  const small = ['-buildvcs=false', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags=-s -w'];
  await runGo(
    go,
    buildable,
    ['build', '-v', ...small, '-o', draft, ...packages],
    () => {
      compiled++;
    },
    () => say(`  ${seconds()} s: compiling, ${Math.min(compiled, all)} of ${all} packages`),
    signal,
  );
  renameSync(draft, target);
  say(`Built in ${seconds()} s.`);
}

/** Runs Go in the pinned module. Returns how many lines it wrote; every line of its progress goes to `onLine`. */
async function runGo(
  go: string,
  { what, module }: Buildable,
  args: string[],
  onLine: (line: string) => void,
  onTick: () => void,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const [command, ...rest] = endsWithParent([go, ...args], 'SIGTERM');
  const child = spawn(command as string, rest, {
    cwd: module,
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
      ? `${sentence(what)} could not be built (go ${args[0]} ended with ${ended}): see below, and start again to go on from there.`
      : `${sentence(what)} could not be built: ${tooOld.trim()}. Install that Go, or allow Go to fetch it (GOTOOLCHAIN=auto).`,
    last.join('\n'),
  );
}

function sentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

/** Compilers that collect their garbage less often do a quarter less work, and need half as much memory again. */
function roomForCompilers(): NodeJS.ProcessEnv {
  return totalmem() > ROOMY_BYTES ? { GOGC: '400' } : {};
}
