import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '#local/testStack.ts';
import { insertUser } from './people/accounts.ts';
import { createSession, rotateRefreshToken } from './people/sessions.ts';
import { listSigningKeys, replaceSigningKey } from './people/signingKeys.ts';
import { createPool, type Pool, sql } from './pool.ts';
import { type AnswerKey, answerOnce } from './process/answers.ts';
import { resealAll } from './resealing.ts';
import { noteKeys } from './secretKeys.ts';
import { createSecrets, keyIdOf, type Secrets } from './secrets.ts';
import { findEndpoint, insertEndpoint, newSecret, openSecrets, rotateSecret } from './webhook/endpoints.ts';

let databaseUrl: string;
let pool: Pool;
beforeEach(async () => {
  databaseUrl = await createTestDatabase();
  pool = createPool(databaseUrl, { size: 6 });
});
afterEach(() => pool.end());

const key = () => randomBytes(32).toString('base64');
/** When all of it is written and used, and when sessions end. */
const [AT, LATER] = [new Date().toISOString(), new Date(Date.now() + 3_600_000).toISOString()];
const now = () => new Date().toISOString();
const ANSWERS = '^/secret$';
const reseal = (secrets: Secrets, onChunk?: (written: number) => void) =>
  resealAll(pool, secrets, { answers: ANSWERS, ...(onChunk && { onChunk }) });

const keptRow = z.object({ place: z.string(), kept: z.string() });
/** Every secret as it is kept, JSON's strings without their quotes. */
const kept = () =>
  pool.any(sql.type(keptRow)`
    SELECT 'signing_keys.private_jwk' AS place, trim('"' FROM private_jwk::text) AS kept FROM signing_keys
    UNION ALL SELECT 'webhook_endpoints.secret', secret FROM webhook_endpoints
    UNION ALL SELECT 'webhook_endpoints.old_secret', old_secret FROM webhook_endpoints WHERE old_secret IS NOT NULL
    UNION ALL SELECT 'webhook_endpoints.headers', trim('"' FROM headers::text) FROM webhook_endpoints
    UNION ALL SELECT 'sessions.secret', encode(secret, 'escape') FROM sessions
    UNION ALL SELECT 'answers.answer', trim('"' FROM answer::text) FROM answers WHERE path = '/secret'
  `);
const keysInUse = async () => new Set((await kept()).map((each) => keyIdOf(each.kept)));

type Written = Awaited<ReturnType<typeof write>>;

/** One of each: a signing key after another, an endpoint while it is rotated, a session, an answer; and one that shows none. */
async function write(secrets: Secrets) {
  await noteKeys(pool, secrets, now());
  for (const kid of [randomUUID(), randomUUID()]) {
    const jwk = { kid, d: `private ${kid}` };
    await replaceSigningKey(pool, secrets, { kid, algorithm: 'EdDSA', private_jwk: jwk, public_jwk: { kid } }, now());
  }
  const [before, after, endpointId, userId] = [newSecret(), newSecret(), uuid(), uuid()];
  const endpoint = { url: 'https://a.example', description: '', event_types: null, headers: { 'x-key': 'their own' } };
  await insertEndpoint(pool, secrets, { ...endpoint, id: endpointId, secret: before, now: now() });
  await rotateSecret(pool, secrets, { id: endpointId, secret: after, now: now() });
  const handle = `u${userId.slice(-12)}`;
  await insertUser(pool, { id: userId, handle, passwordHash: null, roles: [], externalSubject: null, at: now() });
  const [sessionId, refreshHash] = [uuid(), randomBytes(32)];
  await createSession(pool, secrets, { id: sessionId, userId, refreshHash, at: AT, expiresAt: LATER });
  const answerKey: AnswerKey = { accountId: userId, path: '/secret', key: 'once', bodyHash: '00' };
  const answer = { status: 201, body: { data: { secret: after } } };
  await answerOnce(
    pool,
    { ...answerKey, secrets },
    async () => answer,
    () => answer,
  );
  const other = { status: 200, body: { data: 'nothing secret' } };
  await answerOnce(
    pool,
    { ...answerKey, path: '/other' },
    async () => other,
    () => other,
  );
  return { signing: [after, before], endpointId, refreshHash, answerKey, answer };
}

/** That all of it is read as it was written. */
async function expectRead(secrets: Secrets, { signing, endpointId, refreshHash, answerKey, answer }: Written) {
  const [current] = await listSigningKeys(pool, secrets, now(), 1);
  expect(current?.private_jwk).toEqual({ kid: current?.kid, d: `private ${current?.kid}` });
  const row = await pool.one(sql.type(z.object({ secret: z.string(), old_secret: z.string(), headers: z.unknown() }))`
    SELECT secret, old_secret, headers FROM webhook_endpoints WHERE id = ${endpointId}
  `);
  expect(openSecrets(secrets, { ...row, endpoint_id: endpointId })).toEqual({
    signing,
    headers: { 'x-key': 'their own' },
  });
  expect((await findEndpoint(pool, secrets, endpointId))?.headers).toEqual({ 'x-key': 'their own' });
  const again = await answerOnce(
    pool,
    { ...answerKey, secrets },
    () => Promise.reject(new Error('done before')),
    () => answer,
  );
  expect(again).toEqual({ ...answer, repeated: true });
  // A token that is used twice in one instant by the same client is answered twice.
  const use = { hash: refreshHash, by: Buffer.from('us'), at: AT, expiresAt: LATER };
  const rotated = await rotateRefreshToken(pool, secrets, { ...use, next: (secret) => secret });
  expect(rotated.outcome).toBe('rotated');
  return rotated.outcome === 'rotated' ? rotated.secret : null;
}

test('what was written without a key is sealed under the newest, read as it was, and made plain again for the way back', async () => {
  const [plain, sealing] = [createSecrets(), createSecrets(key())];
  const written = await write(plain);
  const inSession = await expectRead(sealing, written);
  expect(await keysInUse()).toEqual(new Set([null]));
  const before = await kept();
  const { written: many, left, unreadable } = await reseal(sealing);
  expect([many, left, unreadable]).toEqual([7, 0, []]);
  expect(await keysInUse()).toEqual(new Set([sealing.sealsWith]));
  expect((await kept()).map(({ place }) => place)).toEqual(before.map(({ place }) => place));
  expect(await expectRead(sealing, written)).toEqual(inSession);
  await expect(expectRead(plain, written)).rejects.toThrow(/SECRETS_KEY does not have/);
  // What shows no secret is left as it is.
  const other = sql.type(z.object({ answer: z.unknown() }))`SELECT answer FROM answers WHERE path = '/other'`;
  expect((await pool.one(other)).answer).toEqual({ data: 'nothing secret' });
  expect((await reseal(sealing)).written).toBe(0);
});

test('a key is changed while everything is used, and the one before may go when nothing is under it', async () => {
  const [old, next] = [key(), key()];
  const written = await write(createSecrets(old));
  const both = createSecrets(`${next},${old}`);
  await noteKeys(pool, both, now());
  const inSession = await expectRead(both, written);
  await expect(noteKeys(pool, createSecrets(next), now())).rejects.toThrow(/lacks the key/);
  expect(await reseal(both)).toMatchObject({ written: 7, left: 0 });
  const alone = createSecrets(next);
  await noteKeys(pool, alone, now());
  expect(await expectRead(alone, written)).toEqual(inSession);
  // And the way back: the release before reads plain ones alone.
  const back = createSecrets(`plain,${next}`);
  expect(await reseal(back)).toMatchObject({ written: 7, left: 0 });
  await noteKeys(pool, createSecrets(), now());
  expect(await expectRead(createSecrets(), written)).toEqual(inSession);
});

test('broken off after any transaction, it is begun again and does what is left', async () => {
  await write(createSecrets());
  const sealing = createSecrets(key());
  let done = 0;
  for (let tries = 0; done < 7; tries++) {
    expect(tries).toBeLessThanOrEqual(7);
    await reseal(sealing, (many) => {
      done += many;
      if (many > 0) throw new Error('broken off');
    }).catch((error: Error) => expect(error.message).toBe('broken off'));
    const sealed = (await kept()).filter((each) => keyIdOf(each.kept) !== null);
    expect(sealed).toHaveLength(done);
  }
  expect(done).toBe(7);
  expect(await reseal(sealing)).toEqual({ written: 0, left: 0, unreadable: [] });
});

test('more than are taken at once are all taken, once each', async () => {
  await write(createSecrets());
  await pool.query(sql.typeAlias('void')`
    INSERT INTO sessions (id, user_id, created_at, expires_at)
    SELECT gen_random_uuid(), user_id, created_at, expires_at FROM sessions, generate_series(1, 1234)
  `);
  await pool.query(sql.typeAlias('void')`
    INSERT INTO answers (account_id, path, key, body_hash, status, answer)
    SELECT account_id, CASE WHEN n % 5000 = 0 THEN '/secret' ELSE '/other' END, 'key ' || n, body_hash, status, answer
    FROM answers, generate_series(1, 25000) AS n WHERE path = '/secret'
  `);
  const sealing = createSecrets(key());
  expect(await reseal(sealing)).toEqual({ written: 7 + 1234 + 5, left: 0, unreadable: [] });
  expect(await keysInUse()).toEqual(new Set([sealing.sealsWith]));
});

test('a row that somebody has locked is neither waited for nor forgotten', async () => {
  await write(createSecrets());
  const sealing = createSecrets(key());
  const other = new Client({ connectionString: databaseUrl });
  await other.connect();
  await other.query('BEGIN');
  await other.query('SELECT FROM sessions FOR NO KEY UPDATE');
  const locked = await reseal(sealing);
  await other.end();
  expect(locked).toEqual({ written: 6, left: 1, unreadable: [] });
  expect(await reseal(sealing)).toEqual({ written: 1, left: 0, unreadable: [] });
});

test('what was put into another row is named and left, and the keys in use stay noted', async () => {
  const [old, next] = [key(), key()];
  const before = createSecrets(old);
  const [one, other] = [await write(before), await write(before)];
  await pool.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET secret = (SELECT secret FROM webhook_endpoints WHERE id = ${one.endpointId})
    WHERE id = ${other.endpointId}
  `);
  await expect(expectRead(before, other)).rejects.toThrow(
    `webhook_endpoints.secret of ${other.endpointId} was not sealed`,
  );
  const both = createSecrets(`${next},${old}`);
  const { left, unreadable } = await reseal(both);
  expect([left, unreadable]).toEqual([0, [expect.stringContaining(other.endpointId)]]);
  await expect(noteKeys(pool, createSecrets(next), now())).rejects.toThrow(/lacks the key/);
});
