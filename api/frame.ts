import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
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
import { decorateAccount } from './auth/account.ts';
import type { Deps } from './deps.ts';
import { failureBody, toFailure } from './failure.ts';
import { notStorable, notStorableIn } from './storable.ts';

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

const BODY_LIMIT = 256 * 1024;

/** An app without routes: what all of them have in common from the socket to the answer. */
export async function buildFrame(deps: Pick<Deps, 'config' | 'log' | 'metrics'>): Promise<App> {
  const app = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    // One line a request, written below when it is answered.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlation_id' }),
    requestIdHeader: false,
    genReqId: correlationId,
    bodyLimit: BODY_LIMIT,
    // Slowly sent requests end here; a webhook provider's slowest is far below.
    requestTimeout: 30_000,
    http: { shouldUpgradeCallback: asksForWebSocket },
    trustProxy: deps.config.TRUST_PROXY.length > 0 ? deps.config.TRUST_PROXY : false,
    // What is under way when the process is asked to end is answered as usual.
    return503OnClosing: false,
    exposeHeadRoutes: false,
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

  app.decorateRequest('refusal', null);
  decorateAccount(app as FastifyInstance);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      // Answers are about one account at one moment.
      ...(request.url.startsWith('/api/') ? { 'cache-control': 'no-store' } : {}),
    });
  });
  // The body is judged where it is parsed.
  app.addHook('preValidation', async (request) => {
    const refused = notStorableIn(request.params) ?? notStorableIn(request.query);
    if (refused) throw refused;
  });
  app.addHook('onResponse', async (request, reply) => record(request, reply, deps));

  const origins = deps.config.CORS_ORIGIN;
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : origins.length > 0 ? origins : false,
    credentials: !origins.includes('*'),
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposedHeaders: ['x-request-id', 'retry-after'],
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
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // A POST without a body often says that it is JSON all the same.
    if (body === '') return done(null, undefined);
    parse(request, body, (error: Error | null, value?: unknown) => done(error ?? notStorable(body, value), value));
  });
}

function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const failure = toFailure(error);
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

/** What is not HTTP, or came too slowly: nothing of it is known but the connection. */
function refuseNoise(error: Error, socket: Socket): void {
  if ('code' in error && error.code === 'ECONNRESET') return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(failureBody(new Failure('VALIDATION_FAILED', 'This is not a whole HTTP request.')));
  const head = ['HTTP/1.1 400 Bad Request', 'Connection: close', 'Content-Type: application/json; charset=utf-8'];
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function record(request: FastifyRequest, reply: FastifyReply, { metrics, log }: Pick<Deps, 'metrics' | 'log'>): void {
  const route = request.routeOptions.url ?? 'none';
  const seconds = reply.elapsedTime / 1000;
  metrics.requests.observe({ method: request.method, route, status: reply.statusCode }, seconds);
  if (request.refusal) metrics.failures.inc({ error_code: request.refusal });
  if (!log.isLevelEnabled('info')) return;
  request.log.info(
    {
      method: request.method,
      route,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.refusal ? { error_code: request.refusal } : {}),
    },
    'answered',
  );
}
