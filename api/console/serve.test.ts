import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigInvalid } from '#program/settings.ts';
import { readConfig } from '../config.ts';
import { type App, buildFrame } from '../frame.ts';
import { createMetrics } from '../metrics.ts';
import { PRODUCTION } from '../testing/app.ts';
import { demoRoutes } from './demoRoutes.ts';
import { serveConsole } from './serve.ts';

const least = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };

let folder: string;
let app: App;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-console-'));
});
afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  const config = readConfig({ ...least, ...environment });
  app = await buildFrame({ config, log: pino({ level: 'silent' }), metrics: createMetrics() });
  demoRoutes(app, config);
  await serveConsole(app, folder);
}

function build(): void {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Tandem</title>');
  writeFileSync(join(folder, 'assets', 'page-1a2b.js'), 'console.log(1)');
  writeFileSync(join(folder, 'assets', 'page-1a2b.js.br'), 'compressed');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
}

test('a page that was not built says how to build it, and is there as soon as it is', async () => {
  await start();
  const missing = await app.inject('/');
  expect(missing.statusCode).toBe(503);
  expect(missing.headers['retry-after']).toBeDefined();
  expect(missing.headers['content-type']).toMatch(/^text\/html/);
  expect(missing.body).toContain('vite build');
  build();
  const built = await app.inject('/');
  expect(built.statusCode).toBe(200);
  expect(built.body).toContain('<title>Tandem</title>');
  expect((await app.inject('/assets/page-1a2b.js')).statusCode).toBe(200);
});

test('the page is asked for each time and then not sent again; what it needs is kept for good', async () => {
  build();
  await start();
  const page = await app.inject('/');
  expect(page.headers['cache-control']).toBe('no-cache');
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String(page.headers.etag) } });
  expect(again.statusCode).toBe(304);
  const asset = await app.inject('/assets/page-1a2b.js');
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('the page may load only what is from here, and may not be framed', async () => {
  build();
  await start();
  const policy = String((await app.inject('/')).headers['content-security-policy']).split(';');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy.join()).not.toMatch(/https?:|\*|unsafe-eval/);
  // What is not the page is no page.
  expect((await app.inject('/api/demo')).headers['content-security-policy']).not.toContain('script-src');
});

test('what is compressed is sent to those who take it', async () => {
  build();
  await start();
  const taken = await app.inject({ url: '/assets/page-1a2b.js', headers: { 'accept-encoding': 'br' } });
  expect(taken.headers['content-encoding']).toBe('br');
  expect(taken.body).toBe('compressed');
  expect((await app.inject('/assets/page-1a2b.js')).headers['content-encoding']).toBeUndefined();
});

test.each([
  '/deals/1',
  '/index.html',
  '/secret.txt',
  '/assets/',
  '/assets/nothing.js',
  '/assets/..%2fsecret.txt',
  '/assets/%2e%2e/secret.txt',
])('%s is no page: it is refused in the one format, and shows nothing', async (path) => {
  build();
  await start();
  const answer = await app.inject(path);
  expect([403, 404]).toContain(answer.statusCode);
  expect(answer.json()).toMatchObject({ success: false, error_code: expect.stringMatching(/^(NOT_FOUND|FORBIDDEN)$/) });
});

test('accounts for trying things out are told where they are set, and nowhere else', async () => {
  await start({ TEMPORAL_UI_URL: 'http://127.0.0.1:8233' });
  expect((await app.inject('/api/demo')).json().data).toEqual({ accounts: [], temporal_ui: null });
  await app.close();
  await start({
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    DEMO_ACCOUNTS: 'asha:brand_owner:with:colons,ravi:influencer:plain',
  });
  expect((await app.inject('/api/demo')).json().data).toEqual({
    accounts: [
      { handle: 'asha', role: 'brand_owner', password: 'with:colons' },
      { handle: 'ravi', role: 'influencer', password: 'plain' },
    ],
    temporal_ui: 'http://127.0.0.1:8233/namespaces/default/workflows',
  });
});

test('a production that would publish passwords does not start', async () => {
  await start();
  const production = { ...least, ...PRODUCTION };
  expect(readConfig(production).DEMO_ACCOUNTS).toEqual([]);
  expect(() => readConfig({ ...production, DEMO_ACCOUNTS: 'asha:brand_owner:secret12' })).toThrow(ConfigInvalid);
  expect(() => readConfig({ ...least, DEMO_ACCOUNTS: 'asha:admin:secret12' })).toThrow(/DEMO_ACCOUNTS is not a list/);
});
