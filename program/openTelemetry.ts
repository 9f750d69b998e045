import {
  type Context,
  context,
  type Link,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Environment } from './settings.ts';
import type { Span, SpanOptions, Tracer } from './trace.ts';

/**
 * Traces by OpenTelemetry's SDK, sent by OTLP over HTTP. Endpoint, headers, certificates and the like are read from the
 * standard variables by the exporter itself, and the resource's by its detector; the SDK's tracing reads none, so the
 * sampler and the batches are set from theirs here.
 */

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
/** A process that ends waits so long for what it has to send. */
const STOP_WITHIN_MS = 1_000;

export async function createTracer(program: string, environment: Environment): Promise<Tracer> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  const ids = new Ids();
  const provider = new TracerProvider({
    idGenerator: ids,
    sampler: samplerOf(environment),
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': `tandem-${program}` }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: await exporterOf(environment), ...batchesOf(environment) })],
  });
  const tracer = provider.getTracer('tandem');

  return {
    begin(name, options) {
      const under = contextOf(options);
      ids.next = options.id ?? null;
      const span = tracer.startSpan(name, startOf(options), under);
      ids.next = null;
      return spanOf(span, trace.setSpan(under, span));
    },
    current() {
      const under = trace.getSpanContext(context.active());
      return under ? traceparentOf(under) : null;
    },
    apart: (work) => context.with(ROOT_CONTEXT, work),
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, STOP_WITHIN_MS);
      });
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

function startOf({ kind, links, attributes, began }: SpanOptions) {
  return {
    kind: kind ? KINDS[kind] : SpanKind.INTERNAL,
    ...(links && { links: links.flatMap(linkTo) }),
    ...(attributes && { attributes }),
    ...(began !== undefined && { startTime: began }),
  };
}

function spanOf(span: OtelSpan, inside: Context): Span {
  return {
    traceparent: traceparentOf(span.spanContext()),
    within: (work) => context.with(inside, work),
    end({ attributes, failed, ended } = {}) {
      if (attributes) span.setAttributes(attributes);
      if (failed !== undefined) {
        span.setAttribute('error.type', failed);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end(ended);
    },
  };
}

function contextOf({ parent }: SpanOptions): Context {
  if (parent === undefined) return context.active();
  const remote = parent === null ? null : spanContextOf(parent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function linkTo(traceparent: string): Link[] {
  const linked = spanContextOf(traceparent);
  return linked ? [{ context: linked }] : [];
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;
}

const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function spanContextOf(traceparent: string): SpanContext | null {
  const [, traceId, spanId, flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  if (!traceId || !spanId) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** Random, but for a span that others already name. */
class Ids implements IdGenerator {
  next: string | null = null;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.next ?? this.#random.generateSpanId();
  }
}

/** The standard names of samplers. What has a parent is sampled as that is, or one trace would be kept in part. */
function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument }: Environment): Sampler {
  const ratio = argument ? Number(argument) : 1;
  const byParent = (root: Sampler) => new ParentBasedSampler({ root });
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_off':
      return byParent(new AlwaysOffSampler());
    case 'parentbased_traceidratio':
      return byParent(new TraceIdRatioBasedSampler(ratio));
    default:
      return byParent(new AlwaysOnSampler());
  }
}

/** Their defaults are the SDK's own. */
function batchesOf(environment: Environment) {
  const given = {
    scheduledDelayMillis: environment.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: environment.OTEL_BSP_EXPORT_TIMEOUT,
    maxQueueSize: environment.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: environment.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
  };
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value ? [[name, Number(value)]] : [])));
}

async function exporterOf(environment: Environment) {
  const { OTLPTraceExporter } =
    environment.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}
