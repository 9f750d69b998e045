import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import { checkInvariants } from '#db/invariants.ts';
import { accounts, transferEach } from '#db/money/ledger.ts';
import { balanceOf } from '#db/money/walletEvents.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { freePort } from '#local/ports.ts';
import { startProgram } from '#local/program.ts';
import { OPTIONS, TOKENS } from './mix.ts';
import type { Place, Stage } from './stage.ts';

const ISSUER = { AUTH_ISSUER: 'https://login.bench', AUTH_AUDIENCE: 'bench' };
/** Transfers of one statement. */
const TOGETHER = 500;

/** The API's own process; its people come from an issuer of the bench. Not as in production, which refuses the sandbox. */
export async function openOurs(place: Place, viewers: number): Promise<Stage> {
  const issuer = await openIssuer();
  const database = await place.database('ours', true);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...{ PATH: process.env.PATH, DATABASE_URL: database, REDIS_URL: `${place.redis.url}/1`, ...ISSUER },
    ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', NODE_ENV: 'development', PUBLIC_URL: url },
    ...{
      AUTH_ISSUER_JWKS_URL: issuer.url,
      PAYMENT_PROVIDER: 'sandbox',
      SANDBOX_WEBHOOK_SECRET: 'a secret of the bench',
    },
  };
  const api = await startProgram({ name: 'api', readyUrl: `${url}/readyz`, env, log: join(place.dir, 'api.log') });
  const pool = createPool(database, { size: 2 });
  const tokens: string[] = [];
  for (let n = 0; n < viewers; n++) tokens.push(await issuer.tokenOf(`viewer${n}`));
  const creator = await issuer.tokenOf('creator');
  // Everybody has an account as soon as they were seen.
  for (let at = 0; at < tokens.length; at += 20) {
    await Promise.all(tokens.slice(at, at + 20).map((token) => call(url, '/api/me', token)));
  }
  const { user } = await call(url, '/api/me', creator);
  await enrich(pool);
  const { stream } = await call(url, '/api/streams', creator, { title: 'Monsoon cooking' });
  await call(url, `/api/streams/${stream.id}/start`, creator, {});
  const before = await tokensOf(pool, user.id);
  return {
    ...{ url, tokens, subject: { streamId: stream.id, pollId: await openPoll(url, stream.id, creator) } },
    pids: { server: api.pid, postgres: place.postgres.pid, redis: place.redis.pid },
    earned: async () => (await tokensOf(pool, user.id)) - before,
    wrong: async () => (await checkInvariants(pool)).flatMap(({ name, ok }) => (ok ? [] : [name])),
    async stop() {
      await pool.end();
      await api.stop();
      issuer.close();
    },
  };
}

const tokensOf = async (pool: Pool, userId: string) =>
  (await balanceOf(pool, userId, 'TOKEN', new Date().toISOString())).available;

async function openPoll(url: string, streamId: string, creator: string): Promise<string> {
  const asked = { question: 'What is next?', options: OPTIONS, duration_seconds: 600 };
  return (await call(url, `/api/streams/${streamId}/polls`, creator, asked)).poll.id;
}

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

/** Whoever has the keys makes the tokens: two hours each. */
async function openIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    tokenOf: (name: string) =>
      new SignJWT({ preferred_username: name, roles: [name === 'creator' ? 'creator' : 'viewer'] })
        .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
        .setIssuer(ISSUER.AUTH_ISSUER)
        .setAudience(ISSUER.AUTH_AUDIENCE)
        .setSubject(name)
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(privateKey),
    close: () => server.close(),
  };
}
