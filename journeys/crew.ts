import { freePort } from '#local/ports.ts';
import type { Started } from '#program/testing/programs.ts';
import { openBalancer } from './balancer.ts';
import { FROM_ONE_ADDRESS } from './person.ts';
import { openGround, type ProgramName, untilReady } from './programs.ts';

/** Several APIs behind one address and several workers, as processes on the same servers, each of which may die. */
export type Crew = {
  /** Whoever connects here is led to the next API that takes him. */
  url: string;
  databaseUrl: string;
  namespace: string;
  /** As `api-1`; Postgres knows each of its connections by this. */
  names: readonly string[];
  /** `kill -9`. */
  kill(name: string): Promise<void>;
  /** Starts one that was killed again, and waits until it is ready. */
  start(name: string): Promise<void>;
  close(): void;
};

type Member = { name: string; kind: ProgramName; url: string; port: number; program: Started };

/** So many of each, ready, with settings beside the usual ones. They end with the file. */
export async function openCrew(many: number, settings: Record<string, string> = {}): Promise<Crew> {
  const running = new Map<string, Member>();
  const balancer = await openBalancer(() =>
    [...running.values()].filter(({ kind }) => kind === 'api').map(({ url }) => url),
  );
  const ground = await openGround({ PUBLIC_URL: balancer.url, ...FROM_ONE_ADDRESS, ...settings });
  const names = (['api', 'worker'] as const).flatMap((kind) =>
    Array.from({ length: many }, (_, n) => `${kind}-${n + 1}`),
  );

  async function start(name: string): Promise<void> {
    const port = await freePort();
    const kind = name.split('-')[0] as ProgramName;
    const database = new URL(ground.databaseUrl);
    database.searchParams.set('application_name', name);
    const program = ground.start(kind, port, { DATABASE_URL: database.href });
    await untilReady([{ port, program }]);
    running.set(name, { ...{ name, kind, port, program }, url: `http://127.0.0.1:${port}` });
  }

  await Promise.all(names.map(start));
  return {
    ...{ url: balancer.url, databaseUrl: ground.databaseUrl, namespace: ground.namespace, names, start },
    async kill(name) {
      const { program } = running.get(name) as Member;
      running.delete(name);
      program.child.kill('SIGKILL');
      await program.ended;
    },
    close: () => balancer.close(),
  };
}
