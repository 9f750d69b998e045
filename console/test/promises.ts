/** What a part of the promises is handed to keep its own. */
export type Keep = { keep: Promises['keep'] };

/** Counts what was promised and kept, one after the other, and says so line by line. */
export class Promises {
  passed = 0;
  failed = 0;
  readonly #onBroken: (title: string) => Promise<void>;

  /** `onBroken` is called when one was not kept, while everything is still as it was. */
  constructor(onBroken: (title: string) => Promise<void>) {
    this.#onBroken = onBroken;
  }

  /** Each builds on those before it: after one that was not kept the rest are not tried, and count as not kept. */
  async keep(title: string, test: () => Promise<void>): Promise<void> {
    if (this.failed > 0) {
      this.failed += 1;
      this.#say(`  ✗ ${title}  not tried`);
      return;
    }
    const start = performance.now();
    try {
      await test();
      this.passed += 1;
      this.#say(`  ✓ ${title}  ${seconds(start)}`);
    } catch (error) {
      this.failed += 1;
      this.#say(`  ✗ ${title}  ${seconds(start)}\n${indented(error)}`);
      await this.#onBroken(title);
    }
  }

  /** The line that is counted by whoever runs this. */
  end(): void {
    this.#say(`\n${this.passed} passed, ${this.failed} failed`);
  }

  #say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}

function indented(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replaceAll(/^/gm, '      ');
}

/** Looks until something is so; fails with what was last seen. */
export async function until<T>(
  look: () => Promise<T> | T,
  isSo: (seen: T) => boolean,
  what: string,
  withinMs = 15_000,
): Promise<T> {
  const giveUp = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > giveUp) {
      throw new Error(`${what}: not so within ${withinMs} ms; last seen: ${JSON.stringify(seen)?.slice(0, 1_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
