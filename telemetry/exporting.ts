import { context, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { SpanIds } from './spanIds.ts';
import type { Sampling, TraceSettings, Tracing } from './start.ts';
import { TRACER } from './trace.ts';

/** OpenTelemetry's SDK: loaded where somebody is to be told of spans, and told there by OTLP over HTTP. */

/** What is not sent in so long at the end is lost: traces are for looking, and nobody waits for them. */
const END_WITHIN_MS = 1_000;

export async function startExporting(program: string, settings: TraceSettings): Promise<Tracing> {
  const ids = new SpanIds();
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': settings.OTEL_SERVICE_NAME ?? `tandem-${program}` }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        // It reads the rest by itself: headers, certificates, compression, timeouts.
        exporter: await exporterOf(settings),
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  // Libraries have spans of their own, one and more a statement of SQL, with its text, and of every heartbeat.
  const ofLibraries = new ProxyTracerProvider();
  trace.setGlobalTracerProvider({
    getTracer: (name, ...more) => (name === TRACER ? provider : ofLibraries).getTracer(name, ...more),
  });
  return {
    choose: (spanId, make) => ids.choose(spanId, make),
    async end() {
      await provider.forceFlush({ timeoutMillis: END_WITHIN_MS }).catch(() => {});
      await provider.shutdown().catch(() => {});
    },
  };
}

async function exporterOf({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol }: TraceSettings) {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TraceSettings): Sampler {
  const roots: Record<Sampling, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
  };
  return roots[name]();
}
