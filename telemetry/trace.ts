import {
  type Attributes,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/**
 * Traces, as all rings write them: spans of what is done, under whatever began it. Where nobody has started tracing
 * (`start.ts`), OpenTelemetry's own API does nothing, and none of this costs more than the call.
 */

export { type Span, SpanKind } from '@opentelemetry/api';

/** Whose spans are sent. */
export const TRACER = 'tandem';

const tracer = trace.getTracer(TRACER);

/** A span's name and what is known when it begins. No texts, names or secrets: traces are read by many. */
type Spanned = { name: string; kind?: SpanKind; attributes?: Attributes; links?: readonly string[] };

/** Does work under a span of its own. What it throws is noted by its name alone, as its words may tell of people. */
export async function traced<T>(
  { name, kind = SpanKind.INTERNAL, attributes = {}, links = [] }: Spanned,
  work: (span: Span) => T | Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { kind, attributes, links: linksTo(links) }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The same, but only as part of something: what is done on and on by itself begins no traces. */
export function partOf<T>(spanned: Spanned, work: (span: Span | null) => Promise<T>): Promise<T> {
  return here() ? traced(spanned, work) : work(null);
}

/** A span that its maker ends: of a request, which is answered somewhere else. */
export function begin({ name, kind = SpanKind.INTERNAL, attributes = {} }: Spanned, under: string | null): Span {
  return tracer.startSpan(name, { kind, attributes }, contextOf(under));
}

/** What is over already: it began at an instant, in ms, under what a traceparent says, and ends now. */
export function note(
  { name, kind = SpanKind.INTERNAL, attributes = {} }: Spanned,
  { under, from }: { under: string; from: number },
): void {
  tracer.startSpan(name, { kind, attributes, startTime: from }, contextOf(under)).end();
}

/** By the error's code or name, or by a word for it. */
export function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', nameOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Does something under a span that somebody else ends. */
export function within<T>(span: Span, work: () => T): T {
  return context.with(trace.setSpan(ROOT_CONTEXT, span), work);
}

/** Does something as part of what a traceparent says; of nothing where there is none. */
export function under<T>(text: string | null, work: () => T): T {
  return context.with(contextOf(text), work);
}

/** What is done now, as W3C Trace Context writes it; null where nothing is traced, or this is not kept. */
export function traceparent(): string | null {
  const found = here();
  return found && found.traceFlags & TraceFlags.SAMPLED ? written(found) : null;
}

/** What is done now, as a line of the log names it; nothing where nothing is traced. */
export function ids(): { trace_id?: string; span_id?: string } {
  const found = here();
  return found ? { trace_id: found.traceId, span_id: found.spanId } : {};
}

/** Where a library has begun a span that nobody is told of, it is that of whoever called it. */
function here(): SpanContext | null {
  const found = trace.getActiveSpan()?.spanContext();
  return found && isSpanContextValid(found) ? found : null;
}

function written({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Null where it is none, or says nothing. */
export function read(text: string | null | undefined): SpanContext | null {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(text ?? '') ?? [];
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(found) ? found : null;
}

function contextOf(text: string | null) {
  const found = read(text);
  return found ? trace.setSpanContext(ROOT_CONTEXT, found) : ROOT_CONTEXT;
}

const linksTo = (traceparents: readonly string[]): Link[] =>
  traceparents.flatMap((each) => {
    const found = read(each);
    return found ? [{ context: found }] : [];
  });
