import { setTimeout as wait } from 'node:timers/promises';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import type { Program } from './stack.ts';

const LOOK_MS = 50;
const PATIENCE_MS = 30_000;

/** How far workflows are behind the door: every step that was committed against every one they have evolved through. */
export class Behind {
  readonly #worker: Program;
  readonly #postgres: Client;
  /** Steps that were there when it began to look: a workflow that starts reads where its process stands, and evolves none. */
  #before = 0;
  #evolved = 0;
  /** Milliseconds from each step's instant to its workflow having evolved through it, since `take`. */
  #lags: number[] = [];

  private constructor(worker: Program, postgres: Client) {
    this.#worker = worker;
    this.#postgres = postgres;
  }

  /** From when the workflows of all processes have started, and show where those stand. */
  static async watch(worker: Program, databaseUrl: string, temporalAddress: string): Promise<Behind> {
    const postgres = new Client({ connectionString: databaseUrl });
    // Postgres may be stopped before this is closed.
    postgres.on('error', () => {});
    await postgres.connect();
    const behind = new Behind(worker, postgres);
    await behind.#untilStarted(temporalAddress);
    behind.#before = await behind.#steps();
    await behind.take();
    behind.#evolved = 0;
    return behind;
  }

  async #untilStarted(temporalAddress: string): Promise<void> {
    const connection = await Connection.connect({ address: temporalAddress });
    const temporal = new TemporalClient({ connection });
    const { rows } = await this.#postgres.query<{ state: string; many: number }>(
      'SELECT state, count(*)::int AS many FROM processes GROUP BY state',
    );
    const began = performance.now();
    for (const { state, many } of rows) {
      while ((await temporal.workflow.count(`TandemState = '${state}'`)).count < many) {
        if (performance.now() - began > 4 * PATIENCE_MS) throw new Error('workflows have not all started');
        await wait(LOOK_MS);
      }
    }
    await connection.close();
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
    const steps = await this.#steps();
    await this.#listen();
    return Math.max(0, steps - this.#before - this.#evolved);
  }

  async #steps(): Promise<number> {
    const { rows } = await this.#postgres.query<{ steps: number }>(
      'SELECT coalesce(sum(version), 0)::int AS steps FROM processes',
    );
    return rows[0]?.steps ?? 0;
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
