import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StackFile } from '#local/home.ts';
import type { PartName } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { endsWithParent, identify, isRunning, type ProcessIdentity } from '#local/process.mjs';
import { FROM_ONE_ADDRESS, type Person, signIn, until, WEBHOOK_SECRET } from './person.ts';

export const PARTS: readonly PartName[] = ['postgres', 'redis', 'temporal', 'api', 'worker'];

/**
 * The product as its own processes: `node local/start.ts` in a home and on a port of its own, whose parts a test may
 * kill, freeze and rob of what they keep.
 */
export type Stack = {
  url: string;
  home: string;
  /** stack.json as it is now. */
  file(): StackFile;
  /** Ends parts as a power cut would (`kill -9`). Answers how to wait until the supervisor has all of them back. */
  kill(...parts: PartName[]): () => Promise<void>;
  /** Has parts neither work nor answer nor hang up (SIGSTOP). Answers how to let them go on. */
  freeze(...parts: PartName[]): () => void;
  /** Ends all of it in order, as Ctrl-C does. */
  stop(): Promise<void>;
  /** Starts it again, with what it kept. */
  start(): Promise<void>;
  /** `npm run retell`; answers what it says. */
  retell(): Promise<string>;
  admin(): Promise<Person>;
  /** Ends what runs, in whatever state it is, and removes what it kept. */
  close(): Promise<void>;
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ADMIN = { handle: 'the_admin', password: 'a password of the admin' };
/** A supervisor starts a part again within this, on a busy machine too. */
const BACK_WITHIN_MS = 45_000;
const START_WITHIN_MS = 240_000;
const STOP_WITHIN_MS = 20_000;

/** With settings beside the usual ones. */
export async function openStack(settings: Record<string, string> = {}): Promise<Stack> {
  // Named and signed as the folders of test servers are: a run that was killed is cleaned up after by the next.
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(identify(process.pid)));
  const home = join(folder, 'home');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    ...{ DATABASE_URL: '', REDIS_URL: '', TEMPORAL_ADDRESS: '', NODE_ENV: '', npm_lifecycle_event: '' },
    ADMIN_HANDLE: ADMIN.handle,
    ADMIN_PASSWORD: ADMIN.password,
    SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ...FROM_ONE_ADDRESS,
    TANDEM_HOME: home,
    PORT: String(port),
    ...settings,
  };
  let supervisor: ChildProcess | null = null;
  let output = '';
  const frozen = new Set<number>();
  /** Every process that was ever named, so that none outlives its test. */
  const known: ProcessIdentity[] = [];

  function file(): StackFile {
    const stack: StackFile = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8'));
    for (const pid of Object.values(stack.pids)) {
      const identity = pid === null ? null : identify(pid);
      if (identity && !known.some(({ birth }) => birth === identity.birth)) known.push(identity);
    }
    return stack;
  }

  function pidOf(part: PartName): number {
    const pid = file().pids[part];
    if (pid === null) throw new Error(`${part} does not run here`);
    return pid;
  }

  async function start(): Promise<void> {
    // Should this process be killed, the kernel stops the supervisor, and with it the rest.
    const [program, ...args] = endsWithParent([process.execPath, 'local/start.ts'], 'SIGTERM');
    const child = spawn(program as string, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    supervisor = child;
    output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await until(
      async () => output,
      (said) => {
        if (hasEnded(child)) throw new Error(`it did not start: ${said}`);
        return /^ready /m.test(said);
      },
      START_WITHIN_MS,
    );
    file();
  }

  async function stop(): Promise<void> {
    const child = supervisor;
    if (!child || hasEnded(child)) return;
    child.kill('SIGTERM');
    await until(
      async () => hasEnded(child),
      (ended) => ended,
      STOP_WITHIN_MS,
    );
  }

  function thaw(pids: Iterable<number>): void {
    for (const pid of pids) {
      frozen.delete(pid);
      signal(pid, 'SIGCONT');
    }
  }

  async function close(): Promise<void> {
    thaw([...frozen]);
    try {
      await stop();
    } catch (error) {
      supervisor?.kill('SIGKILL');
      throw new Error(`it did not stop: ${output}`, { cause: error });
    } finally {
      for (const each of known.filter(isRunning)) signal(each.pid, 'SIGKILL');
      await until(
        async () => known.filter(isRunning),
        (running) => running.length === 0,
        STOP_WITHIN_MS,
      );
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  const stack: Stack = {
    url,
    home,
    file,
    kill(...parts) {
      const before = parts.map((part) => [part, pidOf(part)] as const);
      for (const [, pid] of before) {
        process.kill(pid, 'SIGKILL');
        frozen.delete(pid);
      }
      return async () => {
        await until(
          async () => before.filter(([part, pid]) => pidOf(part) === pid).map(([part]) => part),
          (missing) => missing.length === 0,
          BACK_WITHIN_MS,
        ).catch((error) => {
          throw new Error(`${(error as Error).message}\n${output}`);
        });
      };
    },
    freeze(...parts) {
      const pids = parts.map(pidOf);
      for (const pid of pids) {
        frozen.add(pid);
        process.kill(pid, 'SIGSTOP');
      }
      return () => thaw(pids);
    },
    stop,
    start,
    async retell() {
      const { stdout } = await promisify(execFile)(process.execPath, ['local/retell.ts'], { cwd: ROOT, env });
      return stdout.trim();
    },
    admin: () => signIn(url, ADMIN.handle, ADMIN.password),
    close,
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return stack;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
