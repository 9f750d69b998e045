/**
 * Processes that were rung for and are not told yet: a provider's fact goes before all, as money waits for it; what just
 * happened before what is repeated, and starves it not.
 */

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
  /** What just happened; `first`: a fact has come in. */
  add(processId: string, first?: boolean): void;
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
  const urgent = new Map<string, Rung>();
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
    add(processId, first = false) {
      if (urgent.has(processId)) return;
      const line = first ? urgent : fresh;
      // Its place in the line is that of its first ring there, and before all of the lines behind it.
      const before = fresh.get(processId) ?? repeated.get(processId);
      if (first) fresh.delete(processId);
      repeated.delete(processId);
      if (!line.has(processId)) line.set(processId, before ?? { waken: false, begins: false });
    },
    repeat(processId, ring) {
      const line = [urgent, fresh].find((one) => one.has(processId)) ?? repeated;
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
      takeFrom(urgent, taken, atMost - kept, now);
      takeFrom(fresh, taken, atMost - kept, now);
      takeFrom(repeated, taken, atMost, now);
      takeFrom(fresh, taken, atMost, now);
      return taken;
    },
    firstAt(now) {
      let first: number | null = null;
      for (const line of [urgent, fresh, repeated]) {
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
