import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import { executableOnPath, isExecutable } from './executable.ts';
import { takeLock } from './lock.mjs';
import { PartFailure } from './part.ts';
import { type Buildable, build, CLUSTER_SERVER, DEV_SERVER, findGo } from './temporalBuild.ts';
import { downloadTemporal } from './temporalDownload.ts';

const run = promisify(execFile);

/** Older servers lack time skipping per workflow, and Updates with start on a closed id. */
const OLDEST_SERVER = [1, 32] as const;

/**
 * The path of a `temporal` program with a server new enough: the one that was got earlier and lies in the user's cache,
 * one on PATH, one downloaded now (a minute) or, where the network does not have it, built now with Go from the module
 * pinned in `temporal-server/` (minutes). Either is done once a user.
 */
export async function findTemporal(say: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const cached = cachedProgram();
  if (isExecutable(cached)) return cached;
  const installed = executableOnPath('temporal');
  if (installed !== null && (await isNewEnough(installed))) return installed;
  await once(
    dirname(cached),
    () => isExecutable(cached),
    () => fillAlone(cached, say, signal),
    say,
    signal,
  );
  return cached;
}

/** The server's own programs, as a cluster on Postgres has them. */
export interface ClusterPrograms {
  readonly server: string;
  /** `temporal-sql-tool`. */
  readonly sqlTool: string;
}

/** Those of the module pinned in `temporal-postgres/`: from the user's cache, or built now with Go (minutes). */
export async function findClusterPrograms(say: (line: string) => void, signal?: AbortSignal): Promise<ClusterPrograms> {
  const folder = cacheOf('temporal-server', CLUSTER_SERVER);
  const programs = { server: join(folder, 'bin', 'server'), sqlTool: join(folder, 'bin', 'sql') };
  const isThere = () => isExecutable(programs.server) && isExecutable(programs.sqlTool);
  const get = async () => {
    const go = findGo();
    if (go === null) throw new PartFailure(`There is no Go to build ${CLUSTER_SERVER.what} with: install Go 1.26.8.`);
    await build(go, CLUSTER_SERVER, join(emptied(folder), 'bin'), say, signal);
    say(`${CLUSTER_SERVER.what} is kept in ${folder}.`);
  };
  if (!isThere()) await once(folder, isThere, get, say, signal);
  return programs;
}

function cachedProgram(): string {
  return join(cacheOf('temporal', DEV_SERVER), 'temporal');
}

/** Named by what it is built from, so that a new version is built anew and an old clone still finds its own. */
function cacheOf(name: string, { module }: Buildable): string {
  const sources = ['go.mod', 'go.sum'].map((file) => readFileSync(join(module, file)));
  const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  return join(cacheFolder(), `${name}-${process.platform}-${process.arch}-${hash}`);
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

/** One process of this user gets what a folder is for, the others wait. */
async function once(
  folder: string,
  isThere: () => boolean,
  get: () => Promise<void>,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let told = false; ; told = true) {
    const lock = takeLock(`${folder}.lock`);
    if (lock.release) {
      try {
        if (!isThere()) await get();
      } finally {
        lock.release();
      }
      return;
    }
    if (!told) say(`Process ${lock.holder.pid} is getting the Temporal server: waiting for it.`);
    await setTimeout(1000, undefined, signal === undefined ? {} : { signal });
  }
}

async function fillAlone(target: string, say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  emptied(dirname(target));
  const draft = `${target}.got`;
  const missing = await downloadTemporal(draft, say, signal);
  if (missing === null && (await isNewEnough(draft))) return keep(draft, target, say);
  const why = missing ?? 'what was downloaded does not start here';
  const go = findGo();
  if (go === null) {
    throw new PartFailure(
      `Tandem needs the Temporal server 1.32. It could not be downloaded (${why}), and there is no Go to build it with: install Go 1.26.8 or newer, put a \`temporal\` with server 1.32 on PATH, or set TEMPORAL_ADDRESS.`,
    );
  }
  say(`The Temporal server cannot be downloaded here (${why}).`);
  await build(go, DEV_SERVER, draft, say, signal);
  if (!(await isNewEnough(draft))) throw new PartFailure('The Temporal server was built, but does not start.');
  keep(draft, target, say);
}

/** What an earlier try left there is in the way. */
function emptied(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  return folder;
}

function keep(draft: string, target: string, say: (line: string) => void): void {
  renameSync(draft, target);
  say(`The Temporal server is kept in ${dirname(target)}.`);
}
