export type Backlog = {
  /** Here, a workflow evolved through its deal's steps up to `n`. */
  evolved(conversationId: string, n: number): void;
  /** A workflow was told its deal's steps up to `n`. */
  told(conversationId: string, n: number): void;
  /** Resolves when at most so many workflows that were told have yet to evolve, or after so many ms. */
  untilAtMost(workflows: number, ms: number): Promise<void>;
};

/** How long a workflow that was told counts: after that it runs elsewhere, or not at all. */
const COUNTS_MS = 1_000;
/** A workflow that evolved here so long ago may be anybody's now. */
const OURS_MS = 60_000;

/**
 * Workflows that were told something and have not come to it. The server takes Signals sooner than the worker takes the
 * tasks they make: a relay that looks at Signals alone fills a queue, in which all that it tells grows old. Only
 * workflows that this process was seen to run are counted, as it hears of no others.
 */
export function createBacklog(): Backlog {
  const underWay = new Map<string, { n: number; since: number }>();
  /** Of each workflow that runs here, what it last evolved through; the one seen longest ago comes first. */
  const ours = new Map<string, { n: number; seen: number }>();
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
    evolved(conversationId, n) {
      ours.delete(conversationId);
      ours.set(conversationId, { n, seen: performance.now() });
      const told = underWay.get(conversationId);
      if (!told || told.n > n) return;
      underWay.delete(conversationId);
      look?.();
    },
    told(conversationId, n) {
      const last = ours.get(conversationId);
      if (!last || last.n >= n) return;
      underWay.delete(conversationId);
      underWay.set(conversationId, { n, since: performance.now() });
    },
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
