import { join } from 'node:path';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { accounts, transferEach } from '#db/money/ledger.ts';
import { balanceOf } from '#db/money/walletEvents.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import type { Part } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { startProgram } from '#local/program.ts';
import { startTemporal } from '#local/temporal.ts';
import { Closing } from '../clicks/closing.ts';
import { ISSUER, openIssuer } from './issuer.ts';
import { OPTIONS, TOKENS } from './mix.ts';
import type { Place, Stage } from './stage.ts';

/** Transfers of one statement. */
const TOGETHER = 500;

/**
 * The API's own process and a worker with a Temporal server of its own, as a deployment has them; people come from an
 * issuer of the bench. Not as in production, which refuses the sandbox.
 */
export async function openOurs(place: Place, viewers: number): Promise<Stage> {
  const closing = new Closing();
  try {
    const issuer = await openIssuer();
    closing.add(() => issuer.close());
    const database = await place.database('ours', true);
    const { url, pids } = await startPrograms(place, { database, issuerUrl: issuer.url, closing });
    const pool = createPool(database, { size: 2 });
    closing.add(() => pool.end());
    const tokens: string[] = [];
    for (let n = 0; n < viewers; n++) tokens.push(await issuer.tokenOf(`viewer${n}`, ['viewer']));
    const creator = await issuer.tokenOf('creator', ['creator']);
    // Everybody has an account as soon as they were seen.
    for (let at = 0; at < tokens.length; at += 20) {
      await Promise.all(tokens.slice(at, at + 20).map((token) => call(url, '/api/me', token)));
    }
    const { user } = await call(url, '/api/me', creator);
    await enrich(pool);
    const { stream } = await call(url, '/api/streams', creator, { title: 'Monsoon cooking' });
    await call(url, `/api/streams/${stream.id}/start`, creator, {});
    const before = await tokensOf(pool, user.id);
    const polls = pollsIn(url, stream.id, creator);
    return {
      ...{ url, tokens, pids, subject: { streamId: stream.id, pollId: await polls.nextPoll() } },
      ...polls,
      earned: async () => (await tokensOf(pool, user.id)) - before,
      wrong: async () => (await checkInvariants(pool)).flatMap(({ name, ok }) => (ok ? [] : [name])),
      stop: () => closing.close(),
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

type Started = { database: string; issuerUrl: string; closing: Closing };

async function startPrograms(place: Place, { database, issuerUrl, closing }: Started) {
  const spawned = (part: Part) => closing.add(() => part.stop());
  const log = (name: string) => join(place.dir, `${name}.log`);
  const temporal = await startTemporal({
    ...{ program: place.temporal, port: await freePort(), log: log('temporal'), spawned },
    dbFile: join(place.dir, new URL(database).pathname, 'temporal.db'),
  });
  const [port, workerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'development', LOG_LEVEL: 'warn' },
    ...{ DATABASE_URL: database, REDIS_URL: `${place.redis.url}/1`, ...ISSUER, AUTH_ISSUER_JWKS_URL: issuerUrl },
    ...{ HOST: '127.0.0.1', PORT: String(port), WORKER_PORT: String(workerPort), PUBLIC_URL: url },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'default' },
    ...{ PAYMENT_PROVIDER: 'sandbox', SANDBOX_WEBHOOK_SECRET: 'a secret of the bench' },
  };
  const start = (name: 'api' | 'worker', at: number) =>
    startProgram({ name, readyUrl: `http://127.0.0.1:${at}/readyz`, env, log: log(name), spawned });
  const worker = await start('worker', workerPort);
  const api = await start('api', port);
  const pids = { server: api.pid, worker: worker.pid, temporal: temporal.pid };
  return { url, pids: { ...pids, postgres: place.postgres.pid, redis: place.redis.pid } };
}

/** A stream has one poll open at a time; its tallies are told by the worker. */
function pollsIn(url: string, streamId: string, creator: string): Pick<Stage, 'nextPoll' | 'votes'> {
  const path = `/api/streams/${streamId}/polls`;
  let open: string | null = null;
  return {
    async nextPoll() {
      if (open !== null) await call(url, `${path}/${open}/close`, creator, {});
      const asked = { question: 'What is next?', options: OPTIONS, duration_seconds: 600 };
      const { poll } = await call(url, path, creator, asked);
      open = poll.id as string;
      return open;
    },
    votes: async (pollId) => (await call(url, `${path}/${pollId}`, creator)).poll.total,
  };
}

const tokensOf = async (pool: Pool, userId: string) =>
  (await balanceOf(pool, userId, 'TOKEN', new Date().toISOString())).available;

/** More tokens for everybody than they will give away. */
async function enrich(pool: Pool): Promise<void> {
  const ids = await pool.anyFirst(sql.type(z.object({ id: z.string() }))`
    SELECT id FROM users WHERE external_subject LIKE '%|viewer%' ORDER BY id
  `);
  const occurredAt = new Date().toISOString();
  for (let at = 0; at < ids.length; at += TOGETHER) {
    await transferEach(
      pool,
      ids.slice(at, at + TOGETHER).map((id) => ({
        ...{ key: `bench_${id}`, reason: 'bench', conversationId: null, occurredAt },
        legs: [
          { account: accounts.issuance('TOKEN', id), amount: -TOKENS },
          { account: accounts.wallet(id, 'TOKEN'), amount: TOKENS },
        ],
      })),
    );
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what is not as expected ends the bench
async function call(url: string, path: string, token: string, body?: object): Promise<any> {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { data: unknown };
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
  return answer.data;
}
