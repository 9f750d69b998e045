import { type FastifyInstance, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { storeWebhook } from '#db/payment/inbox.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { createProviders } from '#payments/providers.ts';
import { signTimestamped } from '#payments/signature.ts';
import { failureBody, toFailure } from '../failure.ts';
import { webhookRoutes } from './webhookRoutes.ts';

const SECRET = 'a secret of the tests';

let pool: Pool;
let app: FastifyInstance;

beforeAll(async () => {
  pool = createPool(await createTestDatabase());
  const { byName } = createProviders({ PUBLIC_URL: 'http://127.0.0.1:1', SANDBOX_WEBHOOK_SECRET: SECRET });
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const failure = toFailure(error);
    return reply.status(failure.status).send(failureBody(failure));
  });
  const now = () => new Date();
  await app.register(
    webhookRoutes({ providers: byName, store: (webhook) => storeWebhook(pool, { ...webhook, now }), now }),
  );
});

afterAll(async () => {
  await app.close();
  await pool.end();
});

beforeEach(async () => {
  await pool.query(sql.typeAlias('void')`DELETE FROM inbox`);
  await pool.query(sql.typeAlias('void')`DELETE FROM webhooks`);
});

const event = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    id: 'evt_1',
    type: 'payment.captured',
    created_at: Math.floor(Date.now() / 1000),
    data: { order_id: 'order_1', payment_id: 'pay_1', amount: 500_050, currency: 'INR' },
    ...more,
  });

async function deliver(
  body: string | Buffer,
  how: { provider?: string; headers?: Record<string, string>; secret?: string } = {},
) {
  const response = await app.inject({
    method: 'POST',
    url: `/api/webhooks/${how.provider ?? 'sandbox'}`,
    headers: {
      'content-type': 'application/json',
      'x-sandbox-signature': signTimestamped(how.secret ?? SECRET, body, new Date()),
      ...how.headers,
    },
    payload: body,
  });
  return { status: response.statusCode, body: response.json() };
}

const stored = () =>
  pool.any(
    sql.type(z.object({ event_id: z.string(), type: z.string(), body: z.string(), facts: z.bigint() }))`
      SELECT webhooks.event_id, webhooks.type, webhooks.body, count(inbox.id) AS facts
      FROM webhooks LEFT JOIN inbox ON inbox.webhook_id = webhooks.id
      GROUP BY webhooks.id ORDER BY webhooks.id`,
  );

test('a signed webhook is answered when it is stored, with its body as it came', async () => {
  const body = ` ${event()}\n`;
  expect(await deliver(body)).toEqual({ status: 200, body: { success: true, data: { received: true } } });
  expect(await stored()).toEqual([{ event_id: 'evt_1', type: 'payment.captured', body, facts: 1n }]);
});

test('a webhook delivered ten times at once is stored once and answered alike', async () => {
  const body = event();
  const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(body)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await stored()).toHaveLength(1);
});

test('a signed body that is not UTF-8 is refused: what is kept is what was signed', async () => {
  const [before, after] = event({ note: '@' }).split('@') as [string, string];
  const body = Buffer.concat([Buffer.from(before), Buffer.from([0xe9]), Buffer.from(after)]);
  expect(await deliver(body)).toMatchObject({ status: 400, body: { error_code: 'VALIDATION_FAILED' } });
  expect(await stored()).toEqual([]);
});

test('an event we have no use for is stored and has no facts', async () => {
  expect((await deliver(event({ type: 'customer.created' }))).status).toBe(200);
  expect(await stored()).toMatchObject([{ type: 'customer.created', facts: 0n }]);
});

test('a wrong, missing or old signature is 401 and stores nothing', async () => {
  const old = signTimestamped(SECRET, event(), new Date(Date.now() - 301_000));
  const answers = [
    await deliver(event(), { secret: 'guessed' }),
    await deliver(event(), { headers: { 'x-sandbox-signature': '' } }),
    await deliver(event(), { headers: { 'x-sandbox-signature': old } }),
  ];
  for (const { status, body } of answers) {
    expect(status).toBe(401);
    expect(body).toMatchObject({
      success: false,
      error_code: 'UNAUTHENTICATED',
      message: 'The signature is not valid.',
    });
  }
  expect(await stored()).toEqual([]);
});

test('a signed body of another form is 400 and stores nothing', async () => {
  for (const body of ['', 'not json', '[]', '{}', event({ data: {} }), event({ created_at: 'today' })]) {
    const answer = await deliver(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ success: false, error_code: 'VALIDATION_FAILED' });
  }
  expect(await stored()).toEqual([]);
});

test('a provider that is unknown or not configured here is 404', async () => {
  for (const provider of ['paypal', 'razorpay', 'stripe', 'constructor', '__proto__']) {
    const answer = await deliver(event(), { provider });
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ success: false, error_code: 'NOT_FOUND' });
  }
});

test('a body beyond 256 KiB is 413, one just below is taken', async () => {
  const filled = (size: number) => {
    const empty = event({ padding: '' });
    return event({ padding: 'x'.repeat(size - empty.length) });
  };
  expect((await deliver(filled(256 * 1024))).status).toBe(200);
  const answer = await deliver(filled(256 * 1024 + 1));
  expect(answer.status).toBe(413);
  expect(answer.body).toMatchObject({ success: false, error_code: 'PAYLOAD_TOO_LARGE' });
});

test('the type a body claims to be of is of no matter, its signature is', async () => {
  for (const type of [
    'text/plain',
    'application/json; charset=utf-8',
    'application/octet-stream',
    'multipart/form-data',
  ]) {
    expect((await deliver(event(), { headers: { 'content-type': type } })).status).toBe(200);
  }
});

test('a store that is not done within a second is 503, and the next delivery finds what it did', async () => {
  const body = event();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let lock = () => {};
  const locked = new Promise<void>((resolve) => {
    lock = resolve;
  });
  const holding = pool.transaction(async (transaction) => {
    await transaction.query(sql.typeAlias('void')`LOCK TABLE webhooks IN EXCLUSIVE MODE`);
    lock();
    await held;
  });
  await locked;
  const began = Date.now();
  const answer = await deliver(body);
  expect(Date.now() - began).toBeLessThan(1_000);
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ success: false, error_code: 'UNAVAILABLE' });
  release();
  await holding;
  expect((await deliver(body)).status).toBe(200);
  expect(await stored()).toHaveLength(1);
});
