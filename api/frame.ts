import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { asksForWebSocket } from '#realtime/upgrade.ts';
import { Failure } from '#workflows/failures.ts';
import { knownProxies } from './address.ts';
import type { Deps } from './deps.ts';
import { BODY_LIMIT, failureBody, invalidField, toFailure } from './failure.ts';
import { helmetOf } from './headers.ts';
import { boundInFlight, createInFlight } from './inFlight.ts';
import { decorateAccount } from './people/account.ts';
import { notStorable, notStorableIn } from './storable.ts';
import { endRequestSpan, traceIdOf, traceRequests } from './traced.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Why it was refused, for the log and the metrics. */
    refusal: string | null;
  }
}

/** Bytes that the head of a request may have. */
export const HEAD_LIMIT = 16 * 1024;

/** An app without routes: what all of them have in common from the socket to the answer. */
export async function buildFrame(deps: Pick<Deps, 'config' | 'log' | 'metrics'>): Promise<App> {
  const app: App = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    // One line a request, written below when it is answered.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlation_id' }),
    requestIdHeader: false,
    genReqId: correlationId,
    bodyLimit: BODY_LIMIT,
    // Slowly sent requests end here; a webhook provider's slowest is far below.
    requestTimeout: 30_000,
    http: {
      maxHeaderSize: HEAD_LIMIT,
      // Judged below: Node's own refusal has no body.
      requireHostHeader: false,
      shouldUpgradeCallback: (request: IncomingMessage) =>
        request.method === 'GET' && asksForWebSocket(request) && app.server.listenerCount('upgrade') > 0,
    },
    trustProxy: deps.config.TRUST_PROXY.length > 0 ? knownProxies(deps.config.TRUST_PROXY) : false,
    // What is under way when the process is asked to end is answered as usual.
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: refuseNoise,
    frameworkErrors: (error, request, reply) => answerFailure(error, request as FastifyRequest, reply as FastifyReply),
  }).withTypeProvider<ZodTypeProvider>() as App;

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerFailure(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerFailure(Object.assign(new Error(request.url), { code: 'FST_ERR_NOT_FOUND' }), request, reply),
  );
  takeOnlyJson(app);
  answerOddities(app);

  app.decorateRequest('refusal', null);
  decorateAccount(app as FastifyInstance);
  boundInFlight(app, createInFlight());
  traceRequests(app as FastifyInstance, deps.config.TRUST_PROXY);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      // Answers are about one account at one moment.
      ...(request.url.startsWith('/api/') ? { 'cache-control': 'no-store' } : {}),
    });
  });
  await app.register(helmet, helmetOf({ https: deps.config.NODE_ENV === 'production' }));
  app.addHook('onRequest', async ({ raw, headers }) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') throw invalidField('host', 'is required');
    if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect)) {
      throw invalidField('expect', 'can be 100-continue');
    }
    // An empty one is none: what is done without one is for the route to say.
    if (headers['content-type'] === '') delete headers['content-type'];
  });
  // The body is judged where it is parsed.
  app.addHook('preValidation', async (request) => {
    const refused = notStorableIn(request.params) ?? notStorableIn(request.query);
    if (refused) throw refused;
  });
  app.addHook('onResponse', async (request, reply) => record(request, reply, deps));
  // Nobody is answered then, so nothing is recorded above.
  app.addHook('onRequestAbort', async (request) => {
    endRequestSpan(request, { failed: 'aborted' });
    request.log.info({ method: request.method, route: request.routeOptions.url ?? 'none' }, 'the client left');
  });

  const origins = deps.config.CORS_ORIGIN;
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : origins.length > 0 ? origins : false,
    credentials: !origins.includes('*'),
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed'],
    maxAge: 600,
  });

  return app;
}

/** The caller's id of a request where it sent a sane one, so that its log and ours can be laid side by side. */
function correlationId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && /^[A-Za-z0-9_.:-]{1,64}$/.test(sent) ? sent : randomUUID();
}

/** No other type of body is read here; a scope that needs one, such as webhooks, adds it for itself. */
function takeOnlyJson(app: App): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    // A POST without a body often says that it is JSON all the same.
    if (bytes.length === 0) return done(null, undefined);
    // Decoded all the same, one foreign letter would be stored as U+FFFD and two passwords be one.
    if (!isUtf8(bytes)) return done(new Failure('VALIDATION_FAILED', 'The body is not UTF-8.'));
    const body = bytes.toString('utf8');
    parse(request, body, (error: Error | null, value?: unknown) => done(error ?? notStorable(body, value), value));
  });
}

/** What Node would answer by itself, outside of the one format. */
function answerOddities({ server }: App): void {
  // Refused by a hook, as a request like any other.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket) => refuseRaw(socket, new Failure('NOT_FOUND', 'No tunnels are dug here.')));
}

function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const failure = toFailure(error, request.routeOptions?.bodyLimit);
  request.refusal = failure.code;
  if (failure.code === 'INTERNAL') request.log.error({ err: failure.cause ?? error }, failure.message);
  else if (failure.status >= 500) request.log.warn({ err: failure.cause }, failure.message);
  if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter));
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
  return (
    reply
      .status(failure.status)
      .header('x-request-id', request.id)
      .type('application/json; charset=utf-8')
      // Not by the route's schema: a failure that its documentation does not name has to leave all the same.
      .serializer(JSON.stringify)
      .send(failureBody(failure))
  );
}

/** What is not HTTP, has too large a head, or came too slowly: nothing of it is known but the connection. */
function refuseNoise(error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET') return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  refuseRaw(
    socket,
    code === 'HPE_HEADER_OVERFLOW'
      ? new Failure('HEADERS_TOO_LARGE', 'The head of the request is larger than 16 KiB.', {
          details: { limit: HEAD_LIMIT, unit: 'bytes' },
        })
      : new Failure('VALIDATION_FAILED', 'This is not a whole HTTP request.'),
  );
}

function refuseRaw(socket: Duplex, failure: Failure): void {
  const body = JSON.stringify(failureBody(failure));
  const head = [
    `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
  ];
  socket.on('error', () => {});
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A UUID or a number: whatever else is in a path may be anybody's. */
const SPEAKABLE = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,8})$/i;

/** A request's path as its route has it, with the ids that were asked for. One that leads nowhere is not repeated. */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const asked = (params ?? {}) as Record<string, unknown>;
  return (routeOptions.url ?? '…').replaceAll(/:(\w+)/g, (_, name: string) => {
    const said = String(asked[name] ?? '');
    return SPEAKABLE.test(said) ? said : '…';
  });
}

function record(request: FastifyRequest, reply: FastifyReply, { metrics, log }: Pick<Deps, 'metrics' | 'log'>): void {
  const route = request.routeOptions.url ?? 'none';
  const seconds = reply.elapsedTime / 1000;
  metrics.requests.observe({ method: request.method, route, status: reply.statusCode }, seconds);
  if (request.refusal) metrics.failures.inc({ error_code: request.refusal });
  const traceId = traceIdOf(request);
  endRequestSpan(request, { status: reply.statusCode, failed: reply.statusCode >= 500 ? request.refusal : null });
  if (!log.isLevelEnabled('info')) return;
  request.log.info(
    {
      method: request.method,
      route,
      path: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(traceId ? { trace_id: traceId } : {}),
      ...(request.refusal ? { error_code: request.refusal } : {}),
    },
    'answered',
  );
}
