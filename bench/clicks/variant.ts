import { type ChildProcess, fork } from 'node:child_process';
import type { Order, Reply, RunOrder, RunReport } from './driver.ts';
import { quantile } from './numbers.ts';
import { diskFlushes, Meter } from './processes.ts';

/** How a click is worked on, in a process of its own: the parent's side of `driver.ts`. */
export type VariantSpec = {
  name: string;
  script: string;
  options: unknown;
  deals: number;
  /** The processes that work for it, by the name they have in the table; its own, the caller's, is added. */
  pids: Record<string, number>;
  /** Called after every run, before its CPU time and its syncs are read: work that was put off counts as well. */
  settle?: () => Promise<unknown>;
  /** Processes that are stopped where they stand while it runs. */
  without?: number[];
};

/** One run of one variant: latencies in ms, CPU in ms a click. */
export type Measured = {
  /** Of the clicks that began within the window. */
  p50: number;
  p99: number;
  /** Clicks that were answered within the window. */
  perSecond: number;
  /** By process, and `all` of them together. */
  cpu: Record<string, number>;
  flushes: number | null;
  /** What others used of the machine meanwhile, in cores. */
  others: number;
};

export class Variant {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #spec: VariantSpec;
  #ended: string | null = null;

  private constructor(spec: VariantSpec, child: ChildProcess) {
    this.name = spec.name;
    this.#spec = spec;
    this.#child = child;
    this.pid = child.pid as number;
    child.once('exit', (code, signal) => {
      this.#ended = `${spec.name} ended (${signal ?? `code ${code}`})`;
    });
  }

  static async open(spec: VariantSpec): Promise<Variant> {
    const child = fork(spec.script, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const variant = new Variant(spec, child);
    try {
      await variant.#ask({ kind: 'open', options: spec.options, deals: spec.deals });
      return variant;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Every process of it. */
  get pids(): Record<string, number> {
    return { ...this.#spec.pids, caller: this.pid };
  }

  async run(order: RunOrder): Promise<Measured> {
    const { without = [] } = this.#spec;
    for (const pid of without) process.kill(pid, 'SIGSTOP');
    try {
      return await this.#measure(order);
    } finally {
      for (const pid of without) process.kill(pid, 'SIGCONT');
    }
  }

  async #measure(order: RunOrder): Promise<Measured> {
    const flushesBefore = diskFlushes();
    const meter = new Meter(this.pids);
    const began = performance.now();
    const { latencies, answered, clicks, ms } = (await this.#ask({ kind: 'run', run: order })) as RunReport;
    await this.#spec.settle?.();
    const flushesAfter = diskFlushes();
    const { used, others } = meter.read();
    latencies.sort();
    // CPU and syncs are of the whole run, from before the first click of the warm-up until everything is answered and
    // settled, and so are divided by all of its clicks: each began and was answered in between, so none counts in part.
    const cpu = Object.fromEntries(Object.entries(used).map(([name, spent]) => [name, spent / clicks]));
    return {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      perSecond: (answered / ms) * 1_000,
      cpu: { ...cpu, all: Object.values(cpu).reduce((sum, each) => sum + each, 0) },
      flushes: flushesBefore === null || flushesAfter === null ? null : (flushesAfter - flushesBefore) / clicks,
      others: others / (performance.now() - began),
    };
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return;
    await this.#ask({ kind: 'close' }).catch(() => {});
    this.#child.kill('SIGKILL');
  }

  #ask(order: Order): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(new Error(this.#ended));
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(this.#ended ?? `${this.name} ended`));
      this.#child.once('exit', ended);
      this.#child.once('message', (reply: Reply) => {
        this.#child.off('exit', ended);
        if ('error' in reply) reject(new Error(`${this.name}: ${reply.error}`));
        else resolve(reply.ok);
      });
      this.#child.send(order);
    });
  }
}
