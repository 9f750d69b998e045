/** What came out, counted. */
export type Fault = {
  what: string;
  /** The first that it was seen in, and how often it was. */
  example: string;
  times: number;
};

/** Of one sort of fault an example is kept; of so many sorts. */
const SORTS = 200;

export type Report = ReturnType<typeof createReport>;

export function createReport() {
  const byManner = new Map<string, Map<string, number>>();
  const frames = new Map<string, Map<string, number>>();
  const routes = new Set<string>();
  const asked = new Set<string>();
  const faults = new Map<string, Fault>();
  let [requests, sent] = [0, 0];

  function count(all: Map<string, Map<string, number>>, row: string, column: string): void {
    const counts = all.get(row) ?? new Map<string, number>();
    all.set(row, counts.set(column, (counts.get(column) ?? 0) + 1));
  }

  return {
    byManner: byManner as ReadonlyMap<string, ReadonlyMap<string, number>>,
    frames: frames as ReadonlyMap<string, ReadonlyMap<string, number>>,
    requests: () => requests,
    sent: () => sent,
    faults: () => [...faults.values()],
    /** Routes that were never asked. */
    missed: () => [...routes].filter((name) => !asked.has(name)),
    request(name: string, manner: string, status: string): void {
      requests += 1;
      asked.add(name);
      count(byManner, manner, status);
    },
    frame(door: string, answer: string): void {
      sent += 1;
      count(frames, door, answer);
    },
    noteRoutes(names: readonly string[]): void {
      for (const name of names) routes.add(name);
    },
    fault(what: string, example: string): void {
      // Ids and numbers tell the same fault apart.
      const sort = what.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|[\d.]+/g, '…').slice(0, 160);
      const known = faults.get(sort);
      if (known) known.times += 1;
      else if (faults.size < SORTS) faults.set(sort, { what, example, times: 1 });
    },
  };
}
