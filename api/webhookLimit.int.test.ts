import { afterEach, expect, test, vi } from 'vitest';
import { createTestDatabase, createTestRedis } from '#local/testStack.ts';
import { signTimestamped } from '#payments/signature.ts';
import { startTestApp, type TestApp } from './testing/app.ts';
import { onTheWire } from './testing/wire.ts';
import { STILL_READ_PER_SECOND } from './webhookLimit.ts';

const SECRET = 'a secret of the tests';
const PER_MINUTE = 30;
const WAIT = { timeout: 15_000, interval: 50 };
const started: TestApp[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.close();
});

type Node = { url: string };

async function open(options: { databaseUrl: string; redisUrl?: string; env?: Record<string, string> }): Promise<Node> {
  const env = {
    ...{ SANDBOX_WEBHOOK_SECRET: SECRET, TRUST_PROXY: '127.0.0.1' },
    ...{ REFUSED_WEBHOOKS_PER_MINUTE: String(PER_MINUTE), ...options.env },
  };
  const api = await startTestApp({ ...options, env });
  started.push(api);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  return { url: api.app.listeningOrigin };
}

let events = 0;
function letter(): string {
  events += 1;
  const data = { order_id: 'order_1', payment_id: `pay_${events}`, amount: 500_050, currency: 'INR' };
  const created_at = Math.floor(Date.now() / 1_000);
  return JSON.stringify({ id: `evt_${events}`, type: 'payment.captured', created_at, data });
}

/** Over real HTTP, from an address, signed or not. */
async function deliver({ url }: Node, from: string, { signed = false, provider = 'sandbox', body = letter() } = {}) {
  const answer = await fetch(`${url}/api/webhooks/${provider}`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'x-forwarded-for': from },
      'x-sandbox-signature': signTimestamped(signed ? SECRET : 'a guess', body, new Date()),
    },
    body,
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

const AT_ONCE = 10;

/** So many, some at once: how many came to each status. */
async function flood(node: Node, many: number, from: string, how = {}): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let left = many;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        const { status } = await deliver(node, from, how);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  return statuses;
}

test('an address that sends too many webhooks without a valid signature is refused before their bodies are read, and nobody else is', async () => {
  const node = await open({ databaseUrl: await createTestDatabase() });
  expect(await flood(node, PER_MINUTE, '192.0.2.1')).toEqual({ 401: PER_MINUTE });
  const began = performance.now();
  const { 401: read = 0, 429: refused = 0, ...others } = await flood(node, 200, '192.0.2.1');
  const seconds = (performance.now() - began) / 1_000;
  expect([read + refused, others]).toEqual([200, {}]);
  expect(read).toBeLessThanOrEqual(STILL_READ_PER_SECOND * Math.ceil(seconds + 1));

  // Only a head is sent, of a body that is too large: looked at, that would be the answer.
  const head =
    'POST /api/webhooks/sandbox HTTP/1.1\r\nhost: here\r\nx-forwarded-for: 192.0.2.1\r\ncontent-length: 300000\r\n\r\n';
  const unread = await vi.waitFor(async () => {
    await flood(node, STILL_READ_PER_SECOND, '192.0.2.1');
    const [answer] = await onTheWire(node.url, head);
    expect(answer?.status).toBe(429);
    return answer;
  }, WAIT);
  expect(unread?.headers['retry-after']).toBe('1');
  expect(JSON.parse(unread?.body ?? '')).toMatchObject({
    success: false,
    error_code: 'RATE_LIMITED',
    message: `At most ${PER_MINUTE} webhooks without a valid signature from one address a minute.`,
    details: { limit: 'refused_webhooks', allowed: PER_MINUTE, per_seconds: 60, retry_after: 1 },
  });
  expect((await deliver(node, '192.0.2.2', { signed: true })).status).toBe(200);
  expect((await deliver(node, '192.0.2.2')).status).toBe(401);
});

test('a webhook with a valid signature is never counted, and comes through from an address over its bound by trying', async () => {
  const node = await open({ databaseUrl: await createTestDatabase() });
  const { 401: disbelieved, 429: bounded } = await flood(node, 2 * PER_MINUTE, '192.0.2.3', { signed: true });
  expect([disbelieved, bounded]).toEqual([undefined, undefined]);
  // Signed, and not what its provider sends: its own trouble, and no stranger's.
  const odd = await flood(node, 2 * PER_MINUTE, '192.0.2.3', { signed: true, body: '{"id":7}' });
  expect(odd).toEqual({ 400: 2 * PER_MINUTE });
  expect(await flood(node, PER_MINUTE, '192.0.2.3')).toEqual({ 401: PER_MINUTE });
  await flood(node, 3 * STILL_READ_PER_SECOND, '192.0.2.3');
  await vi.waitFor(async () => expect((await deliver(node, '192.0.2.3', { signed: true })).status).toBe(200), WAIT);
});

test('what is for no provider, too large or for a media server that is not there counts as well', async () => {
  const node = await open({ databaseUrl: await createTestDatabase() });
  const third = PER_MINUTE / 3;
  expect(await flood(node, third, '192.0.2.4', { provider: 'nobody' })).toEqual({ 404: third });
  expect(await flood(node, third, '192.0.2.4', { provider: 'livekit' })).toEqual({ 404: third });
  expect(await flood(node, third, '192.0.2.4', { body: 'x'.repeat(300 * 1_024) })).toEqual({ 413: third });
  expect((await flood(node, 3 * STILL_READ_PER_SECOND, '192.0.2.4'))[429]).toBeGreaterThan(0);
});

test('two nodes count together by Redis', async () => {
  const shared = { databaseUrl: await createTestDatabase(), redisUrl: await createTestRedis() };
  const [one, other] = [await open(shared), await open(shared)];
  let address = 0;
  await vi.waitFor(async () => {
    address += 1;
    const from = `198.51.100.${address}`;
    await flood(one, PER_MINUTE, from);
    // Redis says so of the first that is refused at the other, and the other knows from then on.
    expect((await deliver(other, from)).status).toBe(401);
    const fewer = PER_MINUTE - 2;
    expect(fewer).toBeGreaterThan(STILL_READ_PER_SECOND);
    expect((await flood(other, fewer, from))[429]).toBeGreaterThan(0);
  }, WAIT);
  expect(await flood(other, PER_MINUTE - 1, '192.0.2.6')).toEqual({ 401: PER_MINUTE - 1 });
});

test('0 counts nothing', async () => {
  const node = await open({ databaseUrl: await createTestDatabase(), env: { REFUSED_WEBHOOKS_PER_MINUTE: '0' } });
  expect(await flood(node, 4 * PER_MINUTE, '192.0.2.7')).toEqual({ 401: 4 * PER_MINUTE });
});
