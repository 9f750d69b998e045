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
import { buildTemporal, findGo, MODULE } from './temporalBuild.ts';
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
  await fill(cached, say, signal);
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

/** One process of this user gets it, the others wait. */
async function fill(target: string, say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const folder = dirname(target);
  for (let told = false; ; told = true) {
    const lock = takeLock(`${folder}.lock`);
    if (lock.release) {
      try {
        if (!isExecutable(target)) await fillAlone(target, say, signal);
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
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
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
  await buildTemporal(go, draft, say, signal);
  if (!(await isNewEnough(draft))) throw new PartFailure('The Temporal server was built, but does not start.');
  keep(draft, target, say);
}

function keep(draft: string, target: string, say: (line: string) => void): void {
  renameSync(draft, target);
  say(`The Temporal server is kept in ${dirname(target)}.`);
}
