/** Pauses before the next try, in ms; the last counts for all that follow. */
const PAUSES = [250, 500, 1_000, 2_000, 5_000, 10_000];

/**
 * How long to wait after so many tries in a row. At random from a pause's half on: whoever lost the line together does
 * not come back together.
 */
export function pauseAfter(tries: number): number {
  const pause = PAUSES[Math.min(tries, PAUSES.length - 1)] as number;
  return (pause * (1 + Math.random())) / 2;
}

/** Waits so many ms, or until the signal is aborted, for whose reason it then throws. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
