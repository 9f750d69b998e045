import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, portsOf } from './ports.ts';
import { startTemporal, type Temporal } from './temporal.ts';
import { findTemporal } from './temporalProgram.ts';

/** The server as `npm start` runs it, and a workflow on it that keeps what its Update `rule` is told. */

const TASK_QUEUE = 'rulings';
const WORKFLOW = 'case-1';
const ELSEWHERE = 'http://elsewhere.example';
const RULE = `/api/v1/namespaces/default/workflows/${WORKFLOW}/update/rule`;

let folder: string;
let temporal: Temporal;
let connection: Connection;
let worker: { ended: Promise<void>; end: () => void };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-temporal-'));
  temporal = await startTemporal({
    program: await findTemporal(() => {}),
    port: await freePort(),
    uiPort: await freePort(),
    log: join(folder, 'log'),
  });
  connection = await Connection.connect({ address: temporal.address });
  const made = await Worker.create({
    taskQueue: TASK_QUEUE,
    workflowsPath: new URL('./testing/rulings.ts', import.meta.url).pathname,
    connection: await NativeConnection.connect({ address: temporal.address }),
  });
  worker = { ended: made.run(), end: () => made.shutdown() };
  await new Client({ connection }).workflow.start('rulings', { workflowId: WORKFLOW, taskQueue: TASK_QUEUE });
});

afterAll(async () => {
  worker?.end();
  await worker?.ended;
  await connection?.close();
  await temporal?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = { status: number; body: string; cookies: string[] };

/** As a browser sends it: headers that `fetch` would not let a program set are set here. */
function ask(url: string, method: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, timeout: 3000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, cookies: response.headers['set-cookie'] ?? [] }),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}

function ruling(by: string): string {
  const data = Buffer.from(JSON.stringify({ by })).toString('base64');
  const encoding = Buffer.from('json/plain').toString('base64');
  return JSON.stringify({
    request: {
      meta: { update_id: `by-${by}`, identity: by },
      input: { name: 'rule', args: { payloads: [{ metadata: { encoding }, data }] } },
    },
    wait_policy: { lifecycle_stage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' },
  });
}

async function rulings(): Promise<string[]> {
  const handle = new Client({ connection }).workflow.getHandle(WORKFLOW);
  return handle.query<string[]>('rulings');
}

test('no port of the server takes an Update from a web page of somebody else', async () => {
  const ports = portsOf(temporal.pid);
  if (process.platform === 'linux') {
    expect(ports.length).toBeGreaterThan(2);
    expect(ports).toContain(Number(new URL(temporal.ui as string).port));
  }
  const statuses: Record<number, number | string> = {};
  for (const port of ports) {
    // What a page may send anywhere without being asked first.
    const simple = { origin: ELSEWHERE, 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' };
    const sent = ask(`http://127.0.0.1:${port}${RULE}`, 'POST', simple, ruling('elsewhere'));
    statuses[port] = await sent.then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
  }
  expect(await rulings()).toEqual([]);
  const refused = Object.values(statuses).filter((status) => status === 403);
  // The HTTP API's and the Web UI's; the others speak no HTTP, or know no such path.
  if (process.platform === 'linux') expect(refused, JSON.stringify(statuses)).toHaveLength(2);
  expect(Object.values(statuses)).not.toContain(200);
});

test('a page of another port of this machine, and one that a browser says nothing of, send none through the Web UI', async () => {
  for (const site of [{ 'sec-fetch-site': 'same-site' }, {}]) {
    const headers = { origin: 'http://127.0.0.1:9', 'content-type': 'text/plain', ...site };
    const { status } = await ask(`${temporal.ui}${RULE}`, 'POST', headers as Record<string, string>, ruling('beside'));
    expect(status).toBeGreaterThanOrEqual(400);
  }
  expect(await rulings()).toEqual([]);
});

test('the Web UI loads, lists workflows, and sends an Update from its own pages', async () => {
  const page = await ask(`${temporal.ui}/`, 'GET', {});
  expect(page).toMatchObject({ status: 200 });
  expect(page.body).toContain('<html');
  const [token = ''] = page.cookies.flatMap((cookie) => /^_csrf=([^;]+)/.exec(cookie)?.[1] ?? []);
  const own = { origin: temporal.ui as string, 'sec-fetch-site': 'same-origin', cookie: `_csrf=${token}` };
  await expect
    .poll(async () => (await ask(`${temporal.ui}/api/v1/namespaces/default/workflows`, 'GET', own)).body, {
      timeout: 20_000,
    })
    .toContain(WORKFLOW);
  const headers = { ...own, 'x-csrf-token': token, 'content-type': 'application/json' };
  const sent = await ask(`${temporal.ui}${RULE}`, 'POST', headers, ruling('operator'));
  expect(sent.status, sent.body).toBe(200);
  expect(await rulings()).toEqual(['operator']);
});
