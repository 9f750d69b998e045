/**
 * A function of objects that never change, worked out once for each of them and kept as long as that is. Its result is
 * never undefined.
 */
export function oncePer<Of extends object, Result extends object | string | bigint | null>(
  work: (of: Of) => Result,
): (of: Of) => Result {
  const results = new WeakMap<Of, Result>();
  return (of) => {
    const known = results.get(of);
    if (known !== undefined) return known;
    const result = work(of);
    results.set(of, result);
    return result;
  };
}
