/** Starts tracing where a deployment has said by OpenTelemetry's own variables who is to be told; else nothing is loaded. */

export type TraceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' | 'http/json';
  OTEL_SDK_DISABLED: boolean;
  OTEL_SERVICE_NAME?: string | undefined;
  OTEL_TRACES_SAMPLER: Sampling;
  OTEL_TRACES_SAMPLER_ARG: number;
  OTEL_BSP_SCHEDULE_DELAY: number;
};

export const SAMPLINGS = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
];
export type Sampling = (typeof SAMPLINGS)[number];

export type Tracing = {
  /** The span that `make` makes has this id: what was done under it knows it by that already. */
  choose(spanId: string, make: () => void): void;
  /** Sends what was not sent yet. */
  end(): Promise<void>;
};

let started: Tracing | null = null;

/** Whether anybody is told of what is done here. */
export const isTraced = (): boolean => started !== null;

export function withSpanId(spanId: string, make: () => void): void {
  started?.choose(spanId, make);
}

/** To be called before anything else of a program; null where nobody is to be told. */
export async function startTracing(program: string, settings: TraceSettings): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED } = settings;
  if (OTEL_SDK_DISABLED || !(OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)) return null;
  const { startExporting } = await import('./exporting.ts');
  started = await startExporting(program, settings);
  return started;
}
