import type { Environment } from './settings.ts';
import { keepTraces } from './trace.ts';

/**
 * Has a program keep traces, where its environment says where to. Without that nothing of OpenTelemetry is loaded.
 * Answers how to send what is left at the end.
 */
export async function startTracing(program: string, environment: Environment): Promise<() => Promise<void>> {
  if (!environment.OTEL_EXPORTER_OTLP_ENDPOINT || /^true$/i.test(environment.OTEL_SDK_DISABLED ?? '')) {
    return async () => {};
  }
  const { createTracer } = await import('./openTelemetry.ts');
  const tracer = await createTracer(program, environment);
  keepTraces(tracer);
  return () => tracer.stop();
}
