import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '#local/testStack.ts';
import { signTimestamped } from '#payments/signature.ts';
import type { Realtime } from '#realtime/realtime.ts';
import { attachSockets } from './sockets.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

/** One connection, so that a second request on it shows that the first one was read to its end. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let api: TestApp;
let realtime: Realtime;
beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  realtime = attachSockets(api.app, api.deps);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  agent.destroy();
  await realtime?.close();
  await api?.close();
});

type Answer = { status: number | undefined; body: unknown; reused: boolean };

function ask(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${api.app.listeningOrigin}${path}`, { method, headers, agent }, (response) => {
      const { statusCode: status } = response;
      text(response).then((said) => resolve({ status, body: JSON.parse(said), reused: asked.reusedSocket }), reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const OFFERS = {
  'h2c, as curl and Java do': {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
  },
  TLS: { connection: 'Upgrade', upgrade: 'TLS/1.2' },
};

test.each(Object.entries(OFFERS))('an offer of %s is passed over, and the request answered', async (_, offer) => {
  expect(await ask('GET', '/livez', offer)).toMatchObject({ status: 200 });
  const payment = { order_id: 'order_1', payment_id: 'pay_1', amount: 500_050, currency: 'INR' };
  const created_at = Math.floor(Date.now() / 1000);
  const webhook = JSON.stringify({ id: 'evt_1', type: 'payment.captured', created_at, data: payment });
  const signature = signTimestamped('a secret of the tests', webhook, new Date());
  const headers = { ...offer, 'content-type': 'application/json', 'x-sandbox-signature': signature };
  for (let times = 0; times < 2; times++) {
    expect(await ask('POST', '/api/webhooks/sandbox', headers, webhook)).toMatchObject({
      status: 200,
      body: { data: { received: true } },
      reused: true,
    });
  }
});

test.each(['websocket', 'WebSocket'])(
  'a %s is still asked for where one is served, and refused elsewhere',
  async (upgrade) => {
    const offer = {
      connection: 'Upgrade',
      upgrade,
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    expect(await ask('GET', '/livez', offer)).toMatchObject({
      status: 404,
      body: { message: 'No socket is served at this path.' },
    });
    const taken = request(`${api.app.listeningOrigin}/ws`, { headers: offer });
    const status = await new Promise((resolve, reject) => {
      taken.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      taken.on('response', ({ statusCode }) => resolve(statusCode));
      taken.on('error', reject);
      taken.end();
    });
    expect(status).toBe(101);
  },
);

test('the events’ document is served beside the routes’, and /socket.io/ on the same port', async () => {
  expect(await ask('GET', '/docs/events', {})).toMatchObject({
    status: 200,
    body: { asyncapi: '3.0.0', channels: { ws: { address: '/ws' }, socketIo: { address: '/socket.io/' } } },
  });
  const greeted = await fetch(`${api.app.listeningOrigin}/socket.io/?EIO=4&transport=polling`);
  expect([greeted.status, (await greeted.text()).startsWith('0{"sid":')]).toEqual([200, true]);
});
