import { isTraced } from '#telemetry/start.ts';
import { partOf, SpanKind } from '#telemetry/trace.ts';

/** A provider whose calls have a span each; the provider as it is where nobody is told of them. */
export function tracedCalls<Provider extends object>(name: string, provider: Provider): Provider {
  return isTraced() ? withSpans(name, provider) : provider;
}

function withSpans<Provider extends object>(name: string, provider: Provider): Provider {
  return new Proxy(provider, {
    get(_, property) {
      const own: unknown = Reflect.get(provider, property);
      // A list is asked for page after page, by whoever reads it: it has no one end.
      if (typeof own !== 'function' || String(property).startsWith('list')) return own;
      return (...args: unknown[]) =>
        partOf({ name: `${name} ${String(property)}`, kind: SpanKind.CLIENT }, async () => own.apply(provider, args));
    },
  });
}
