import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig as readApi } from '#api/config.ts';
import { configuredIn } from '#api/notification/platforms.ts';
import { refusalsOf } from '#program/production.ts';
import { readConfig as readWorker } from '#worker/config.ts';
import { deployed, renderChart } from './testing/deployCheck.ts';
import { isSecret, SETTINGS_OF, secretsOf } from './testing/secretSettings.ts';

/** What Helm makes of the chart, each object read strictly as what it says it is. */

type Probe = { httpGet: { path: string; port: string } };
type Port = { name: string; containerPort: number };
type Container = {
  image: string;
  ports?: Port[];
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
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: { containers: Container[]; terminationGracePeriodSeconds: number };
    };
    selector: { matchLabels: Record<string, string> };
    podMetricsEndpoints: { port: string; relabelings: { targetLabel: string; replacement: string }[] }[];
    scaleTargetRef: { name: string };
    ports: { name: string; targetPort: string }[];
    rules: { http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[];
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
  TEMPORAL_CODEC_KEY: randomBytes(32).toString('base64'),
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
}, 1_200_000);

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

function selects(thing: Thing | undefined, labels: Record<string, string>): boolean {
  return Object.entries(thing?.spec.selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
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
  const both = ['DATABASE_URL', 'REDIS_URL', 'SECRETS_KEY', 'STRIPE_SECRET_KEY'];
  expect(given('api')).toEqual([...both, 'STRIPE_WEBHOOK_SECRET']);
  expect(given('worker')).toEqual([...both, 'AMQP_URL', 'TEMPORAL_CODEC_KEY'].sort());
  expect(given('migrate')).toEqual(['ADMIN_PASSWORD', 'DATABASE_URL']);
  expect(Object.keys(environmentOf('api')).filter((name) => name.startsWith('TEMPORAL'))).toEqual([]);
});

test('every secret that a part of the code has a use for can be given to it, and to no other', async () => {
  // Read by the libraries of Temporal and OpenTelemetry.
  const others = {
    api: ['OTEL_EXPORTER_OTLP_HEADERS'],
    worker: ['OTEL_EXPORTER_OTLP_HEADERS', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA'],
  };
  const wanted = (part: 'api' | 'worker') =>
    // There is no sandbox in production; prices of Binance are public, and asked for without its secret.
    [...secretsOf(part), ...others[part]].filter((name) => !/^SANDBOX_|^BINANCE_SECRET_KEY$/.test(name)).sort();
  const all = [...new Set([...wanted('api'), ...wanted('worker'), 'ADMIN_PASSWORD'])];
  const secrets = Object.fromEntries(all.map((name) => [name, 'a secret']));
  const rendered = await render({ ...values, config: { WEB_PUSH_PUBLIC_KEY: 'key' }, secrets });
  for (const part of ['api', 'worker'] as const) {
    const secret = rendered.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === `tandem-${part}`);
    expect(Object.keys(secret?.stringData ?? {}).sort(), part).toEqual(wanted(part));
  }
  // The API has no key to push with, and knows what is pushed to.
  const api = rendered.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'tandem-api');
  const env = Object.fromEntries(
    api?.spec.template.spec.containers[0]?.env.map(({ name, value }) => [name, value]) ?? [],
  );
  expect(
    configuredIn(readApi({ ...env, DATABASE_URL: SECRETS.DATABASE_URL, SECRETS_KEY: SECRETS.SECRETS_KEY })),
  ).toEqual({
    fcm: true,
    webpush: true,
  });
}, 120_000);

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

test('no way leads from the Ingress to the numbers, which Prometheus asks each pod for', () => {
  const { annotations = {} } = of('Ingress', 'tandem').metadata;
  expect(Object.keys(annotations).filter((name) => name.includes('snippet'))).toEqual([]);
  const backends = of('Ingress', 'tandem').spec.rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend));
  const reached = backends.map(({ service }) => {
    const target = of('Service', service.name).spec.ports.find(({ name }) => name === service.port.name)?.targetPort;
    return containerOf('api').ports?.find(({ name }) => name === target)?.containerPort;
  });
  const { PORT, METRICS_PORT } = readApi(environmentOf('api'));
  expect(reached).toEqual([PORT]);
  expect(METRICS_PORT).not.toBe(PORT);
  expect(of('Service', 'tandem-api').spec.ports.map(({ targetPort }) => targetPort)).toEqual(['http']);
  for (const [part, port] of [
    ['api', METRICS_PORT],
    ['worker', readWorker(environmentOf('worker')).WORKER_PORT],
  ] as const) {
    const { annotations } = of('Deployment', `tandem-${part}`).spec.template.metadata;
    expect(annotations).toMatchObject({ 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' });
    expect(containerOf(part).ports?.map(({ containerPort }) => containerPort)).toContain(port);
  }
});

test('documents may be opened beside them', async () => {
  const open = await render({ ...values, config: { OPEN_IN_PRODUCTION: 'docs' } });
  const api = open.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'tandem-api');
  const env = api?.spec.template.spec.containers[0]?.env.filter(({ name }) => name === 'OPEN_IN_PRODUCTION');
  expect(env).toEqual([{ name: 'OPEN_IN_PRODUCTION', value: 'docs' }]);
}, 120_000);

test('what the chart says itself is refused among the settings, in a sentence', async () => {
  for (const name of ['METRICS_PORT', 'TEMPORAL_WORKER_BUILD_ID', 'NODE_ENV']) {
    await expect(render({ ...values, config: { [name]: '1' } })).rejects.toThrow(`config.${name}: the chart sets it`);
  }
}, 120_000);

test('two releases of the worker run side by side, and neither counts, scales or ends the pods of the other', async () => {
  const [first, second] = [
    { tag: '1.4.0', buildId: '1.4.0' },
    { tag: '1.5.0', buildId: '1.5.0' },
  ];
  const workersOf = (all: Thing[]) =>
    all.filter(({ kind, metadata }) => kind !== 'Secret' && metadata.name.startsWith('tandem-worker'));
  const alone = workersOf(await render({ ...values, worker: { releases: [first] } }));
  const both = workersOf(await render({ ...values, image: { tag: '1.5.0' }, worker: { releases: [first, second] } }));
  const kinds = ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'];
  expect(both.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(
    kinds.flatMap((kind) => [`${kind} tandem-worker-1-4-0`, `${kind} tandem-worker-1-5-0`]),
  );
  // What is at work stays as it was: a new release beside it starts none of its pods anew.
  expect(both.filter(({ metadata }) => metadata.name === 'tandem-worker-1-4-0')).toEqual(alone);
  for (const { tag, buildId } of [first, second]) {
    const one = (kind: string) =>
      both.find((thing) => thing.kind === kind && thing.metadata.name === `tandem-worker-${tag.replaceAll('.', '-')}`);
    const pods = one('Deployment')?.spec.template;
    const container = pods?.spec.containers[0];
    expect(container?.image).toBe(`tandem:${tag}`);
    const environment = Object.fromEntries(container?.env.map(({ name, value }) => [name, value]) ?? []);
    expect(environment.TEMPORAL_WORKER_BUILD_ID).toBe(buildId);
    expect(one('HorizontalPodAutoscaler')?.spec.scaleTargetRef.name).toBe(one('Deployment')?.metadata.name);
    for (const kind of ['Deployment', 'PodDisruptionBudget']) {
      expect(both.filter(({ spec }) => spec.template && selects(one(kind), spec.template.metadata.labels))).toEqual([
        one('Deployment'),
      ]);
    }
  }
}, 120_000);

test('without a build id there is one release of the worker, by the name that it always had', async () => {
  expect(environmentOf('worker').TEMPORAL_WORKER_BUILD_ID).toBeUndefined();
  const unnamed = { tag: '0.2.0' };
  const beside = await render({ ...values, worker: { releases: [unnamed, { tag: '1', buildId: 'first' }] } });
  const names = beside.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
  expect(names.sort()).toEqual(['tandem-api', 'tandem-worker', 'tandem-worker-first']);
  const { selector } = of('Deployment', 'tandem-worker').spec;
  const other = beside.find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === 'tandem-worker-first');
  expect(selects(of('Deployment', 'tandem-worker'), other?.spec.template.metadata.labels ?? {})).toBe(false);
  expect(selector.matchLabels['app.kubernetes.io/component']).toBe('worker');
  await expect(render({ ...values, worker: { releases: [unnamed, {}] } })).rejects.toThrow(/tandem-worker twice/);
}, 120_000);

test('Prometheus’s operator asks every pod under the names that alerts ask for, where it is told to', async () => {
  expect(things.filter(({ kind }) => kind === 'PodMonitor')).toEqual([]);
  const releases = [{ tag: '1.4.0' }, { tag: '1.5.0', buildId: '1.5.0' }];
  const all = await render({ ...values, worker: { releases }, podMonitors: { enabled: true } });
  const monitors = all.filter(({ kind }) => kind === 'PodMonitor');
  const jobs = monitors.flatMap(({ spec }) => spec.podMetricsEndpoints.flatMap(({ relabelings }) => relabelings));
  const alerts = readFileSync(deployed('prometheus/alerts.yml'), 'utf8');
  const asked = [...new Set([...alerts.matchAll(/up\{job="([^"]+)"\}/g)].map(([, job]) => job))];
  expect(jobs.map(({ targetLabel, replacement }) => [targetLabel, replacement])).toEqual(
    asked.map((job) => ['job', job]),
  );
  const compose = readFileSync(deployed('prometheus/prometheus.yml'), 'utf8');
  expect([...compose.matchAll(/job_name: (\S+)/g)].map(([, job]) => job)).toEqual(asked);
  const found = monitors.map(({ spec }) => {
    const [endpoint] = spec.podMetricsEndpoints;
    return all
      .filter(({ kind, spec: pods }) => {
        if (kind !== 'Deployment') return false;
        const { labels } = pods.template.metadata;
        return Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value);
      })
      .map(({ metadata, spec: pods }) => {
        const ports = pods.template.spec.containers[0]?.ports ?? [];
        return `${metadata.name} ${ports.find(({ name }) => name === endpoint?.port)?.containerPort}`;
      });
  });
  expect(found).toEqual([['tandem-api 3002'], ['tandem-worker 3001', 'tandem-worker-1-5-0 3001']]);
}, 120_000);

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

test('no secret of the code is taken for a setting, and each setting is', () => {
  const [shown, { pattern, not }] = JSON.parse(readFileSync(deployed('helm/tandem/values.schema.json'), 'utf8'))
    .properties.config.propertyNames.anyOf;
  const isTaken = (name: string) =>
    name === shown.const || (new RegExp(pattern).test(name) && !new RegExp(not.pattern).test(name));
  for (const name of [...SETTINGS_OF.api, ...SETTINGS_OF.worker]) expect(isTaken(name), name).toBe(!isSecret(name));
});

test('the sandbox, an address without https and a secret among the settings are refused before anything is installed', async () => {
  await expect(render({ ...values, config: { PAYMENT_PROVIDER: 'sandbox' } })).rejects.toThrow(/PAYMENT_PROVIDER/);
  await expect(render({ ...values, publicUrl: 'http://market.example' })).rejects.toThrow(/publicUrl/);
  await expect(render({ ...values, config: { STRIPE_SECRET_KEY: 'x' } })).rejects.toThrow(/STRIPE_SECRET_KEY|propert/);
}, 120_000);
