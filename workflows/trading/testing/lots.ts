/** What is drawn for tests, the same for the same seed. */
export function lotsOf(seed: number): { below(bound: number): number; oneOf<Of>(those: readonly Of[]): Of } {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return { below, oneOf: (those) => those[below(those.length)] as (typeof those)[number] };
}
