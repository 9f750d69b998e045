import { setTimeout as wait } from 'node:timers/promises';

export type Turns = {
  /** Ends after the turn that is under way. */
  stop(): Promise<void>;
};

/**
 * Does something again and again until it is stopped. A turn says for how many ms to pause after it, and so does whoever
 * is told that one failed; the next follows either way. A long turn may end early once `stopping` is aborted.
 */
export function startTurns(
  turn: (stopping: AbortSignal) => Promise<number>,
  failed: (error: unknown) => number,
): Turns {
  const ending = new AbortController();
  const running = takeTurns(ending.signal, () => turn(ending.signal), failed);
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** The same for somebody with a signal of their own: ends when that is aborted, after the turn that is under way. */
export async function takeTurns(
  stopping: AbortSignal,
  turn: () => Promise<number>,
  failed: (error: unknown) => number,
): Promise<void> {
  while (!stopping.aborted) {
    // What fails because the end has come is nobody's concern.
    const ms = await turn().catch((error: unknown) => (stopping.aborted ? 0 : failed(error)));
    if (ms > 0) await pause(ms, stopping);
  }
}

/** Does something chunk by chunk until there is no more of it; ends after the chunk that is under way when it is stopped. */
export async function inChunks(stopping: AbortSignal, chunk: () => Promise<boolean>): Promise<void> {
  for (let more = true; more && !stopping.aborted; ) more = await chunk();
}

/** Over as well when it is stopped, also before it began. */
export async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal: stopping }).catch(() => {});
}
