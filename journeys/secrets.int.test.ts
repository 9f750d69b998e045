import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { verbatim } from '#db/invariants.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { freePort } from '#local/ports.ts';
import { startProgram } from '#program/testing/programs.ts';
import { openReceiver, type Receiver } from '#worker/testing/receiver.ts';
import { type Json, type Person, signIn, until } from './person.ts';
import { type Programs, startPrograms } from './programs.ts';

/**
 * What a dump of the database shows of secrets while API and worker run as a deployment does: from a release that sealed
 * none over its successor to a key that is changed, with people signed in and an endpoint that hears of events throughout.
 */

const ADMIN = { ADMIN_HANDLE: 'the_admin', ADMIN_PASSWORD: 'a password of the admin' };
const [first, second] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64')) as [string, string];
const idOf = (key: string) => createSecrets(key).sealsWith as string;
const THEIRS = 'Bearer of-their-own-making';
const ENDPOINTS = '/api/admin/webhook-endpoints';

let receiver: Receiver;
let programs: Programs;
let place: { DATABASE_URL: string; TEMPORAL_NAMESPACE: string };
let pool: Pool;
let admin: Person;
let endpoint: { id: string; secret: string };
/** By what they are: none of them may lie anywhere as it is once there is a key. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  receiver = await openReceiver();
  await start({});
  place = { DATABASE_URL: programs.databaseUrl, TEMPORAL_NAMESPACE: programs.namespace };
  pool = createPool(programs.databaseUrl, { size: 2 });
  admin = await until(
    () => signIn(programs.url, ADMIN.ADMIN_HANDLE, ADMIN.ADMIN_PASSWORD).catch(() => null),
    (signed) => signed !== null,
  ).then((signed) => signed as Person);
}, 300_000);
afterAll(async () => {
  await programs?.end();
  await pool?.end();
  await receiver?.close();
});

async function start(settings: Record<string, string>): Promise<void> {
  programs = await startPrograms({ ...ADMIN, WEBHOOK_ALLOWED_HOSTS: '127.0.0.1', ...place, ...settings });
}

/** The same database with other settings, as after a release. Who was signed in is. */
async function restart(settings: Record<string, string>): Promise<void> {
  expect(await programs.end()).toEqual([0, 0]);
  await start(settings);
}

const encrypt = async (key: string) => {
  const file = fileURLToPath(new URL('../local/encryptSecrets.ts', import.meta.url));
  const { PATH } = process.env;
  return (await promisify(execFile)(process.execPath, [file], { env: { PATH, ...place, SECRETS_KEY: key } })).stdout;
};

const textRow = z.object({ text: z.string() });

/** Everything that lies in the database, as a dump would write it: a line a row. */
async function dump(): Promise<string> {
  const tables = await pool.anyFirst(sql.type(textRow)`
    SELECT quote_ident(table_name) AS text FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
  `);
  const lines: string[] = [];
  for (const table of tables) {
    const rows = verbatim(`SELECT '${table} ' || "row"::text AS text FROM ${table} AS "row"`);
    lines.push(...(await pool.anyFirst(sql.type(textRow)(rows))));
  }
  return lines.join('\n');
}

/** What is in the columns of secrets now that is not sealed. */
const plainOnes = () =>
  pool.anyFirst(sql.type(textRow)`
    SELECT text FROM (
      SELECT private_jwk ->> 'd' AS text FROM signing_keys
      UNION ALL SELECT secret FROM webhook_endpoints
      UNION ALL SELECT old_secret FROM webhook_endpoints
      UNION ALL SELECT nullif(headers ->> 'authorization', '') FROM webhook_endpoints
      UNION ALL SELECT encode(secret, 'hex') FROM sessions WHERE length(secret) = 32
      UNION ALL SELECT answer -> 'data' ->> 'secret' FROM answers
    ) AS kept WHERE text NOT LIKE 'sealed:%'
  `);

async function expectNothingPlain(keyId: string): Promise<void> {
  const text = await dump();
  for (const [what, value] of secrets) expect(text.includes(value), what).toBe(false);
  expect(await plainOnes()).toEqual([]);
  const ids = new Set([...text.matchAll(/sealed:([0-9a-f]{12}):/g)].map(([, id]) => id));
  // Bytes are written as hex.
  for (const [, hex = ''] of text.matchAll(/\\x(7365616c65643a[0-9a-f]+)/g)) {
    ids.add(Buffer.from(hex, 'hex').toString().split(':')[1] as string);
  }
  expect([...ids]).toEqual([keyId]);
}

const asAdmin = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  const answer = await fetch(programs.url + path, {
    method,
    headers: {
      authorization: `Bearer ${admin.access}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { data } = (await answer.json()) as Json;
  expect(answer.status, `${method} ${path}`).toBeLessThan(300);
  return data;
};
const make = () =>
  asAdmin(
    'POST',
    ENDPOINTS,
    { url: receiver.url, headers: { authorization: THEIRS } },
    { 'idempotency-key': 'made-once' },
  );
const rotate = () =>
  asAdmin('POST', `${ENDPOINTS}/${endpoint.id}/rotate-secret`, {}, { 'idempotency-key': 'rotated-once' });

/** A test event arrives there with their header, and verifies by each of these secrets. */
async function expectHeard(...signing: string[]): Promise<void> {
  const before = receiver.received.length;
  await asAdmin('POST', `${ENDPOINTS}/${endpoint.id}/test`);
  const [heard] = await until(
    async () => receiver.received.slice(before),
    (all) => all.length > 0,
  );
  expect(heard?.headers.authorization).toBe(THEIRS);
  for (const secret of signing) {
    expect(new Webhook(secret).verify(heard?.body ?? '', heard?.headers as Record<string, string>)).toBeTruthy();
  }
}

let refresh: string;
async function refreshed(): Promise<void> {
  const answer = await fetch(`${programs.url}/api/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh }),
  });
  const { data } = (await answer.json()) as Json;
  expect(answer.status).toBe(200);
  refresh = data.refresh;
}

test('without a key secrets lie there as the release before wrote them, and this scan sees each', async () => {
  endpoint = await make();
  const login = { handle: ADMIN.ADMIN_HANDLE, password: ADMIN.ADMIN_PASSWORD };
  refresh = (await asAdmin('POST', '/api/auth/login', login)).refresh;
  await expectHeard(endpoint.secret);
  secrets.set('what an endpoint’s events are signed with', endpoint.secret).set('a header of theirs', THEIRS);
  for (const [n, value] of (await plainOnes()).entries()) secrets.set(`secret ${n}`, value);
  const text = await dump();
  for (const [what, value] of secrets) expect(text.includes(value), what).toBe(true);
  // Theirs two, a signing key, the sessions of two sign-ins at least, and what an answer shows is the endpoint's.
  expect(secrets.size).toBeGreaterThanOrEqual(5);
  expect(text).not.toContain('sealed:');
}, 240_000);

test('a successor that may not seal yet has the key, and seals nothing', async () => {
  await restart({ SECRETS_KEY: `plain,${first}` });
  await refreshed();
  await expectHeard(endpoint.secret);
  expect(await make()).toEqual(endpoint);
  expect(await dump()).not.toContain('sealed:');
}, 240_000);

test('with a key nothing is plain once all is encrypted, and nobody notices', async () => {
  await restart({ SECRETS_KEY: first });
  // Written before there was one, and read.
  await refreshed();
  await expectHeard(endpoint.secret);
  const rotated = await rotate();
  secrets.set('what its events are signed with next', rotated.secret);
  // Nor did it lie there for a moment, in the endpoint or in what was answered.
  expect(await dump()).not.toContain(rotated.secret);
  const said = await encrypt(first);
  expect(said).toMatch(new RegExp(`^\\d+ secrets were written anew; all are under the key ${idOf(first)}\\.$`, 'm'));
  await expectNothingPlain(idOf(first));
  expect((await asAdmin('GET', '/api/me')).user.handle).toBe(ADMIN.ADMIN_HANDLE);
  await refreshed();
  await expectHeard(endpoint.secret, rotated.secret);
  expect(await rotate()).toEqual(rotated);
  expect(await make()).toEqual(endpoint);
  await expectNothingPlain(idOf(first));
}, 240_000);

test('the key is changed with people signed in, and the one before is not needed any more', async () => {
  await restart({ SECRETS_KEY: `${second},${first}` });
  await refreshed();
  expect(await encrypt(`${second},${first}`)).toContain(`all are under the key ${idOf(second)}`);
  await restart({ SECRETS_KEY: second });
  expect((await asAdmin('GET', '/api/me')).user.handle).toBe(ADMIN.ADMIN_HANDLE);
  await refreshed();
  await expectHeard(endpoint.secret, (await rotate()).secret);
  await expectNothingPlain(idOf(second));
}, 240_000);

test.each(['api', 'worker'])(
  'without the key that all is under the %s says which and does not start',
  async (name) => {
    for (const key of [first, '']) {
      const program = startProgram(fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url)), {
        ...place,
        SECRETS_KEY: key,
        PORT: String(await freePort()),
        WORKER_PORT: String(await freePort()),
        SANDBOX_WEBHOOK_SECRET: 'a secret of the journeys',
        PUBLIC_URL: programs.url,
      });
      expect(await program.ended).toBe(1);
      const sentences = program
        .output()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('{'));
      expect(sentences).toEqual([
        expect.stringMatching(new RegExp(`^SECRETS_KEY lacks the key ${idOf(second)}, which`)),
      ]);
    }
  },
  120_000,
);

test('what is sealed for one endpoint signs nothing of another’s', async () => {
  const other = await asAdmin('POST', ENDPOINTS, { url: `${receiver.url}/other` });
  await pool.query(sql.typeAlias('void')`
    UPDATE webhook_endpoints SET secret = (SELECT secret FROM webhook_endpoints WHERE id = ${endpoint.id})
    WHERE id = ${other.id}
  `);
  const before = receiver.received.length;
  const { delivery } = await asAdmin('POST', `${ENDPOINTS}/${other.id}/test`);
  const tried = await until(
    () => asAdmin('GET', `${ENDPOINTS}/${other.id}/deliveries/${delivery.id}`),
    ({ attempts }: Json) => attempts.length > 0,
  );
  expect(tried.attempts[0]).toMatchObject({
    status: null,
    failure: expect.stringContaining('was not sealed for this row'),
  });
  expect(receiver.received.length).toBe(before);
  // Lines are written together, some tenths of a second later.
  await until(
    async () => programs.worker.output(),
    (said) => said.includes('what a webhook is signed with cannot be read'),
  );
  // Another secret mends it.
  const { secret } = await asAdmin('POST', `${ENDPOINTS}/${other.id}/rotate-secret`);
  await asAdmin('POST', `${ENDPOINTS}/${other.id}/test`);
  const [heard] = await until(
    async () => receiver.received.filter(({ path }) => path.endsWith('/other')),
    (all) => all.length > 0,
  );
  expect(new Webhook(secret).verify(heard?.body ?? '', heard?.headers as Record<string, string>)).toBeTruthy();
  // The others hear of theirs all the same.
  await expectHeard(endpoint.secret);
}, 240_000);
