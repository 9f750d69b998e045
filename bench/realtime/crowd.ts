import { fileURLToPath } from 'node:url';
import { type Asked, startAsked } from './asked.ts';
import type { Order, Report, Returned } from './generator.ts';
import type { Kind } from './voices.ts';

/** Many clients, spread over load generators in processes of their own. */
export type Crowd = {
  open(options: {
    url: string;
    kind: Kind;
    secret: string;
    users: string[];
    room: string | null;
    joins?: string;
  }): Promise<void>;
  report(): Promise<Report>;
  leave(): Promise<void>;
  comeBack(options: { asks: boolean; many: number }): Promise<Returned>;
  close(): Promise<void>;
};

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));
/** As many as keep each of them well below a core. */
const GENERATORS = 2;

export async function openCrowd(): Promise<Crowd> {
  const generators: Asked<Order>[] = [];
  for (let n = 0; n < GENERATORS; n++) generators.push(await startAsked<Order>(GENERATOR, { greets: false }));
  const all = <Answer>(order: (n: number) => Order) =>
    Promise.all(generators.map((generator, n) => generator.ask<Answer>(order(n))));
  return {
    async open({ users, ...more }) {
      await all((n) => ({ do: 'open', users: users.filter((_, at) => at % GENERATORS === n), ...more }));
    },
    async report() {
      const reports = await all<Report>(() => ({ do: 'report' }));
      return {
        events: reports.reduce((sum, { events }) => sum + events, 0),
        latencies: Float64Array.from(reports.flatMap(({ latencies }) => [...latencies])).sort(),
        messages: {
          live: Float64Array.from(reports.flatMap(({ messages }) => [...messages.live])),
          kept: Float64Array.from(reports.flatMap(({ messages }) => [...messages.kept])),
        },
        cpuMs: reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        busy: Math.max(...reports.map(({ busy }) => busy)),
      };
    },
    async leave() {
      await all(() => ({ do: 'leave' }));
    },
    async comeBack(options) {
      const back = await all<Returned>(() => ({ do: 'return', ...options }));
      const sum = (of: 'complete' | 'lost' | 'doubled' | 'cpuMs') => back.reduce((total, each) => total + each[of], 0);
      const last = (of: 'ms' | 'ready') => Math.max(...back.map((each) => each[of]));
      const counts = { complete: sum('complete'), lost: sum('lost'), doubled: sum('doubled') };
      return { ms: last('ms'), ready: last('ready'), ...counts, cpuMs: sum('cpuMs') };
    },
    async close() {
      await Promise.all(generators.map((generator) => generator.stop()));
    },
  };
}
