import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig as readApi } from '#api/config.ts';
import { refusalsOf } from '#program/production.ts';
import { readConfig as readWorker } from '#worker/config.ts';
import { deployed, renderChart } from './testing/deployCheck.ts';

/** What Helm makes of the chart, each object read strictly as what it says it is. */

type Probe = { httpGet: { path: string; port: string } };
type Container = {
  command: string[];
  env: { name: string; value: string }[];
  envFrom: { secretRef: { name: string } }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  securityContext: { readOnlyRootFilesystem: boolean };
};
type Metric = { type: string; pods?: { metric: { name: string } }; external?: { metric: { name: string } } };
type Thing = {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  stringData?: Record<string, string>;
  spec: {
    template: { spec: { containers: Container[]; terminationGracePeriodSeconds: number } };
    metrics: Metric[];
    maxUnavailable: number;
  };
};

const SECRETS = {
  DATABASE_URL: 'postgres://tandem:6f1d0f7b2a@db/tandem',
  SECRETS_KEY: randomBytes(32).toString('base64'),
  REDIS_URL: 'redis://:6f1d0f7b2a@redis:6379',
  AMQP_URL: 'amqp://tandem:6f1d0f7b2a@rabbitmq',
  STRIPE_SECRET_KEY: 'sk_live_6f1d0f7b2a',
  STRIPE_WEBHOOK_SECRET: 'whsec_6f1d0f7b2a6f1d',
  ADMIN_PASSWORD: 'correct horse battery',
  TEMPORAL_CODEC_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const values = {
  config: { ADMIN_HANDLE: 'asha' },
  secrets: SECRETS,
  api: { autoscaling: { socketsPerPod: 8_000 } },
  worker: { autoscaling: { untoldPerPod: 500 } },
};

const dir = mkdtempSync(join(tmpdir(), 'tandem-chart-'));
let things: Thing[] = [];
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeAll(async () => {
  things = await render(values);
}, 600_000);

function render(given: object): Promise<Thing[]> {
  const file = join(dir, 'values.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(given));
  return renderChart<Thing>(deployed('helm/tandem'), file);
}

function of(kind: string, name: string): Thing {
  const found = things.find((thing) => thing.kind === kind && thing.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

const containerOf = (part: 'api' | 'worker' | 'migrate') =>
  of(part === 'migrate' ? 'Job' : 'Deployment', `tandem-${part}`).spec.template.spec.containers[0] as Container;

function environmentOf(part: 'api' | 'worker' | 'migrate'): Record<string, string> {
  const { env, envFrom } = containerOf(part);
  const secret = of('Secret', envFrom[0]?.secretRef.name ?? '').stringData ?? {};
  return { ...Object.fromEntries(env.map(({ name, value }) => [name, value])), ...secret };
}

test('it renders into what a cluster needs, and each object is read without a field that Kubernetes does not know', () => {
  const parts = ['api', 'worker'].flatMap((part) =>
    ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Secret'].map((kind) => `${kind} tandem-${part}`),
  );
  const others = ['Ingress tandem', 'Job tandem-migrate', 'Secret tandem-migrate', 'Service tandem-api'];
  expect(things.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([...parts, ...others].sort());
});

test('API, worker and migrations start with what they are told, and production refuses none of it', () => {
  for (const part of ['api', 'worker', 'migrate'] as const) {
    expect(refusalsOf(environmentOf(part), { opensSecrets: part !== 'migrate' }), part).toEqual([]);
  }
  expect(readApi(environmentOf('api'))).toMatchObject({ PORT: 3000, HOST: '0.0.0.0', NODE_ENV: 'production' });
  expect(environmentOf('migrate')).toMatchObject({ ADMIN_HANDLE: 'asha', ADMIN_PASSWORD: SECRETS.ADMIN_PASSWORD });
  expect(readWorker(environmentOf('worker'))).toMatchObject({ WORKER_PORT: 3001, TEMPORAL_NAMESPACE: 'tandem' });
});

test('each part is given the secrets it reads and no others', () => {
  const given = (part: string) => Object.keys(of('Secret', `tandem-${part}`).stringData ?? {}).sort();
  expect(given('api')).toEqual([
    'DATABASE_URL',
    'REDIS_URL',
    'SECRETS_KEY',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
  ]);
  expect(given('worker')).toEqual([...given('api'), 'AMQP_URL', 'TEMPORAL_CODEC_KEY'].sort());
  expect(given('migrate')).toEqual(['ADMIN_PASSWORD', 'DATABASE_URL']);
  expect(Object.keys(environmentOf('api')).filter((name) => name.startsWith('TEMPORAL'))).toEqual([]);
});

test('probes ask where the programs answer, a pod writes nowhere, and has longer to end than a program takes', () => {
  for (const part of ['api', 'worker'] as const) {
    const { livenessProbe, readinessProbe, securityContext, command } = containerOf(part);
    expect(livenessProbe?.httpGet).toMatchObject({ path: '/livez', port: 'http' });
    expect(readinessProbe?.httpGet).toMatchObject({ path: '/readyz', port: 'http' });
    expect(securityContext.readOnlyRootFilesystem).toBe(true);
    expect(command).toEqual(['node', `${part}/main.ts`]);
    const { terminationGracePeriodSeconds } = of('Deployment', `tandem-${part}`).spec.template.spec;
    // 5 s in which others hear that it goes, and the 7 s that a worker ends within.
    expect(terminationGracePeriodSeconds).toBeGreaterThan(12);
    expect(of('PodDisruptionBudget', `tandem-${part}`).spec.maxUnavailable).toBe(1);
  }
});

test('it grows by the processor, and by sockets and waiting processes where it is told to', () => {
  const metrics = (part: string) =>
    of('HorizontalPodAutoscaler', `tandem-${part}`).spec.metrics.map(
      ({ type, pods, external }) => pods?.metric.name ?? external?.metric.name ?? type,
    );
  expect(metrics('api')).toEqual(['Resource', 'tandem_socket_connections']);
  expect(metrics('worker')).toEqual(['Resource', 'tandem_relay_untold_processes']);
});

test('migrations come before a release, with their own secrets there before them', () => {
  const [job, secret] = [of('Job', 'tandem-migrate'), of('Secret', 'tandem-migrate')];
  const weight = ({ metadata }: Thing) => Number(metadata.annotations?.['helm.sh/hook-weight']);
  for (const thing of [job, secret])
    expect(thing.metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
  expect(weight(secret)).toBeLessThan(weight(job));
  expect(containerOf('migrate').command).toEqual(['node', 'local/prepare.ts']);
});

test('Secrets of one’s own are used where they are named', async () => {
  const existingSecrets = { api: 'my-api', worker: 'my-worker', migrate: 'my-migrate' };
  const own = await render({ ...values, existingSecrets });
  expect(own.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  const names = own
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ spec }) => spec.template.spec.containers[0]?.envFrom[0]?.secretRef.name);
  expect(names.sort()).toEqual(['my-api', 'my-migrate', 'my-worker']);
}, 120_000);

test('the sandbox, an address without https and a secret among the settings are refused before anything is installed', async () => {
  await expect(render({ ...values, config: { PAYMENT_PROVIDER: 'sandbox' } })).rejects.toThrow(/PAYMENT_PROVIDER/);
  await expect(render({ ...values, publicUrl: 'http://market.example' })).rejects.toThrow(/publicUrl/);
  await expect(render({ ...values, config: { STRIPE_SECRET_KEY: 'x' } })).rejects.toThrow(/STRIPE_SECRET_KEY|propert/);
}, 120_000);
