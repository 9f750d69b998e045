/**
 * Several values of a key, in the order they came in. Nearly always it is one, of each of many keys: one alone is kept
 * without a set around it, which is 150 bytes of an idle socket, as often as it is in one.
 */
export class Several<Key, Value extends object | string> {
  readonly #of = new Map<Key, Value | Set<Value>>();

  add(key: Key, value: Value): void {
    const kept = this.#of.get(key);
    if (kept === undefined) this.#of.set(key, value);
    else if (kept instanceof Set) kept.add(value);
    else if (kept !== value) this.#of.set(key, new Set([kept, value]));
  }

  remove(key: Key, value: Value): void {
    const kept = this.#of.get(key);
    if (kept instanceof Set) {
      kept.delete(value);
      if (kept.size === 0) this.#of.delete(key);
    } else if (kept === value) {
      this.#of.delete(key);
    }
  }

  has(key: Key, value: Value): boolean {
    const kept = this.#of.get(key);
    return kept instanceof Set ? kept.has(value) : kept !== undefined && kept === value;
  }

  count(key: Key): number {
    const kept = this.#of.get(key);
    return kept instanceof Set ? kept.size : kept === undefined ? 0 : 1;
  }

  /** Values may be taken away while they are walked through. */
  in(key: Key): Iterable<Value> {
    const kept = this.#of.get(key);
    return kept instanceof Set ? kept : kept === undefined ? [] : [kept];
  }

  /** Every key that there is a value of. */
  keys(): Iterable<Key> {
    return this.#of.keys();
  }
}
