/**
 * Has something done at once, and again each time after as many ms as it answered. `stop` ends that; with `last` it is
 * done once more, when it would have been.
 */
export function repeat(turn: () => Promise<number>): { stop(last: boolean): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const next = async () => {
    const afterMs = await turn();
    if (!over) timer = setTimeout(() => void next(), afterMs);
  };
  void next();
  return {
    stop(last) {
      over = true;
      if (!last) clearTimeout(timer);
    },
  };
}
