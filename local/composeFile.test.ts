import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { readConfig } from '#api/config.ts';
import { configuredIn } from '#api/notification/platforms.ts';
import { refusalsOf } from '#program/production.ts';
import { isSecret, SETTINGS_OF, secretsOf } from './testing/secretSettings.ts';

/** What the compose specification's own library makes of docker-compose.yml. */
interface Service {
  readonly image: string;
  readonly command: string[] | null;
  readonly environment: Record<string, string>;
  readonly depends_on?: Record<string, { condition: string; required: boolean }>;
  readonly ports?: { host_ip: string; published: string; target: number }[];
  readonly volumes?: { source: string; target: string }[];
  readonly healthcheck?: { test: string[] };
}
let services: Record<string, Service>;
const of = (name: string): Service => {
  const service = services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
};

const file = fileURLToPath(new URL('../docker-compose.yml', import.meta.url));

beforeAll(() => {
  services = load(file).services;
}, 300_000);

function load(path: string, ...variables: string[]): { services: Record<string, Service> } {
  const cwd = fileURLToPath(new URL('./compose-check', import.meta.url));
  const text = execFileSync('go', ['run', '-buildvcs=false', '.', path, ...variables], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GOWORK: 'off' },
  });
  return JSON.parse(text);
}

test('it has the parts of `npm start`, with migrations and Temporal’s schema as steps of their own', () => {
  expect(Object.keys(services).sort()).toEqual([
    'api',
    'migrate',
    'nginx',
    'postgres',
    'rabbitmq',
    'redis',
    'temporal',
    'temporal-schema',
    'temporal-stores',
    'temporal-ui',
    'worker',
  ]);
});

test('nothing starts before what it needs is healthy or done', () => {
  const after = (name: string) =>
    Object.fromEntries(Object.entries(of(name).depends_on ?? {}).map(([other, { condition }]) => [other, condition]));
  expect(after('temporal-stores')).toEqual({ postgres: 'service_healthy' });
  expect(after('temporal-schema')).toEqual({ 'temporal-stores': 'service_completed_successfully' });
  expect(after('temporal')).toEqual({ 'temporal-schema': 'service_completed_successfully' });
  expect(after('temporal-ui')).toEqual({ temporal: 'service_healthy' });
  expect(after('migrate')).toEqual({ postgres: 'service_healthy', temporal: 'service_healthy' });
  const prepared = { migrate: 'service_completed_successfully', redis: 'service_healthy' };
  expect(after('api')).toEqual(prepared);
  expect(after('worker')).toEqual({ ...prepared, rabbitmq: 'service_healthy' });
  expect(after('nginx')).toEqual({ api: 'service_healthy' });
});

test('every service that others wait for says when it is healthy', () => {
  const waitedFor = Object.values(services).flatMap(({ depends_on }) =>
    Object.entries(depends_on ?? {}).filter(([, { condition }]) => condition === 'service_healthy'),
  );
  for (const [name] of waitedFor) expect(of(name).healthcheck?.test.length, name).toBeGreaterThan(1);
});

test('only nginx and the Temporal Web UI are published, and to this machine alone', () => {
  const published = Object.entries(services).flatMap(([name, { ports }]) =>
    (ports ?? []).map(({ host_ip, published, target }) => `${name} ${host_ip}:${published} → ${target}`),
  );
  expect(published.sort()).toEqual(['nginx 127.0.0.1:3000 → 80', 'temporal-ui 127.0.0.1:8080 → 8080']);
});

test('Temporal has no HTTP API, which would ask nobody who they are', () => {
  expect(of('temporal').environment.FRONTEND_HTTP_PORT).toBe('0');
});

test('PORT and the database’s password can be chosen, and reach whoever needs them', () => {
  const { services: chosen } = load(file, 'PORT=4000', 'POSTGRES_PASSWORD=other');
  expect(chosen.nginx?.ports?.[0]?.published).toBe('4000');
  expect(chosen.api?.environment.PUBLIC_URL).toBe('http://localhost:4000');
  expect(chosen.postgres?.environment.POSTGRES_PASSWORD).toBe('other');
  for (const program of ['api', 'worker', 'migrate', 'temporal-stores']) {
    expect(chosen[program]?.environment.DATABASE_URL).toBe('postgres://tandem:other@postgres:5432/tandem');
  }
});

test('Temporal and its schema come into Postgres by a role of their own, and know nothing of ours', () => {
  const { services: chosen } = load(file, 'POSTGRES_PASSWORD=ours', 'TEMPORAL_POSTGRES_PASSWORD=theirs');
  const [schema, server] = [chosen['temporal-schema']?.environment, chosen.temporal?.environment];
  expect([schema?.SQL_USER, schema?.SQL_PASSWORD]).toEqual(['temporal', 'theirs']);
  expect([server?.POSTGRES_USER, server?.POSTGRES_PWD]).toEqual(['temporal', 'theirs']);
  expect(JSON.stringify([schema, server])).not.toContain('ours');
  expect(chosen['temporal-stores']?.environment.TEMPORAL_POSTGRES_PASSWORD).toBe('theirs');
  // The role may make no databases: those are there before.
  expect(chosen['temporal-schema']?.command?.join('\n')).not.toContain('create-database');
  for (const name of ['api', 'worker', 'migrate', 'temporal-ui', 'nginx'])
    expect(JSON.stringify(chosen[name]?.environment ?? {}), name).not.toContain('theirs');
});

test('API, worker and migrations run this repository’s programs on one database', () => {
  for (const [name, program] of [
    ['api', 'api/main.ts'],
    ['worker', 'worker/main.ts'],
    ['migrate', 'local/prepare.ts'],
    ['temporal-stores', 'local/prepareTemporal.ts'],
  ] as const) {
    expect(of(name).command).toEqual(['node', program]);
    expect(existsSync(new URL(`../${program}`, import.meta.url)), program).toBe(true);
    expect(of(name).environment.DATABASE_URL).toBe(of('api').environment.DATABASE_URL);
  }
});

/** What is as it is in containers; releases come one at a time, and prices of Binance are asked for without its secret. */
const FIXED = new Set([
  ...['HOST', 'PORT', 'METRICS_PORT', 'TRUST_PROXY', 'WORKER_HOST', 'WORKER_PORT', 'TANDEM_HOME', 'OTEL_SERVICE_NAME'],
  ...['DATABASE_URL', 'REDIS_URL', 'AMQP_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TASK_QUEUE'],
  ...['TEMPORAL_WORKER_BUILD_ID', 'TEMPORAL_DEPLOYMENT_NAME', 'BINANCE_SECRET_KEY'],
]);

test('every setting of API and worker can be set in .env, and reaches whoever reads it', () => {
  const settable = [...new Set([...SETTINGS_OF.api, ...SETTINGS_OF.worker])].filter((name) => !FIXED.has(name));
  const { services: set } = load(file, ...settable.map((name) => `${name}=the ${name}`));
  for (const part of ['api', 'worker'] as const) {
    for (const name of SETTINGS_OF[part].filter((each) => !FIXED.has(each))) {
      expect(set[part]?.environment[name], `${name} of ${part}`).toBe(`the ${name}`);
    }
  }
});

test('a part is told the secrets it needs and no more', () => {
  const told = (name: string) =>
    Object.keys(of(name).environment ?? {})
      .filter(isSecret)
      .sort();
  for (const part of ['api', 'worker'] as const) {
    expect(told(part), part).toEqual(secretsOf(part).filter((name) => name !== 'BINANCE_SECRET_KEY'));
  }
  expect(told('migrate')).toEqual(['ADMIN_PASSWORD', 'DATABASE_URL']);
  expect(told('nginx')).toEqual([]);
  const knowTemporal = Object.keys(services).filter((name) => 'TEMPORAL_ADDRESS' in (of(name).environment ?? {}));
  expect(knowTemporal.sort()).toEqual(['migrate', 'temporal-ui', 'worker']);
});

test('the API is told what the worker has the keys to push with, and not the keys', () => {
  const { services: both } = load(file, 'FCM_SERVICE_ACCOUNT={}', 'WEB_PUSH_PRIVATE_KEY=k', 'WEB_PUSH_PUBLIC_KEY=p');
  const { FCM_SERVICE_ACCOUNT, WEB_PUSH_PRIVATE_KEY, ...rest } = both.api?.environment ?? {};
  expect([FCM_SERVICE_ACCOUNT, WEB_PUSH_PRIVATE_KEY]).toEqual([undefined, undefined]);
  expect(configuredIn(readConfig(rest))).toEqual({ fcm: true, webpush: true });
  expect(configuredIn(readConfig(of('api').environment))).toEqual({ fcm: false, webpush: false });
});

test('every server asks for a password, and with what is written here production does not start', () => {
  expect(of('redis').command).toContain('--requirepass');
  const { services: production } = load(file, 'NODE_ENV=production');
  for (const name of ['api', 'worker', 'migrate', 'temporal-stores']) {
    const opensSecrets = name === 'api' || name === 'worker';
    const refused = refusalsOf(production[name]?.environment ?? {}, { opensSecrets }).join('\n');
    expect(refused).toMatch(/PAYMENT_PROVIDER is sandbox/);
    expect(refused).toMatch(/The password in DATABASE_URL is a published default/);
    if (opensSecrets) expect(refused).toMatch(/SECRETS_KEY is not set/);
    if (name === 'temporal-stores') expect(refused).toMatch(/TEMPORAL_POSTGRES_PASSWORD is a published default/);
  }
  const own = [
    ...['POSTGRES', 'TEMPORAL_POSTGRES', 'REDIS', 'RABBITMQ'].map((server) => `${server}_PASSWORD=6f1d0f7b2a`),
    `SECRETS_KEY=${randomBytes(32).toString('base64')}`,
  ];
  const stripe = ['PAYMENT_PROVIDER=stripe', 'STRIPE_SECRET_KEY=sk_live_1', 'STRIPE_WEBHOOK_SECRET=whsec_6f1d0f7b2a6f'];
  const sound = load(file, 'NODE_ENV=production', 'SANDBOX_WEBHOOK_SECRET=', 'SANDBOX_BASE_URL=', ...own, ...stripe);
  for (const name of ['api', 'worker', 'migrate', 'temporal-stores']) {
    const opensSecrets = name === 'api' || name === 'worker';
    expect(refusalsOf(sound.services[name]?.environment ?? {}, { opensSecrets }), name).toEqual([]);
  }
});

test('the secrets in a file .env beside it reach neither the image nor a commit', () => {
  const linesOf = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8').split('\n');
  // Docker, unlike git, means by a plain name only the one at the top.
  expect(linesOf('.dockerignore')).toEqual(expect.arrayContaining(['**/.env', '**/.env.*']));
  expect(linesOf('.gitignore')).toEqual(expect.arrayContaining(['.env', '.env.*']));
});

test('data outlives its containers', () => {
  expect(of('postgres').volumes).toMatchObject([{ source: 'postgres', target: '/var/lib/postgresql' }]);
  expect(of('redis').volumes).toMatchObject([{ source: 'redis', target: '/data' }]);
  expect(of('rabbitmq').volumes).toMatchObject([{ source: 'rabbitmq', target: '/var/lib/rabbitmq' }]);
});

test('Temporal and its schema are of the version that this repository builds', () => {
  const module = readFileSync(new URL('./temporal-server/go.mod', import.meta.url), 'utf8');
  const [, server] = /go\.temporal\.io\/server v([\d.]+)/.exec(module) ?? [];
  const [, ui] = /temporalio\/ui-server\/v2 v([\d.]+)/.exec(module) ?? [];
  expect(of('temporal').image).toBe(`temporalio/server:${server}`);
  expect(of('temporal-schema').image).toBe(`temporalio/admin-tools:${server}`);
  expect(of('temporal-ui').image).toBe(`temporalio/ui:${ui}`);
});

test('the check refuses a file that is wrong', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-compose-'));
  const wrong = join(folder, 'docker-compose.yml');
  writeFileSync(wrong, 'name: wrong\nservices: { api: { image: tandem, depends_on: [nobody] } }');
  expect(() => load(wrong)).toThrow(/nobody/);
  rmSync(folder, { recursive: true });
});
