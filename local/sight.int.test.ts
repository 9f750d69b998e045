import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Started, startProgram, status } from '#program/testing/programs.ts';
import { freePort } from './ports.ts';
import { type Alert, deployed, type Query, readAdapter, readQueries, readRules } from './testing/deployCheck.ts';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from './testStack.ts';

/** Alerts and dashboards beside what a real API and a real worker measure once a deal was played on them. */

const PATIENCE = { timeout: 120_000, interval: 200 };
const root = fileURLToPath(new URL('..', import.meta.url));
const programs: Started[] = [];
const measured = new Map<string, Set<string>>();
let alerts: Alert[] = [];
let shown: Query[] = [];

/** What Prometheus makes of every scrape, and what the SDK measures only once something fails. */
const NOT_HERE = new Map([
  ['up', ['job', 'instance']],
  ['temporal_request_failure', ['operation']],
  ['temporal_workflow_task_execution_failed', []],
]);
/** What a scrape adds to every series. */
const OF_SCRAPES = ['job', 'instance'];

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
    const text = await (await fetch(`${worker}/metrics`)).text();
    expect(text).toMatch(/temporal_activity_schedule_to_start_latency_count/);
    expect(text).toMatch(/tandem_evolved_seconds_count [1-9]/);
  }, PATIENCE);
  for (const url of [api, worker]) note(await (await fetch(`${url}/metrics`)).text());
}, 600_000);

afterAll(async () => {
  for (const { child, ended } of programs) {
    child.kill('SIGTERM');
    await ended;
  }
});

async function startBoth(): Promise<{ api: string; worker: string }> {
  const [port, workerPort] = [await freePort(), await freePort()];
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: await createTestDatabase(),
    REDIS_URL: await createTestRedis(),
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
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

/** Names of series in Prometheus's text, with the labels they were seen with. */
function note(text: string): void {
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
    for (const each of names) measured.set(each, measured.get(each) ?? new Set());
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{(.*)\} /gm)) {
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) measured.get(name)?.add(label);
  }
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

function unknown(queries: readonly Query[]): string[] {
  return queries.flatMap(({ query, selectors }) =>
    selectors.flatMap(({ name, labels }) => {
      const has = measured.get(name) ?? NOT_HERE.get(name);
      if (!has) return [`${name} in ${query}`];
      const seen = new Set([...has, ...OF_SCRAPES]);
      // A series that was never counted shows no labels yet.
      if (seen.size === OF_SCRAPES.length) return [];
      return labels.filter((label) => !seen.has(label)).map((label) => `${name}{${label}} in ${query}`);
    }),
  );
}

test('every alert asks for what is measured', () => {
  expect(alerts.length).toBeGreaterThan(10);
  expect(unknown(alerts)).toEqual([]);
});

test('every panel of every dashboard asks for what is measured', () => {
  expect(shown.length).toBeGreaterThan(30);
  expect(unknown(shown)).toEqual([]);
});

test('what the chart grows by is asked for by names that are measured, and a total is not summed over the workers', async () => {
  const asked = await readAdapter(deployed('prometheus/adapter.yml'));
  // What a scrape of Kubernetes adds.
  const scraped = asked.map(({ selectors, ...rest }) => ({
    ...rest,
    selectors: selectors.map(({ name, labels }) => ({
      name,
      labels: labels.filter((label) => label !== 'namespace' && label !== 'pod'),
    })),
  }));
  expect(unknown(scraped)).toEqual([]);
  expect([...new Set(asked.map(({ alert }) => alert))]).toEqual([
    'tandem_socket_connections',
    'tandem_relay_untold_processes',
  ]);
  for (const { query } of asked.filter(({ query }) => query.includes('untold') && query.includes('by ('))) {
    expect(query).toMatch(/^max by/);
  }
});

test('a metric or a label that nobody measures is found out', async () => {
  const wrong = await readQueries(['sum(tandem_no_such_total)', 'tandem_part_up{colour="red"}']);
  expect(unknown(wrong)).toEqual([
    'tandem_no_such_total in sum(tandem_no_such_total)',
    'tandem_part_up{colour} in tandem_part_up{colour="red"}',
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
