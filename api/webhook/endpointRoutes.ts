import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Executor, Transaction } from '#db/pool.ts';
import type { Secrets } from '#db/secrets.ts';
import {
  type Delivery,
  findDelivery,
  insertDelivery,
  listAttempts,
  listDeliveries,
  RECOVERED_AT_MOST,
  recoverSince,
} from '#db/webhook/deliveries.ts';
import {
  deleteEndpoint,
  type Endpoint,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  newSecret,
  rotateSecret,
  updateEndpoint,
} from '#db/webhook/endpoints.ts';
import { bodyOf } from '#workflows/boost/body.ts';
import { EVENT_NAMES } from '#workflows/boost/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { requireAdmin } from '../people/account.ts';

/** Where an answer shows a secret, and so is remembered as one: a regular expression of Postgres'. */
export const SHOWS_SECRET = '^/api/admin/webhook-endpoints(/[^/]+/rotate-secret)?$';

const tags = ['Webhook endpoints'];
const instant = z.iso.datetime();
const id = z.uuid();
const params = z.strictObject({ id });
const deliveryParams = z.strictObject({ id, deliveryId: id });

/** Sent with a test event, and with nothing else. */
const TEST_TYPE = 'endpoint_test';
const MAX_HEADERS = 20;

const url = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .describe('Where to post; https, unless the deployment allows its host');
const description = z.string().trim().max(500);
const eventTypes = z
  .array(z.enum(EVENT_NAMES))
  .min(1)
  .max(EVENT_NAMES.length)
  .nullable()
  .describe('Which events; null for all');
const headers = z
  .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), z.string().regex(/^[\x20-\x7e]{0,2000}$/))
  .describe('Sent with each');

/** What is ours to say, or HTTP's. */
const RESERVED =
  /^(webhook-.*|host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|expect|user-agent|keep-alive|proxy-.*)$/i;

const EXAMPLE = {
  url: 'https://shop.example/hooks/tandem',
  description: 'The shop',
  event_types: ['profile_boost', 'profile_boost_expired'] as const,
  headers: { 'x-shop': '7' },
};

const createRequest = z
  .strictObject({
    url,
    description: description.default(''),
    event_types: eventTypes.default(null),
    headers: headers.default({}),
  })
  .meta({ id: 'MakeWebhookEndpoint', examples: [EXAMPLE] });
const changeRequest = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    event_types: eventTypes.optional(),
    headers: headers.optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'ChangeWebhookEndpoint', examples: [{ disabled: false }] });
const recoverRequest = z
  .strictObject({ since: instant })
  .meta({ id: 'RecoverWebhooks', examples: [{ since: '2026-03-01T09:00:00.000Z' }] });

const endpointView = z
  .object({
    id,
    url: z.string(),
    description: z.string(),
    event_types: z.array(z.string()).nullable(),
    headers: z.array(z.string()).describe('Their names; what they say is not shown again'),
    created_at: instant,
    failing_since: instant.nullable().describe('The first failure since a delivery arrived'),
    disabled_at: instant.nullable(),
    disabled_why: z.enum(['by_hand', 'gone', 'failing']).nullable(),
  })
  .meta({ id: 'WebhookEndpoint' });
const withSecret = endpointView
  .extend({ secret: z.string().describe('Shown once: verify signatures with it, by any Standard Webhooks library') })
  .meta({ id: 'WebhookEndpointWithSecret' });
const deliveryView = z
  .object({
    id,
    message_id: z.string().describe('The same with every try: a receiver knows a repetition by it'),
    type: z.string(),
    status: z.enum(['waiting', 'arrived', 'failed', 'dropped']),
    tries: z.int(),
    next_try_at: instant.nullable(),
    made_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
const deliveryWhole = deliveryView
  .extend({
    body: z.string(),
    attempts: z.array(
      z.object({
        n: z.int(),
        at: instant,
        took_ms: z.int(),
        request_headers: z.record(z.string(), z.string()),
        status: z.int().nullable(),
        answer: z.string().nullable().describe('The first 2 KiB'),
        failure: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDeliveryWhole' });

const deliveryAnswer = success(z.object({ delivery: deliveryView }).meta({ id: 'WebhookDeliveryAnswer' }));

/** Where customers want credits' and boosts' events. For administrators, and so are all answers of it. */
export function endpointRoutes(app: App, deps: Deps): void {
  createRoute(app, deps);
  readRoutes(app, deps);
  changeRoutes(app, deps);
  secretRoute(app, deps);
  testRoute(app, deps);
  recoverRoute(app, deps);
  deliveryRoutes(app, deps);
  resendRoute(app, deps);
}

function createRoute(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/webhook-endpoints',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.create',
        summary: 'Have events posted to an address',
        description: 'Signed as Standard Webhooks says. Whether the address may be asked is looked up with every try.',
        headers: idempotencyHeaders,
        body: createRequest,
        response: answers({ 201: success(withSecret) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { body } = request;
      checkHeaders(body.headers);
      checkUrl(body.url);
      const work = async (transaction: Transaction) => {
        const endpoint = { id: uuid(), ...body, secret: newSecret() };
        await insertEndpoint(transaction, secrets, { ...endpoint, now: now() });
        const made = viewEndpoint(await getEndpoint(transaction, secrets, endpoint.id));
        return { status: 201, body: { success: true as const, data: { ...made, secret: endpoint.secret } } };
      };
      return answerOnce(pool, request, reply, work, secrets);
    },
  );
}

function readRoutes(app: App, deps: Deps): void {
  const { pool, secrets } = deps;

  app.get(
    '/api/admin/webhook-endpoints',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.list',
        summary: 'Addresses that events are posted to, newest first',
        querystring: pageQuery,
        response: answers({ 200: list(endpointView) }, 'UNAUTHENTICATED', 'FORBIDDEN'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor } = request.query;
      const keys = decodeCursor(cursor, z.tuple([id]));
      const rows = await listEndpoints(pool, secrets, limit + 1, keys?.[0] ?? null);
      return pageOf(rows, limit, (row) => [row.id], viewEndpoint);
    },
  );

  app.get(
    '/api/admin/webhook-endpoints/:id',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.get',
        summary: 'One address',
        params,
        response: answers({ 200: success(endpointView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      return { success: true as const, data: viewEndpoint(await getEndpoint(pool, secrets, request.params.id)) };
    },
  );
}

function changeRoutes(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.patch(
    '/api/admin/webhook-endpoints/:id',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.change',
        summary: 'Change an address, disable it, or enable it again',
        params,
        body: changeRequest,
        response: answers({ 200: success(endpointView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { disabled, ...given } = request.body;
      const before = await getEndpoint(pool, secrets, request.params.id);
      if (given.headers) checkHeaders(given.headers);
      if (given.url) checkUrl(given.url);
      const change = {
        url: given.url ?? before.url,
        description: given.description ?? before.description,
        event_types: given.event_types === undefined ? before.event_types : given.event_types,
        headers: given.headers ?? before.headers,
        disabled: disabled ?? before.disabled_at !== null,
        now: now(),
      };
      if (!(await updateEndpoint(pool, secrets, before.id, change))) throw noEndpoint();
      return { success: true as const, data: viewEndpoint(await getEndpoint(pool, secrets, before.id)) };
    },
  );

  app.delete(
    '/api/admin/webhook-endpoints/:id',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.delete',
        summary: 'Post nothing more to an address',
        params,
        response: answers(
          { 200: success(z.object({ deleted: z.literal(true) }).meta({ id: 'WebhookEndpointDeleted' })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
        ),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      if (!(await deleteEndpoint(pool, request.params.id, now()))) throw noEndpoint();
      return { success: true as const, data: { deleted: true as const } };
    },
  );
}

function secretRoute(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/webhook-endpoints/:id/rotate-secret',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.rotateSecret',
        summary: 'Sign with a new secret, and for 24 h with the old one beside it',
        params,
        headers: idempotencyHeaders,
        response: answers(
          { 200: success(withSecret) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      const { id } = request.params;
      const work = async (transaction: Transaction) => {
        const secret = newSecret();
        if (!(await rotateSecret(transaction, secrets, { id, secret, now: now() }))) throw noEndpoint();
        const endpoint = viewEndpoint(await getEndpoint(transaction, secrets, id));
        return { status: 200, body: { success: true as const, data: { ...endpoint, secret } } };
      };
      return answerOnce(pool, request, reply, work, secrets);
    },
  );
}

function testRoute(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/webhook-endpoints/:id/test',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.test',
        summary: 'Send a test event there',
        params,
        headers: idempotencyHeaders,
        response: answers(
          { 202: deliveryAnswer },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      return answerOnce(pool, request, reply, async (transaction) => {
        const endpointId = (await getEnabled(transaction, secrets, request.params.id)).id;
        const at = now();
        const messageId = `${TEST_TYPE}_${uuid()}`;
        const body = JSON.stringify({ type: TEST_TYPE, eventId: messageId, timestamp: at });
        const made = await insertDelivery(transaction, { endpointId, messageId, type: TEST_TYPE, body, now: at });
        const delivery = viewDelivery(await getDelivery(transaction, endpointId, made));
        return { status: 202, body: { success: true as const, data: { delivery } } };
      });
    },
  );
}

function recoverRoute(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/webhook-endpoints/:id/recover',
    {
      schema: {
        tags,
        operationId: 'webhookEndpoints.recover',
        summary: 'Send again what did not arrive since an instant',
        description: `What failed, and what happened while nothing was sent there; ${RECOVERED_AT_MOST} of the latter at once.`,
        params,
        headers: idempotencyHeaders,
        body: recoverRequest,
        response: answers(
          { 202: success(z.object({ recovered: z.int() }).meta({ id: 'WebhooksRecovered' })) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      return answerOnce(pool, request, reply, async (transaction) => {
        const endpoint = await getEnabled(transaction, secrets, request.params.id);
        const since = new Date(request.body.since).toISOString();
        const recovered = await recoverSince(transaction, endpoint.id, { since, now: now(), bodyOf });
        return { status: 202, body: { success: true as const, data: { recovered } } };
      });
    },
  );
}

/** What was and is to be posted to one address. */
function deliveryRoutes(app: App, deps: Deps): void {
  const { pool, secrets } = deps;

  app.get(
    '/api/admin/webhook-endpoints/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'webhookDeliveries.list',
        summary: 'What was and is to be posted there, newest first',
        params,
        querystring: pageQuery.extend({ status: z.enum(['waiting', 'arrived', 'failed', 'dropped']).optional() }),
        response: answers({ 200: list(deliveryView) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const { limit, cursor, status = null } = request.query;
      const endpoint = await getEndpoint(pool, secrets, request.params.id);
      const keys = decodeCursor(cursor, z.tuple([id]));
      const rows = await listDeliveries(pool, endpoint.id, { status, limit: limit + 1, before: keys?.[0] ?? null });
      return pageOf(rows, limit, (row) => [row.id], viewDelivery);
    },
  );

  app.get(
    '/api/admin/webhook-endpoints/:id/deliveries/:deliveryId',
    {
      schema: {
        tags,
        operationId: 'webhookDeliveries.get',
        summary: 'One delivery, with every try and what was answered',
        params: deliveryParams,
        response: answers({ 200: success(deliveryWhole) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async (request) => {
      requireAdmin(request.account);
      const delivery = await getDelivery(pool, request.params.id, request.params.deliveryId);
      const attempts = [...(await listAttempts(pool, delivery.id))];
      return { success: true as const, data: { ...viewDelivery(delivery), body: delivery.body, attempts } };
    },
  );
}

function resendRoute(app: App, deps: Deps): void {
  const { pool, secrets } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/admin/webhook-endpoints/:id/deliveries/:deliveryId/resend',
    {
      schema: {
        tags,
        operationId: 'webhookDeliveries.resend',
        summary: 'Send one again, with the id it had',
        params: deliveryParams,
        headers: idempotencyHeaders,
        response: answers(
          { 202: deliveryAnswer },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'NOT_FOUND',
          'CONFLICT',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      requireAdmin(request.account);
      return answerOnce(pool, request, reply, async (transaction) => {
        const endpointId = (await getEnabled(transaction, secrets, request.params.id)).id;
        const before = await getDelivery(transaction, endpointId, request.params.deliveryId);
        const { message_id: messageId, type, body } = before;
        await insertDelivery(transaction, { endpointId, messageId, type, body, now: now() });
        const delivery = viewDelivery(await getDelivery(transaction, endpointId, before.id));
        return { status: 202, body: { success: true as const, data: { delivery } } };
      });
    },
  );
}

async function getEndpoint(executor: Executor, secrets: Secrets, endpointId: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(executor, secrets, endpointId);
  if (!endpoint) throw noEndpoint();
  return endpoint;
}

/** One that something can be sent to. */
async function getEnabled(executor: Executor, secrets: Secrets, endpointId: string): Promise<Endpoint> {
  const endpoint = await getEndpoint(executor, secrets, endpointId);
  if (endpoint.disabled_at !== null) throw new Failure('CONFLICT', 'The endpoint is disabled: enable it first.');
  return endpoint;
}

async function getDelivery(executor: Executor, endpointId: string, deliveryId: string): Promise<Delivery> {
  const delivery = await findDelivery(executor, endpointId, deliveryId);
  if (!delivery) throw new Failure('NOT_FOUND', 'There is no such delivery.');
  return delivery;
}

function noEndpoint(): Failure {
  return new Failure('NOT_FOUND', 'There is no such endpoint.');
}

function checkHeaders(given: Readonly<Record<string, string>>): void {
  const names = Object.keys(given);
  if (names.length > MAX_HEADERS) throw invalidField('headers', `are more than ${MAX_HEADERS}`);
  const reserved = names.find((name) => RESERVED.test(name));
  if (reserved) throw invalidField(`headers.${reserved}`, 'is not yours to set');
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    throw invalidField('headers', 'name one twice');
  }
}

function checkUrl(text: string): void {
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') throw invalidField('url', 'has a password in it: send a header');
}

function viewEndpoint({ headers: sent, ...endpoint }: Endpoint) {
  return { ...endpoint, headers: Object.keys(sent) };
}

function viewDelivery({ body: _, try_after, ...delivery }: Delivery) {
  return { ...delivery, next_try_at: delivery.status === 'waiting' ? try_after : null };
}
