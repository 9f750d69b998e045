import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isTraced } from '#telemetry/start.ts';
import { begin, fail, type Span, SpanKind, within } from '#telemetry/trace.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the request as a whole; null where nothing is traced. */
    span: Span | null;
  }
}

/** What is asked on and on by whoever looks after us. */
const PROBES = new Set(['/livez', '/readyz', '/metrics']);

/**
 * A span for each request, under its caller's where that says so (`traceparent`); what it has done is part of it. Answers
 * what is to be called when all is added that is part of a request's end: spans end after that.
 */
export function traceRequests(app: Pick<FastifyInstance, 'addHook' | 'decorateRequest'>): () => void {
  app.decorateRequest('span', null);
  if (!isTraced()) return () => {};
  app.addHook('onRequest', (request, _reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    if (PROBES.has(route)) return done();
    const attributes = {
      ...{ 'http.request.method': method, 'http.route': route },
      'tandem.correlation_id': request.id,
    };
    request.span = begin({ name: `${method} ${route}`, kind: SpanKind.SERVER, attributes }, callerOf(request));
    within(request.span, done);
  });
  // A body is read in another turn, which knows of nothing before it.
  app.addHook('preValidation', (request, _reply, done) => underSpanOf(request, done));
  return () => {
    app.addHook('onResponse', async (request, reply) => end(request, reply));
    app.addHook('onRequestAbort', async (request) => end(request, null));
  };
}

/** Does something as part of a request. */
export function underSpanOf<T>({ span }: FastifyRequest, work: () => T): T {
  return span ? within(span, work) : work();
}

function callerOf({ headers }: FastifyRequest): string | null {
  return typeof headers.traceparent === 'string' ? headers.traceparent : null;
}

function end(request: FastifyRequest, reply: FastifyReply | null): void {
  const { span, refusal } = request;
  if (!span) return;
  request.span = null;
  if (reply) span.setAttribute('http.response.status_code', reply.statusCode);
  if (refusal) span.setAttribute('error.type', refusal);
  if (reply && reply.statusCode >= 500) fail(span, refusal ?? String(reply.statusCode));
  span.end();
}
