import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { keepsTraces } from '#program/trace.ts';
import { TRACED_WORKFLOWS } from './traced.ts';

/**
 * The workflows as one file. Making it is some five seconds of a core, which every worker that starts would pay; so it is
 * kept beside the packages, under the digest of all that it is made of.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORKFLOWS = join(ROOT, 'workflows', 'index.ts');
const KEPT = join(ROOT, 'node_modules', '.cache', 'tandem');

const ours = new Map<boolean, Promise<{ code: string }>>();

type Which = { workflowsPath?: string | undefined; traced?: boolean };

/**
 * Ours, made or read once a process; another release's, which are named, are made anew. With what takes traces through
 * workflows, where these are kept.
 */
export function workflowBundle({ workflowsPath, traced = keepsTraces() }: Which = {}): Promise<{ code: string }> {
  if (workflowsPath !== undefined) return bundle(workflowsPath, traced);
  const found = ours.get(traced) ?? readOrMake(KEPT, traced, () => bundle(WORKFLOWS, traced));
  ours.set(traced, found);
  return found;
}

/** Of this folder, or made and left there. An image whose files are not to be written goes without. */
export async function readOrMake(
  folder: string,
  traced: boolean,
  make: () => Promise<{ code: string }>,
): Promise<{ code: string }> {
  const digest = digestOfSources();
  const file = join(folder, `workflows-${digest}${traced ? '-traced' : ''}.js`);
  const kept = readOrNull(file);
  if (kept !== null) return { code: kept };
  const { code } = await make();
  try {
    mkdirSync(folder, { recursive: true });
    for (const other of readdirSync(folder)) {
      if (/^workflows-.+\.js$/.test(other) && !other.includes(digest)) rmSync(join(folder, other), { force: true });
    }
    // Moved there whole: another worker may start at this moment.
    const unfinished = join(folder, `${randomUUID()}.unfinished`);
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  } catch {
    // It is made again by the next worker.
  }
  return { code };
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Of every source of the workflows, and of the versions of all packages, the bundler's among them. */
export function digestOfSources(root = ROOT): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const folder = join(root, 'workflows');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort();
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 32);
}

function bundle(workflowsPath: string, traced: boolean): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    ...(traced && { workflowInterceptorModules: [TRACED_WORKFLOWS] }),
    // Loaded once instead of once a workflow: they keep no state of their own, and are frozen.
    preloadModules: [workflowsPath],
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn() {},
      error: (message) => process.stderr.write(`${message}\n`),
    },
  });
}
