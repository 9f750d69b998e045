/** Processes that were rung for and are not told yet: what just happened goes before what is repeated, and starves it not. */

/** How one was rung for. */
export type Rung = {
  /** The workflow is to be woken even if it was told everything. */
  waken: boolean;
  /** It has no run that lives: telling it begins one. */
  begins: boolean;
};

/** Of a batch, what is repeated has at least so much where there is enough of it. */
const REPEATED_SHARE = 0.25;

export type RungFor = {
  /** What just happened. */
  add(processId: string): void;
  /** What a sweep or a look found. */
  repeat(processId: string, ring: Rung): void;
  /** Is left alone until then, by the process's clock. */
  rest(processId: string, until: number): void;
  /** Up to so many that do not rest. */
  take(atMost: number, now: number): Map<string, Rung>;
  /** When the first that was rung for has rested; null where none was. */
  firstAt(now: number): number | null;
  forgetRested(now: number): void;
};

export function createRungFor(): RungFor {
  const fresh = new Map<string, Rung>();
  const repeated = new Map<string, Rung>();
  /** Until when a process that was just told is left alone. */
  const resting = new Map<string, number>();

  function takeFrom(line: Map<string, Rung>, into: Map<string, Rung>, atMost: number, now: number): void {
    for (const [id, ring] of line) {
      if (into.size >= atMost) return;
      if ((resting.get(id) ?? 0) > now) continue;
      resting.delete(id);
      line.delete(id);
      into.set(id, ring);
    }
  }

  return {
    add(processId) {
      // Its place in the line is that of its first ring, and before all that is repeated.
      const again = repeated.get(processId);
      repeated.delete(processId);
      if (!fresh.has(processId)) fresh.set(processId, again ?? { waken: false, begins: false });
    },
    repeat(processId, ring) {
      const line = fresh.has(processId) ? fresh : repeated;
      const before = line.get(processId);
      line.set(processId, {
        waken: ring.waken || before?.waken === true,
        begins: ring.begins || before?.begins === true,
      });
    },
    rest: (processId, until) => void resting.set(processId, until),
    take(atMost, now) {
      const taken = new Map<string, Rung>();
      const kept = Math.min(repeated.size, Math.ceil(atMost * REPEATED_SHARE));
      takeFrom(fresh, taken, atMost - kept, now);
      takeFrom(repeated, taken, atMost, now);
      takeFrom(fresh, taken, atMost, now);
      return taken;
    },
    firstAt(now) {
      let first: number | null = null;
      for (const line of [fresh, repeated]) {
        for (const id of line.keys()) {
          const at = resting.get(id) ?? now;
          if (at <= now) return now;
          first = Math.min(first ?? at, at);
        }
      }
      return first;
    },
    forgetRested(now) {
      for (const [id, rested] of resting) if (rested < now) resting.delete(id);
    },
  };
}
