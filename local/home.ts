import {
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileTrouble } from './fileTrouble.ts';
import { type Lock, takeLock } from './lock.mjs';
import type { Part, PartName } from './part.ts';
import { commandOf, isRunning, type ProcessIdentity } from './process.mjs';
import { SettingInvalid } from './settings.ts';

/** What is running, for people and programs that want to find it. Replaced whole, never changed in place. */
export interface StackFile {
  readonly api: string;
  readonly console: string;
  readonly temporalUi: string | null;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  /** Null when there is no Redis: live events then reach one process only. */
  readonly redisUrl: string | null;
  /** Null when there is no RabbitMQ: other services then hear nothing. */
  readonly amqpUrl: string | null;
  /** Null for a server that a URL names: it is not ours. */
  readonly pids: Readonly<Record<PartName | 'supervisor', number | null>>;
}

/** A sentence for the user; no stack trace goes with it. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

type Recorded = ProcessIdentity & { readonly name: PartName };

const LARGEST_LOG = 64 * 1024 * 1024;

/** The folder that holds everything one stack owns; while we have it open, no other supervisor works in it. */
export class Home {
  readonly dir: string;
  readonly #release: () => void;

  /**
   * Makes the folder when it is missing. Throws `HomeInUse` when another supervisor has it open, and `SettingInvalid`
   * when this user cannot work in it.
   */
  constructor(dir: string) {
    const [home, lock] = enter(dir);
    this.dir = home;
    if (lock.holder !== undefined) {
      const { pid } = lock.holder;
      throw new HomeInUse(
        `Tandem already runs here as process ${pid} (${commandOf(pid)}), with its data in ${this.dir}: stop it with Ctrl-C or \`kill ${pid}\`, or start another beside it with TANDEM_HOME and PORT.`,
      );
    }
    this.#release = lock.release;
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  log(name: PartName): string {
    return this.path('logs', `${name}.log`);
  }

  close(): void {
    this.#release();
  }

  /** Written as soon as a process is there, so that one whose supervisor was killed is found by the next. */
  recordParts(parts: Iterable<Part>): void {
    const recorded: Recorded[] = [];
    for (const { name, identity } of parts) if (identity !== null) recorded.push({ name, ...identity });
    this.#replace('parts.json', recorded);
  }

  /**
   * Ends what a killed supervisor of this folder left running, and nothing else: a process is meant by its pid
   * together with the instant of its birth. Says which.
   */
  async endOrphans(say: (line: string) => void): Promise<void> {
    const recorded = (this.#read<Recorded[]>('parts.json') ?? []).filter(isRunning);
    if (recorded.length === 0) return;
    say(`Ending what an earlier start left behind: ${recorded.map(({ name, pid }) => `${name} (${pid})`).join(', ')}.`);
    for (const { name, pid } of recorded) signalQuietly(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
    if (await allEnded(recorded, 4000)) return;
    for (const { pid } of recorded.filter(isRunning)) signalQuietly(pid, 'SIGKILL');
    await allEnded(recorded, 4000);
  }

  writeStack(stack: StackFile): void {
    this.#replace('stack.json', stack);
  }

  removeStack(): void {
    rmSync(this.path('stack.json'), { force: true });
    rmSync(this.path('parts.json'), { force: true });
  }

  /** The ports of last time, so that an open Web UI or database client finds its server again. */
  readPorts(): Record<string, number> {
    return this.#read('ports.json') ?? {};
  }

  writePorts(ports: Record<string, number>): void {
    this.#replace('ports.json', ports);
  }

  /** Empties logs that have grown too large; their writers append, and go on at the start. */
  trimLogs(): void {
    for (const name of ['postgres', 'redis', 'rabbitmq', 'temporal', 'api', 'worker'] as const) {
      const size = statSync(this.log(name), { throwIfNoEntry: false })?.size ?? 0;
      if (size > LARGEST_LOG) truncateSync(this.log(name));
    }
  }

  #replace(name: string, content: unknown): void {
    const draft = this.path(`${name}.new`);
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.path(name));
  }

  #read<T>(name: string): T | null {
    try {
      return JSON.parse(readFileSync(this.path(name), 'utf8'));
    } catch {
      return null;
    }
  }
}

function enter(dir: string): [home: string, lock: Lock] {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const home = realpathSync(dir);
    return [home, takeLock(join(home, 'supervisor.lock'))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const { message } = error as Error;
    throw new SettingInvalid(
      fileTrouble(error, dir) ?? `TANDEM_HOME is "${dir}", which is no folder and cannot be made one (${message}).`,
    );
  }
}

async function allEnded(processes: ProcessIdentity[], within: number): Promise<boolean> {
  const deadline = Date.now() + within;
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
