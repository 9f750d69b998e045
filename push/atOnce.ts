/** So much work at a time; what is more waits its turn, in order. */
export function atOnce(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let under = 0;
  return async (work) => {
    if (under >= most) await new Promise<void>((go) => waiting.push(go));
    else under += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waits takes this place, so that nobody comes in between.
      if (next) next();
      else under -= 1;
    }
  };
}
