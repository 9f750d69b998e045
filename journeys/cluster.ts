import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '#db/migrate.ts';
import type { Part } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { startPostgres } from '#local/postgres.ts';
import { identify } from '#local/process.mjs';
import { startProgram } from '#local/program.ts';
import { startRedis } from '#local/redis.ts';
import { openBalancer } from './balancer.ts';

/** API processes of their own behind one address, on a Postgres and a Redis of their own, each of which may die. */
export type Cluster = {
  /** Of the balancer: whoever connects is led to the next node that takes him. */
  url: string;
  nodes(): readonly ApiNode[];
  startNode(): Promise<ApiNode>;
  /** `kill -9` of the node that has run longest. */
  killNode(): Promise<void>;
  /** Takes Redis away, as a power cut would; what it kept is gone. */
  loseRedis(): Promise<void>;
  bringRedis(): Promise<void>;
  /** Takes Postgres away, in order or not; what it has committed is there when it is back. */
  losePostgres(how: 'in order' | 'kill -9'): Promise<void>;
  bringPostgres(): Promise<void>;
  close(): Promise<void>;
};

export type ApiNode = Part & { url: string };

/** In a new folder under `dir`, which its owner's end cleans up after. */
export async function openCluster(dir: string, nodes: number): Promise<Cluster> {
  const folder = mkdtempSync(join(dir, 'tandem-test-'));
  // Signed as the folders of test servers are: a run that was killed is cleaned up after by the next.
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(identify(process.pid)));
  const log = (name: string) => join(folder, `${name}.log`);
  const settings = {
    postgres: { dir: join(folder, 'postgres'), port: await freePort(), log: log('postgres') },
    redis: { dir: join(folder, 'redis'), port: await freePort(), log: log('redis'), durable: false },
  };
  let postgres = await startPostgres(settings.postgres);
  let redis = await startRedis(settings.redis);
  await migrate(postgres.url);
  const running: ApiNode[] = [];
  const balancer = await openBalancer(() => running.map(({ url }) => url));

  async function startNode(): Promise<ApiNode> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      ...{ PATH: process.env.PATH, DATABASE_URL: postgres.url, REDIS_URL: redis.url, PORT: String(port) },
      ...{ HOST: '127.0.0.1', LOG_LEVEL: 'warn', SANDBOX_WEBHOOK_SECRET: 'a secret of the nodes' },
    };
    const part = await startProgram({ name: 'api', readyUrl: `${url}/livez`, env, log: log(`api-${port}`) });
    const node: ApiNode = Object.defineProperties({ url } as ApiNode, Object.getOwnPropertyDescriptors(part));
    running.push(node);
    return node;
  }

  const cluster: Cluster = {
    url: balancer.url,
    nodes: () => running,
    startNode,
    async killNode() {
      const node = running.shift();
      node?.kill('SIGKILL');
      await node?.ended;
    },
    async loseRedis() {
      redis.kill('SIGKILL');
      await redis.ended;
    },
    async bringRedis() {
      redis = await startRedis(settings.redis);
    },
    async losePostgres(how) {
      if (how === 'in order') await postgres.stop();
      else postgres.kill('SIGKILL');
      await postgres.ended;
    },
    async bringPostgres() {
      postgres = await startPostgres(settings.postgres);
    },
    async close() {
      balancer.close();
      for (const part of [...running, redis, postgres]) await part.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  for (let n = 0; n < nodes; n++) await startNode();
  return cluster;
}
