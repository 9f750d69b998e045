import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { refusalsOf } from '#program/production.ts';

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
    'temporal-ui',
    'worker',
  ]);
});

test('nothing starts before what it needs is healthy or done', () => {
  const after = (name: string) =>
    Object.fromEntries(Object.entries(of(name).depends_on ?? {}).map(([other, { condition }]) => [other, condition]));
  expect(after('temporal-schema')).toEqual({ postgres: 'service_healthy' });
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
  expect(chosen['temporal-schema']?.environment.SQL_PASSWORD).toBe('other');
  expect(chosen.temporal?.environment.POSTGRES_PWD).toBe('other');
  for (const program of ['api', 'worker', 'migrate']) {
    expect(chosen[program]?.environment.DATABASE_URL).toBe('postgres://tandem:other@postgres:5432/tandem');
  }
});

test('API, worker and migrations run this repository’s programs on one database', () => {
  for (const [name, program] of [
    ['api', 'api/main.ts'],
    ['worker', 'worker/main.ts'],
    ['migrate', 'local/prepare.ts'],
  ] as const) {
    expect(of(name).command).toEqual(['node', program]);
    expect(existsSync(new URL(`../${program}`, import.meta.url)), program).toBe(true);
    expect(of(name).environment.DATABASE_URL).toBe(of('api').environment.DATABASE_URL);
  }
});

test('a part is told what it needs and no more', () => {
  const secrets = /PASSWORD|SECRET|KEY|_URL$|TEMPORAL_ADDRESS/;
  const told = (name: string, but: RegExp) =>
    Object.keys(of(name).environment ?? {})
      .filter((each) => secrets.test(each) && !but.test(each))
      .sort();
  const providers = /^(SANDBOX|RAZORPAY|STRIPE|PUBLIC)_/;
  expect(told('api', providers)).toEqual(['DATABASE_URL', 'REDIS_URL', 'SECRETS_KEY']);
  expect(told('worker', providers)).toEqual([
    'AMQP_URL',
    'DATABASE_URL',
    'REDIS_URL',
    'SECRETS_KEY',
    'TEMPORAL_ADDRESS',
  ]);
  expect(told('migrate', /^$/)).toEqual(['ADMIN_PASSWORD', 'DATABASE_URL', 'TEMPORAL_ADDRESS']);
  expect(told('nginx', /^$/)).toEqual([]);
});

test('every server asks for a password, and with what is written here production does not start', () => {
  expect(of('redis').command).toContain('--requirepass');
  const { services: production } = load(file, 'NODE_ENV=production');
  for (const name of ['api', 'worker', 'migrate']) {
    const refused = refusalsOf(production[name]?.environment ?? {}, { opensSecrets: name !== 'migrate' }).join('\n');
    expect(refused).toMatch(/PAYMENT_PROVIDER is sandbox/);
    expect(refused).toMatch(/The password in DATABASE_URL is a published default/);
    if (name !== 'migrate') expect(refused).toMatch(/SECRETS_KEY is not set/);
  }
  const own = [
    ...['POSTGRES', 'REDIS', 'RABBITMQ'].map((server) => `${server}_PASSWORD=6f1d0f7b2a`),
    `SECRETS_KEY=${randomBytes(32).toString('base64')}`,
  ];
  const stripe = ['PAYMENT_PROVIDER=stripe', 'STRIPE_SECRET_KEY=sk_live_1', 'STRIPE_WEBHOOK_SECRET=whsec_6f1d0f7b2a6f'];
  const sound = load(file, 'NODE_ENV=production', 'SANDBOX_WEBHOOK_SECRET=', 'SANDBOX_BASE_URL=', ...own, ...stripe);
  for (const name of ['api', 'worker', 'migrate']) {
    const opensSecrets = name !== 'migrate';
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
