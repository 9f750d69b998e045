import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { Program } from './stack.ts';

const LOOK_MS = 50;
const PATIENCE_MS = 30_000;

/** How far workflows are behind the door: every step that was committed against every one they have evolved through. */
export class Behind {
  readonly #worker: Program;
  readonly #postgres: Client;
  #evolved = 0;
  /** Milliseconds from each step's instant to its workflow having evolved through it, since `take`. */
  #lags: number[] = [];

  private constructor(worker: Program, postgres: Client) {
    this.#worker = worker;
    this.#postgres = postgres;
  }

  static async watch(worker: Program, databaseUrl: string): Promise<Behind> {
    const postgres = new Client({ connectionString: databaseUrl });
    // Postgres may be stopped before this is closed.
    postgres.on('error', () => {});
    await postgres.connect();
    return new Behind(worker, postgres);
  }

  /** Waits until workflows know every step. Returns how long that took, in ms; throws after 30 s. */
  async settle(): Promise<number> {
    const began = performance.now();
    for (;;) {
      const left = await this.left();
      if (left === 0) return performance.now() - began;
      if (performance.now() - began > PATIENCE_MS) throw new Error(`workflows are still ${left} steps behind`);
      await wait(LOOK_MS);
    }
  }

  /** Steps that are committed and that no workflow has evolved through. */
  async left(): Promise<number> {
    const { rows } = await this.#postgres.query<{ steps: number }>(
      'SELECT coalesce(sum(version), 0)::int AS steps FROM conversations',
    );
    await this.#listen();
    return Math.max(0, (rows[0]?.steps ?? 0) - this.#evolved);
  }

  async #listen(): Promise<void> {
    const response = await fetch(`${this.#worker.probe}/samples`);
    const seconds = (await response.json()) as number[];
    this.#evolved += seconds.length;
    for (const each of seconds) this.#lags.push(each * 1_000);
  }

  /** What was measured since the last time, and forgets it. */
  async take(): Promise<Float64Array> {
    await this.#listen();
    const taken = Float64Array.from(this.#lags).sort();
    this.#lags = [];
    return taken;
  }

  async close(): Promise<void> {
    await this.#postgres.end();
  }
}
