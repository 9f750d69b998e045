import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createMetrics as createApiMetrics } from '#api/metrics.ts';
import { PARTS } from '#api/operation/watch.ts';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { createMetrics as createRealtimeMetrics } from '#realtime/metrics.ts';
import { createMetrics as createWorkerMetrics } from '#worker/metrics.ts';
import { FAILURES } from '#workflows/failures.ts';
import { freePort } from './ports.ts';
import { type Alert, deployed, type Query, readAdapter, readQueries, readRules } from './testing/deployCheck.ts';
import { createMeasured } from './testing/measured.ts';
import { startRefusingTemporal } from './testing/refusingTemporal.ts';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from './testStack.ts';

/** Alerts and dashboards beside what a real API and a real worker measure once a deal was played on them. */

const PATIENCE = { timeout: 120_000, interval: 200 };
const root = fileURLToPath(new URL('..', import.meta.url));
/** What a scrape of Kubernetes adds. */
const OF_KUBERNETES = ['namespace', 'pod'];
const programs: Started[] = [];
const closing: (() => void)[] = [];
/** A namespace of this file's own, which the worker's metrics are of. */
let namespace: string;
const measured = createMeasured(['job', 'instance']);
let alerts: Alert[] = [];
let shown: Query[] = [];

beforeAll(async () => {
  alerts = await readRules(deployed('prometheus/alerts.yml'));
  shown = await readQueries(dashboards().flatMap(({ queries }) => queries));
  const { api, worker } = await startBoth();
  const played = await fetch(`${api}/api/sandbox/scenarios/deal:approved`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(played.status, await played.clone().text()).toBeLessThan(300);
  await vi.waitFor(async () => {
    const text = await metricsOf(worker);
    expect(text).toMatch(/temporal_activity_schedule_to_start_latency_count/);
    expect(text).toMatch(/tandem_evolved_seconds_count [1-9]/);
  }, PATIENCE);
  await failOneTask(worker);
  const failing = await failOneRequest();
  for (const url of [api, worker, failing]) measured.note(await metricsOf(url));
  noteWhatTheCodeHas();
}, 1_200_000);

afterAll(async () => {
  for (const { child, ended } of programs) {
    child.kill('SIGTERM');
    await ended;
  }
  for (const close of closing) close();
});

async function startBoth(): Promise<{ api: string; worker: string }> {
  const [port, workerPort] = [await freePort(), await freePort()];
  namespace = await createTestNamespace();
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: await createTestDatabase(),
    REDIS_URL: await createTestRedis(),
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    SANDBOX_WEBHOOK_SECRET: 'a secret of the tests',
  };
  for (const name of ['api', 'worker']) {
    programs.push(startProgram(join(root, name, 'main.ts'), env, { lives: 'file' }));
  }
  const urls = { api: `http://127.0.0.1:${port}`, worker: `http://127.0.0.1:${workerPort}` };
  await vi.waitFor(async () => {
    for (const url of Object.values(urls)) expect(await status(`${url}/readyz`)).toBe(200);
  }, PATIENCE);
  return urls;
}

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();

/** A workflow that no worker has: each task of it fails. */
async function failOneTask(worker: string): Promise<void> {
  const connection = await Connection.connect({ address: testTemporalAddress() });
  const client = new Client({ connection, namespace });
  const run = await client.workflow.start('nobody', { taskQueue: 'tandem', workflowId: 'nobody', args: [] });
  await vi.waitFor(async () => {
    expect(await metricsOf(worker)).toMatch(/^temporal_workflow_task_execution_failed/m);
  }, PATIENCE);
  await run.terminate();
  await connection.close();
}

/** Another worker, of a Temporal that says no to whatever it is asked. Answers where that one shows what it measures. */
async function failOneRequest(): Promise<string> {
  const refusing = await startRefusingTemporal();
  closing.push(refusing.close);
  const port = await freePort();
  const env = {
    ...{ DATABASE_URL: await createTestDatabase(), TEMPORAL_ADDRESS: refusing.address, WORKER_PORT: String(port) },
    ...{ SANDBOX_WEBHOOK_SECRET: 'a secret of the tests', PUBLIC_URL: 'http://127.0.0.1:1' },
  };
  programs.push(startProgram(join(root, 'worker', 'main.ts'), env, { lives: 'file' }));
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect(await metricsOf(url)).toMatch(/^temporal_request_failure\{/m), PATIENCE);
  return url;
}

/** What is counted under which labels once there is something to count, and by which words. */
function noteWhatTheCodeHas(): void {
  const api = createApiMetrics({ process: true });
  createRealtimeMetrics(api.registry);
  for (const { registry } of [api, createWorkerMetrics()]) measured.noteOwn(registry);
  const scraped = readFileSync(deployed('prometheus/prometheus.yml'), 'utf8');
  const jobs = [...scraped.matchAll(/job_name: (\S+)/g)].map(([, job = '']) => job);
  measured.noteValues('job', jobs);
  measured.noteValues('part', PARTS);
  const statuses = Object.values(FAILURES).map(({ status }) => String(status));
  measured.noteValues('status', statuses);
  // Prometheus makes it of every scrape.
  measured.note('# TYPE up gauge');
}

type Panel = { title: string; targets?: { expr: string }[] };

function dashboards(): { file: string; queries: string[] }[] {
  return readdirSync(deployed('grafana'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const { panels }: { panels: Panel[] } = JSON.parse(readFileSync(join(deployed('grafana'), file), 'utf8'));
      return { file, queries: panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)) };
    });
}

test('every alert asks for what is measured', () => {
  expect(alerts.length).toBeGreaterThan(10);
  expect(measured.unknown(alerts)).toEqual([]);
});

test('every panel of every dashboard asks for what is measured', () => {
  expect(shown.length).toBeGreaterThan(30);
  expect(measured.unknown(shown)).toEqual([]);
});

test('what the chart grows by is asked for by names that are measured, and a total is not summed over the workers', async () => {
  const asked = await readAdapter(deployed('prometheus/adapter.yml'));
  const scraped = asked.map(({ selectors, ...rest }) => ({
    ...rest,
    selectors: selectors.map(({ name, labels, matchers }) => ({
      name,
      labels: labels.filter((label) => !OF_KUBERNETES.includes(label)),
      matchers: matchers.filter(({ label }) => !OF_KUBERNETES.includes(label)),
    })),
  }));
  expect(measured.unknown(scraped)).toEqual([]);
  expect([...new Set(asked.map(({ alert }) => alert))]).toEqual([
    'tandem_socket_connections',
    'tandem_relay_untold_processes',
  ]);
  for (const { query } of asked.filter(({ query }) => query.includes('untold') && query.includes('by ('))) {
    expect(query).toMatch(/^max by/);
  }
});

test('a metric, a label or a value that nobody measures is found out', async () => {
  const wrong = [
    'sum(tandem_no_such_total)',
    'tandem_part_up{colour="red"}',
    'max(tandem_lag_seconds{of="webhok"})',
    'tandem_unfinished{what=~"pushes|letters"}',
    'up{job="tandem"}',
    'rate(tandem_http_request_seconds_count{status=~"6.."}[5m])',
    'tandem_http_request_seconds_count{method!="FETCH"}',
    'rate(temporal_request_failure{operation="Ask"}[5m])',
    // Of what was never counted here, too.
    'rate(tandem_shed_total{reason="age"}[5m])',
    'sum by (how) (rate(tandem_socket_closes_total[5m]))',
    'histogram_quantile(0.5, sum by (le, path) (rate(tandem_http_request_seconds_bucket[5m])))',
  ];
  expect(measured.unknown(await readQueries(wrong)).map((found) => found.split(' in ')[0])).toEqual([
    'tandem_no_such_total',
    'tandem_part_up{colour}',
    'tandem_lag_seconds{of="webhok"}',
    'tandem_unfinished{what=~"pushes|letters"}',
    'up{job="tandem"}',
    'tandem_http_request_seconds_count{status=~"6.."}',
    'tandem_http_request_seconds_count{method!="FETCH"}',
    'temporal_request_failure{operation="Ask"}',
    'tandem_shed_total{reason}',
    'tandem_socket_closes_total{how}',
    'tandem_http_request_seconds_bucket{path}',
  ]);
});

test('what is wrong with a query or a rule is said by Prometheus’s own reading', async () => {
  await expect(readQueries(['sum(rate(tandem_messages_total))'])).rejects.toThrow(/expected type range vector/);
  const dir = mkdtempSync(join(tmpdir(), 'tandem-rules-'));
  const file = join(dir, 'rules.yml');
  writeFileSync(file, 'groups: [{name: a, rules: [{alert: A, expr: "up ==", fro: 1m}]}]');
  await expect(readRules(file)).rejects.toThrow(/fro|parse error/);
  rmSync(dir, { recursive: true });
});

test('every alert has a severity and a page that says what it means and what to do, and every page an alert', () => {
  const pages = globSync('docs/alerts/Tandem*.md', { cwd: root });
  expect(pages.sort()).toEqual(alerts.map(({ annotations }) => annotations.runbook_url).sort());
  for (const { alert, query, labels, annotations } of alerts) {
    expect(['critical', 'warning', 'info'], alert).toContain(labels.severity);
    expect(annotations.summary, alert).toMatch(/\.$/);
    const page = readFileSync(join(root, annotations.runbook_url ?? ''), 'utf8');
    expect(page).toContain(`# ${alert}\n`);
    expect(page, alert).toContain(query);
    expect(page, alert).toMatch(/## What it means\n\n\S[\s\S]+## What to do\n\n1\. /);
  }
});
