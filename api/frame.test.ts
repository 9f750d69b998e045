import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { FAILURES, Failure } from '#workflows/failures.ts';
import { words } from '#workflows/talk/contract.ts';
import { addressKey } from './address.ts';
import { answers, list, success } from './answer.ts';
import { readConfig } from './config.ts';
import { type App, buildFrame } from './frame.ts';
import { createMetrics } from './metrics.ts';
import { PRODUCTION } from './testing/app.ts';
import { onTheWire } from './testing/wire.ts';

const lines: Record<string, unknown>[] = [];
const metrics = createMetrics();
let app: App;

const errors: Record<string, () => unknown> = {
  failure: () =>
    new Failure('INSUFFICIENT_FUNDS', 'Not enough.', { details: { asset: 'INR' }, cause: new Error('secret') }),
  limited: () => new Failure('RATE_LIMITED', 'Too many.', { retryAfter: 7 }),
  surprise: () => new TypeError('the password of the database is hunter2'),
  outage: () => Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }),
  text: () => 'thrown as text: hunter2',
  nothing: () => undefined,
};

beforeAll(async () => {
  const config = readConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    CORS_ORIGIN: 'https://console.example, http://localhost:5173',
    TRUST_PROXY: '127.0.0.1',
  });
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  app = await buildFrame({ config, log, metrics });
  const body = z.strictObject({ amount: z.string(), inner: z.strictObject({ days: z.int() }).optional() });
  app.post('/echo', { schema: { body, response: answers({ 200: success(body) }) } }, async (request) => ({
    success: true as const,
    data: request.body,
  }));
  app.post('/say', { schema: { body: z.strictObject({ text: words(5) }) } }, async (request) => request.body);
  app.get('/fail/:how', { schema: { params: z.object({ how: z.string() }) } }, async (request) => {
    throw errors[request.params.how]?.();
  });
  app.get(
    '/wrong',
    { schema: { response: answers({ 200: list(z.object({ id: z.string() })) }) } },
    async () => ({ oops: 'hunter2' }) as never,
  );
  app.get('/whole', { schema: { response: answers({ 200: success(z.object({ id: z.string() })) }) } }, async () => ({
    success: true as const,
    data: { id: '1', password_hash: 'hunter2' },
  }));
  app.get('/address', async (request) => ({ ip: request.ip }));
  app.get('/api/mine', async () => ({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

const echo = (payload: string, type = 'application/json') =>
  app.inject({ method: 'POST', url: '/echo', payload, headers: { 'content-type': type } });

test.each([
  ['an unknown field', '{"amount":"1","amuont":"2"}', 'amuont', 'is not a known field'],
  ['an unknown field further in', '{"amount":"1","inner":{"days":1,"dyas":2}}', 'inner.dyas', 'is not a known field'],
  ['a missing field', '{}', 'amount', 'is required'],
  ['a wrong type', '{"amount":5}', 'amount', 'is not valid: expected string, received number'],
  ['another body than an object', '[]', 'body', 'is not valid: expected object, received array'],
  ['no body', '', 'body', 'is not valid: expected object, received null'],
])('%s is refused with 400, by name', async (_, payload, field, problem) => {
  const answer = await echo(payload);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toEqual({
    success: false,
    message: `${field} ${problem}.`,
    error_code: 'VALIDATION_FAILED',
    details: { fields: [{ field, problem }] },
  });
});

test('all that is wrong is said at once', async () => {
  const answer = await echo('{"inner":{"days":"x"},"more":1}');
  const fields = answer.json().details.fields.map((one: { field: string }) => one.field);
  expect(fields.sort()).toEqual(['amount', 'inner.days', 'more']);
});

test.each([
  ['not JSON', '{"amount":', 'application/json', 400, 'VALIDATION_FAILED'],
  [
    'JSON that would poison prototypes',
    '{"amount":"1","__proto__":{"admin":true}}',
    'application/json',
    400,
    'VALIDATION_FAILED',
  ],
  ['a form', 'amount=1', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'a text that no database keeps',
    '{"amount":"1\\u0000"}',
    'application/json',
    400,
    'VALIDATION_FAILED',
    { fields: [{ field: 'amount' }] },
  ],
  ['brackets all the way down', '['.repeat(200_000), 'application/json', 400, 'VALIDATION_FAILED'],
  ['plain text', '{"amount":"1"}', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'more than 256 KiB',
    JSON.stringify({ amount: 'x'.repeat(256 * 1024) }),
    'application/json',
    413,
    'PAYLOAD_TOO_LARGE',
  ],
] as [string, string, string, number, string, object?][])(
  '%s is refused like everything else',
  async (_, payload, type, status, code, details = {}) => {
    const answer = await echo(payload, type);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ success: false, error_code: code, message: expect.any(String), details });
  },
);

test('a text is limited by what its reader counts, a body by bytes, and what was passed is said with its unit', async () => {
  const say = (text: string) => app.inject({ method: 'POST', url: '/say', payload: { text } });
  expect((await say('👨‍👩‍👧‍👦'.repeat(5))).statusCode).toBe(200);
  expect((await say('👨‍👩‍👧‍👦'.repeat(6))).json()).toMatchObject({
    message: 'text is not valid: it has 5 characters at most.',
    details: { fields: [{ field: 'text', limit: 5, unit: 'characters' }] },
  });
  expect((await say('\u200b\u202e')).json().details.fields).toEqual([
    { field: 'text', problem: 'is not valid: it shows nothing' },
  ]);
  const large = await echo(JSON.stringify({ amount: 'x'.repeat(256 * 1024) }));
  expect(large.json().details).toEqual({ limit: 262_144, unit: 'bytes' });
});

test('a body of exactly 256 KiB is read', async () => {
  const payload = JSON.stringify({ amount: '' });
  const answer = await echo(JSON.stringify({ amount: 'x'.repeat(256 * 1024 - payload.length) }));
  expect(answer.statusCode).toBe(200);
});

test('JSON with a charset is JSON', async () => {
  expect((await echo('{"amount":"1"}', 'application/json; charset=utf-8')).statusCode).toBe(200);
});

test('a failure is told by its code, status, sentence and details, and nothing else of it', async () => {
  const answer = await app.inject({ url: '/fail/failure' });
  expect(answer.statusCode).toBe(FAILURES.INSUFFICIENT_FUNDS.status);
  expect(answer.json()).toEqual({
    success: false,
    message: 'Not enough.',
    error_code: 'INSUFFICIENT_FUNDS',
    details: { asset: 'INR' },
  });
});

test('a failure that passes says when to come back', async () => {
  const limited = await app.inject({ url: '/fail/limited' });
  expect([limited.statusCode, limited.headers['retry-after']]).toEqual([429, '7']);
  const outage = await app.inject({ url: '/fail/outage' });
  expect([outage.statusCode, outage.headers['retry-after']]).toEqual([503, '1']);
  expect(outage.json().error_code).toBe('UNAVAILABLE');
  expect(outage.body).not.toContain('10.1.2.3');
});

test.each(['surprise', 'text', 'nothing'])(
  '%s is our fault: logged under the request’s id, and not told',
  async (how) => {
    const answer = await app.inject({ url: `/fail/${how}`, headers: { 'x-request-id': `trace-${how}` } });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      success: false,
      message: 'Something went wrong on our side.',
      error_code: 'INTERNAL',
      details: {},
    });
    expect(lines).toContainEqual(expect.objectContaining({ correlation_id: `trace-${how}`, level: 50 }));
  },
);

test('an answer of another shape than documented does not leave, and what is not documented is cut off', async () => {
  const wrong = await app.inject({ url: '/wrong' });
  expect(wrong.statusCode).toBe(500);
  expect(wrong.json()).toMatchObject({ error_code: 'INTERNAL' });
  expect(wrong.body).not.toContain('hunter2');
  expect((await app.inject({ url: '/whole' })).json()).toEqual({ success: true, data: { id: '1' } });
});

test.each([
  ['GET', '/nowhere', 404, 'NOT_FOUND'],
  ['DELETE', '/echo', 404, 'NOT_FOUND'],
  ['GET', '/fail/%E0%A4', 400, 'VALIDATION_FAILED'],
] as const)('%s %s answers in the same form', async (method, url, status, code) => {
  const answer = await app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ success: false, error_code: code, details: {} });
  expect(answer.headers['x-request-id']).toBeTruthy();
});

test.each([
  ['/fail/a%00b', 'how'],
  ['/address?a=%00', 'a'],
  ['/address?a=1&a=b%00', 'a'],
])('%s has a text that no database keeps, and %s is named', async (url, field) => {
  const answer = await app.inject({ url });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ error_code: 'VALIDATION_FAILED', details: { fields: [{ field }] } });
});

test('what is not HTTP is refused in the same form too', async () => {
  const { port } = new URL(app.listeningOrigin);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('NOT HTTP AT ALL\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({
    success: false,
    error_code: 'VALIDATION_FAILED',
    details: {},
  });
});

/** What every refusal looks like, whatever refused it. */
function expectRefusal(
  answer: { status: number; headers: Record<string, string>; body: string } | undefined,
  status: number,
  code: string,
) {
  expect(answer?.status).toBe(status);
  expect(answer?.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    success: false,
    message: expect.any(String),
    error_code: code,
    details: expect.any(Object),
  });
}

const HEAD = 'Host: here\r\nConnection: close\r\n';
const JSON_BODY = 'Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"amount":"1"}';

test.each([
  [
    'an Expect that nobody knows',
    `POST /echo HTTP/1.1\r\n${HEAD}Expect: a-miracle\r\n${JSON_BODY}`,
    400,
    'VALIDATION_FAILED',
  ],
  [
    'a head of more than 16 KiB',
    `GET /address HTTP/1.1\r\n${HEAD}X-Long: ${'x'.repeat(17_000)}\r\n\r\n`,
    431,
    'HEADERS_TOO_LARGE',
  ],
  [
    'an empty content type',
    `POST /echo HTTP/1.1\r\n${HEAD}Content-Type: \r\nContent-Length: 2\r\n\r\n{}`,
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['no content type', `POST /echo HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n{}`, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'a content type that is none',
    `POST /echo HTTP/1.1\r\n${HEAD}Content-Type: ;;\r\nContent-Length: 2\r\n\r\n{}`,
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['no Host', 'GET /address HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'VALIDATION_FAILED'],
  ['a method that is none', `NONSENSE /address HTTP/1.1\r\n${HEAD}\r\n`, 400, 'VALIDATION_FAILED'],
  ['a tunnel', `CONNECT here:443 HTTP/1.1\r\n${HEAD}\r\n`, 404, 'NOT_FOUND'],
  ['two lengths', `POST /echo HTTP/1.1\r\n${HEAD}Content-Length: 3\r\n${JSON_BODY}`, 400, 'VALIDATION_FAILED'],
] as const)('%s is refused in the one format', async (_, bytes, status, code) => {
  const [answer] = await onTheWire(app.listeningOrigin, bytes);
  expectRefusal(answer, status, code);
});

test.each([
  ['a WebSocket', 'Upgrade', 'websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  ['HTTP/2', 'Upgrade, HTTP2-Settings', 'h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__'],
])(
  'a route that is offered %s where none is served answers as if nothing was offered',
  async (_, connection, upgrade) => {
    const offer = `Host: here\r\nConnection: ${connection}\r\nUpgrade: ${upgrade}\r\n`;
    const [got] = await onTheWire(app.listeningOrigin, `GET /address HTTP/1.1\r\n${offer}\r\n`);
    expect([got?.status, JSON.parse(got?.body ?? '')]).toEqual([200, { ip: '127.0.0.1' }]);
    const [posted] = await onTheWire(app.listeningOrigin, `POST /echo HTTP/1.1\r\n${offer}${JSON_BODY}`);
    expect([posted?.status, JSON.parse(posted?.body ?? '')]).toEqual([200, { success: true, data: { amount: '1' } }]);
  },
);

test('a client that waits for leave to send its body is given it', async () => {
  const [leave, answer] = await onTheWire(
    app.listeningOrigin,
    `POST /echo HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\n${JSON_BODY}`,
    2,
  );
  expect([leave?.status, answer?.status]).toEqual([100, 200]);
});

test('JSON that is not UTF-8 is refused: no letter becomes another', async () => {
  for (const bytes of [[0xe9], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f]]) {
    const payload = Buffer.concat([Buffer.from('{"amount":"'), Buffer.from(bytes), Buffer.from('"}')]);
    const answer = await app.inject({
      method: 'POST',
      url: '/echo',
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error_code: 'VALIDATION_FAILED', message: 'The body is not UTF-8.' });
  }
  expect((await echo('{"amount":"é🎉\ufffd"}')).json().data).toEqual({ amount: 'é🎉\ufffd' });
});

test('HEAD answers wherever GET does: the same head, and no body', async () => {
  for (const url of ['/address', '/whole', '/nowhere']) {
    const [got, head] = [await app.inject({ url }), await app.inject({ method: 'HEAD', url })];
    expect([url, head.statusCode]).toEqual([url, got.statusCode]);
    expect(head.headers['content-type']).toBe(got.headers['content-type']);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
    expect(head.body).toBe('');
  }
  expect((await app.inject({ method: 'HEAD', url: '/echo' })).statusCode).toBe(404);
});

test('a client that breaks off its upload is no outage of ours', async () => {
  const before = lines.length;
  const socket = connect(Number(new URL(app.listeningOrigin).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /echo HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"amount":`,
  );
  await vi.waitFor(async () => expect(await connections()).toBeGreaterThan(0));
  socket.resetAndDestroy();
  await vi.waitFor(() =>
    expect(lines.slice(before)).toContainEqual(expect.objectContaining({ msg: 'the client left' })),
  );
  const said = lines.slice(before);
  expect(JSON.stringify(said)).not.toContain('database');
  expect(said.every(({ level }) => Number(level) < 40)).toBe(true);
});

const connections = () =>
  new Promise<number>((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

test('a sane request id comes back and is in the log; any other is replaced by ours', async () => {
  const kept = await app.inject({ url: '/address', headers: { 'x-request-id': 'order-42:a.b_c' } });
  expect(kept.headers['x-request-id']).toBe('order-42:a.b_c');
  expect(lines).toContainEqual(
    expect.objectContaining({ correlation_id: 'order-42:a.b_c', route: '/address', status: 200 }),
  );
  for (const odd of ['a b', 'x'.repeat(65), '{"a":1}', '']) {
    const answer = await app.inject({ url: '/address', headers: { 'x-request-id': odd } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('the address of a caller is believed from a proxy we know, and from nobody else', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.5' };
  const through = await app.inject({ url: '/address', headers: forwarded, remoteAddress: '127.0.0.1' });
  expect(through.json()).toEqual({ ip: '203.0.113.5' });
  const direct = await app.inject({ url: '/address', headers: forwarded, remoteAddress: '198.51.100.1' });
  expect(direct.json()).toEqual({ ip: '198.51.100.1' });
});

test.each(['203.0.113.5:4711', '::ffff:203.0.113.5', '0:0:0:0:0:ffff:cb00:7105', '[::ffff:203.0.113.5]:443'])(
  '%s, as a proxy may write it, is the address it is',
  async (spelling) => {
    const answer = await app.inject({
      url: '/address',
      headers: { 'x-forwarded-for': `${spelling}, [::ffff:127.0.0.1]:80` },
      remoteAddress: '::ffff:127.0.0.1',
    });
    expect(addressKey(answer.json().ip)).toBe('203.0.113.5');
  },
);

test('pages of listed origins may call, others get no leave', async () => {
  const ask = (origin: string) =>
    app.inject({ method: 'OPTIONS', url: '/echo', headers: { origin, 'access-control-request-method': 'POST' } });
  const listed = await ask('https://console.example');
  expect(listed.headers['access-control-allow-origin']).toBe('https://console.example');
  expect(listed.headers['access-control-allow-headers']).toContain('idempotency-key');
  expect((await ask('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
});

test('an answer that is no page may load nothing, may not be framed, and names no page it came from', async () => {
  for (const url of ['/address', '/nowhere', '/fail/surprise']) {
    const { headers } = await app.inject({ url });
    expect(String(headers['content-security-policy']).split(';').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
  }
});

test('browsers are told to stay with https in production, and only there', async () => {
  expect((await app.inject({ url: '/address' })).headers['strict-transport-security']).toBeUndefined();
  const config = readConfig({
    ...PRODUCTION,
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  });
  const production = await buildFrame({ config, log: pino({ level: 'silent' }), metrics: createMetrics() });
  expect((await production.inject({ url: '/' })).headers['strict-transport-security']).toBe('max-age=31536000');
  await production.close();
});

test('answers about accounts are not kept by caches, and no answer is guessed at by browsers', async () => {
  const answer = await app.inject({ url: '/api/mine' });
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

test('requests are counted by route and status, failures by code', async () => {
  await app.inject({ url: '/fail/limited' });
  await app.inject({ url: '/nowhere/1' });
  const text = await metrics.registry.metrics();
  expect(text).toMatch(/tandem_http_request_seconds_count\{method="GET",route="\/fail\/:how",status="429"\} \d/);
  expect(text).toMatch(/tandem_failures_total\{error_code="RATE_LIMITED"\} [1-9]/);
  expect(text).not.toContain('/nowhere');
});
