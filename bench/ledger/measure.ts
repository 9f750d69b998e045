import { readdirSync, readFileSync } from 'node:fs';

export type Measured = { perSecond: number; p50: number; p99: number; nodeUs: number | null; postgresUs: number };

const TICK_US = 10_000;

/** CPU that a process and its children have used, those that have ended too, in µs. */
function cpuOf(pid: number): number {
  const read = (path: string) =>
    readFileSync(path, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
  const own = read(`/proc/${pid}/stat`);
  let ticks = (own[11] ?? 0) + (own[12] ?? 0) + (own[13] ?? 0) + (own[14] ?? 0);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const other = read(`/proc/${entry}/stat`);
      if (other[1] === pid) ticks += (other[11] ?? 0) + (other[12] ?? 0);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * TICK_US;
}

export function spread(latencies: number[]): { p50: number; p99: number } {
  const sorted = latencies.sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** What so many callers get done in so many seconds, each asking for the next as soon as it is answered. */
export async function drive(
  callers: number,
  seconds: number,
  postgresPid: number,
  once: () => Promise<unknown>,
): Promise<Measured> {
  const loop = async (until: number, latencies: number[]) => {
    while (performance.now() < until) {
      const begun = performance.now();
      await once();
      latencies.push(performance.now() - begun);
    }
  };
  const all = (until: number, latencies: number[]) =>
    Promise.all(Array.from({ length: callers }, () => loop(until, latencies)));
  await all(performance.now() + 1_000, []);
  const latencies: number[] = [];
  const [postgres, node, begun] = [cpuOf(postgresPid), process.cpuUsage(), performance.now()];
  await all(begun + seconds * 1_000, latencies);
  const took = (performance.now() - begun) / 1_000;
  const used = process.cpuUsage(node);
  return {
    perSecond: latencies.length / took,
    ...spread(latencies),
    nodeUs: (used.user + used.system) / latencies.length,
    postgresUs: (cpuOf(postgresPid) - postgres) / latencies.length,
  };
}

/** The same around something that counts by itself. */
export async function around(postgresPid: number, run: () => Promise<number[]>, seconds: number): Promise<Measured> {
  const postgres = cpuOf(postgresPid);
  const latencies = await run();
  return {
    perSecond: latencies.length / seconds,
    ...spread(latencies),
    nodeUs: null,
    postgresUs: (cpuOf(postgresPid) - postgres) / latencies.length,
  };
}
