/** The same for the same seed; what it meets on the way is up to the machine. Whole, below `many`. */
export function drawOf(seed: number): (many: number) => number {
  let state = seed >>> 0;
  return (many) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * many);
  };
}

/** One of them, as often as its weight says. */
export function pick<One>(all: readonly (readonly [weight: number, one: One])[], draw: (many: number) => number): One {
  let left = draw(all.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, one] of all) {
    if (left < weight) return one;
    left -= weight;
  }
  throw new RangeError('there is nothing to pick from');
}
