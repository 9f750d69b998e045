import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginSpan, keepsTraces, type Span } from '#program/trace.ts';
import { knownProxies } from './address.ts';

/** Requests as spans, where traces are kept: by their routes, as paths have handles in them. */

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where no traces are kept, and where it has ended. */
    span?: Span | null;
  }
}

/** Asked for every few seconds by machines, and part of nothing. */
const PROBES = /^\/(livez|readyz|metrics)$/;
const WEBHOOK = '/api/webhooks/:provider';

/**
 * Begins a span with each request and has what is done for it be part of that. A trace that was begun before us is gone
 * on with where a proxy says so that is known as one: whoever else names a trace could have all of theirs kept.
 */
export function traceRequests(app: FastifyInstance, proxies: readonly string[]): void {
  if (!keepsTraces()) return;
  app.decorateRequest('span', null);
  const isProxy = proxies.length > 0 ? knownProxies([...proxies]) : () => false;
  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (PROBES.test(route ?? '') || route === WEBHOOK) return done();
    const { traceparent } = request.headers;
    const said = typeof traceparent === 'string' && isProxy(request.socket.remoteAddress) ? traceparent : null;
    begin(request, said).within(done);
  });
  // A body that was read has called back from its socket, which is part of nothing.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.span) request.span.within(done);
    else done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!request.span && request.routeOptions.url === WEBHOOK) begin(request, null, Date.now() - reply.elapsedTime);
    done(null, payload);
  });
}

function begin(request: FastifyRequest, parent: string | null, began?: number): Span {
  const { method } = request;
  const route = request.routeOptions.url ?? 'none';
  const attributes = { 'http.request.method': method, 'http.route': route };
  const span = beginSpan(`${method} ${route}`, {
    kind: 'server',
    parent,
    attributes,
    ...(began !== undefined && { began }),
  }) as Span;
  request.span = span;
  return span;
}

/** A webhook goes on with what its provider was asked in, which is known once it is read. */
export async function goingOn<T>(
  request: FastifyRequest,
  traceOf: () => Promise<string | null>,
  work: () => Promise<T>,
): Promise<T> {
  if (!keepsTraces()) return work();
  const began = Date.now();
  const parent = await traceOf().catch(() => null);
  return begin(request, parent, began).within(work);
}

export function traceIdOf({ span }: FastifyRequest): string | null {
  return span?.traceparent.split('-')[1] ?? null;
}

export function endRequestSpan(
  request: FastifyRequest,
  { status, failed }: { status?: number; failed?: string | null },
): void {
  if (!request.span) return;
  request.span.end({
    ...(status !== undefined && { attributes: { 'http.response.status_code': status } }),
    ...(failed && { failed }),
  });
  request.span = null;
}
