export type Backlog = {
  /** Here, a workflow evolved through its process's steps up to `n`, or read that it is there. */
  evolved(processId: string, n: number): void;
  /** A workflow was told its process's steps up to `n`; `begins`: its run was begun by that. */
  told(processId: string, n: number, begins?: boolean): void;
  /** How many Signals a workflow was sent since it was last heard of here. */
  unheard(processId: string): number;
  /** It is heard of otherwise: somebody works through what it was sent. */
  heard(processId: string): void;
  /** Resolves when at most so many workflows that were told have yet to evolve, or after so many ms. */
  untilAtMost(workflows: number, ms: number): Promise<void>;
};

/** How long a workflow that was told counts: after that it runs elsewhere, or not at all. */
const COUNTS_MS = 1_000;
/** A workflow that evolved here so long ago may be anybody's now. */
const OURS_MS = 60_000;
/** Of so many workflows the Signals are counted that nobody answered; one that is forgotten begins at none. */
const COUNTED = 50_000;

/**
 * Workflows that were told something and have not come to it. The server takes Signals sooner than the worker takes the
 * tasks they make: a relay that looks at Signals alone fills a queue, in which all that it tells grows old. Only
 * workflows that this process was seen to run are counted, as it hears of no others, and those that are begun anew.
 */
export function createBacklog(): Backlog {
  const underWay = new Map<string, { n: number; since: number }>();
  /** Of each workflow that runs here, what it last evolved through; the one seen longest ago comes first. */
  const ours = new Map<string, { n: number; seen: number }>();
  const unheard = new Map<string, number>();
  let look: (() => void) | null = null;

  function forget(now: number): void {
    for (const [id, { since }] of underWay) {
      if (since > now - COUNTS_MS) break;
      underWay.delete(id);
      ours.delete(id);
    }
    for (const [id, { seen }] of ours) {
      if (seen > now - OURS_MS) break;
      ours.delete(id);
    }
  }

  return {
    evolved(processId, n) {
      unheard.delete(processId);
      ours.delete(processId);
      ours.set(processId, { n, seen: performance.now() });
      const told = underWay.get(processId);
      if (!told || told.n > n) return;
      underWay.delete(processId);
      look?.();
    },
    told(processId, n, begins = false) {
      if (unheard.size >= COUNTED) unheard.clear();
      unheard.set(processId, (unheard.get(processId) ?? 0) + 1);
      const last = ours.get(processId);
      if (!begins && (!last || last.n >= n)) return;
      underWay.delete(processId);
      underWay.set(processId, { n, since: performance.now() });
    },
    unheard: (processId) => unheard.get(processId) ?? 0,
    heard: (processId) => void unheard.delete(processId),
    async untilAtMost(workflows, ms) {
      forget(performance.now());
      if (underWay.size <= workflows) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        look = () => {
          if (underWay.size > workflows) return;
          clearTimeout(timer);
          resolve();
        };
      });
      look = null;
    },
  };
}
