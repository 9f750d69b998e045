import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPILED } from './cache.ts';
import { type Part, type PartName, settledWithin, startPart, untilReady } from './part.ts';
import { listens } from './ports.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_WITHIN_MS = 40_000;
const STOP_MS = 3_000;

export interface ProgramOptions {
  readonly name: Extract<PartName, 'api' | 'worker'>;
  /** Answers 200 once the program can be used. */
  readonly readyUrl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  /** The checkout whose program it is; this one where it is left out. */
  readonly root?: string;
  readonly readyWithinMs?: number;
  /** So long it has to end what is under way, before it is killed. */
  readonly stopMs?: number;
  readonly spawned?: (part: Part) => void;
  /** Hears what it says over a line of its own. */
  readonly heard?: (message: unknown, part: Part) => void;
}

/** Starts one of our own programs, `api/main.ts` or `worker/main.ts`, under the Node that runs us. */
export async function startProgram({ root = ROOT, ...options }: ProgramOptions): Promise<Part> {
  const part = await startPart({
    name: options.name,
    command: [process.execPath, join(root, options.name, 'main.ts')],
    cwd: root,
    env: { NODE_COMPILE_CACHE: COMPILED, ...options.env },
    log: options.log,
    // Without us nobody would start it again or tell where it is; what it has committed is safe.
    orphanSignal: 'SIGKILL',
    stop: [{ signal: 'SIGTERM', wait: options.stopMs ?? STOP_MS }],
    spawned: options.spawned,
    heard: options.heard,
  });
  await untilReady(part, () => isReady(part, options.readyUrl), options.readyWithinMs ?? READY_WITHIN_MS);
  return part;
}

/** Another stack's program answers the same way: an answer counts when it is our child that listens there. */
async function isReady(part: Part, url: string): Promise<boolean> {
  if (!(await answersWell(url))) return false;
  const ours = listens(part.pid, Number(new URL(url).port || 80));
  if (ours !== null) return ours;
  // Where that cannot be seen: one that may not listen ends by itself.
  await settledWithin(part.ended, 500);
  return part.ending === null;
}

/** Whether there is an answer, soon, and a good one. */
export async function answersWell(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
