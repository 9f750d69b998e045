/**
 * A count of minor units as the JSON number a provider's API wants. Exact up to 2^53, which MAX_MINOR is below; throws
 * RangeError beyond rather than round.
 */
export function exactNumber(units: bigint): number {
  const value = Number(units);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${units} does not fit a JSON number exactly`);
  return value;
}
