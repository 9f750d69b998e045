import { settledWithin } from '#local/part.ts';

const PATIENCE_MS = 15_000;

/** What has to be closed in the end, the last opened first. */
export class Closing {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Does each step once; one that fails or takes longer than 15 s does not keep the others from being done. */
  async close(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const done = Promise.resolve(step()).catch((error: unknown) => console.error(error));
      await settledWithin(done, PATIENCE_MS);
    }
  }
}
