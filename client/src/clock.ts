/** A smaller difference between the clocks is the answer's way here, and that its date counts whole seconds: in ms. */
const NEGLIGIBLE = 2_000;

/** The server's clock: deadlines and tokens end by it, however the device's is set. */
export interface Clock {
  /** In ms. */
  now(): number;
  /** Reads it off an answer. */
  read(answer: Response): void;
}

export function createClock(): Clock {
  /** How far the server's clock is ahead of the device's, in ms. */
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    read(answer) {
      // One that may be kept by the browser has the date of when it was new.
      if (!answer.headers.get('cache-control')?.includes('no-store')) return;
      const found = Date.parse(answer.headers.get('date') ?? '') - Date.now();
      // Without a date it is NaN, which is more than nothing.
      if (Math.abs(found - ahead) > NEGLIGIBLE) ahead = found;
    },
  };
}
