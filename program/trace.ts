/**
 * Work as spans of a trace, where somebody keeps them: `openTelemetry.ts` does, when OTEL_EXPORTER_OTLP_ENDPOINT is set.
 * Where nobody does each of these is one look at a variable. A trace goes over processes and days as a traceparent (W3C
 * Trace Context), which is kept beside what was done: steps, facts, announcements.
 *
 * What is said of a span is ids of ours, kinds, commands and routes, and never a name, a text, an address or a token.
 */

export type Attributes = Record<string, string | number>;

export type SpanOptions = {
  kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** What it is part of; by default what is under way here, and for null nothing. */
  parent?: string | null;
  /** What led to it besides. */
  links?: readonly string[];
  attributes?: Attributes;
  /** In ms since 1970; by default now. */
  began?: number;
  /** 16 hex digits, for one that others already name as theirs. */
  id?: string;
};

/** `failed` is the name or the code of what went wrong: what it says may be about people. */
export type SpanEnd = { attributes?: Attributes; failed?: string | undefined; ended?: number };

export type Span = {
  traceparent: string;
  /** What is begun within is part of it. */
  within<T>(work: () => T): T;
  end(how?: SpanEnd): void;
};

export type Tracer = {
  begin(name: string, options: SpanOptions): Span;
  /** Of what is under way here. */
  current(): string | null;
  /** Part of nothing. */
  apart<T>(work: () => T): T;
  /** Sends what was not sent yet, for a moment at most. */
  stop(): Promise<void>;
};

let tracer: Tracer | null = null;

/** Begins to keep traces, or ends it. */
export function keepTraces(by: Tracer | null): void {
  tracer = by;
}

export function keepsTraces(): boolean {
  return tracer !== null;
}

/** Of what is under way here; null where it is part of no trace. */
export function traceparent(): string | null {
  return tracer === null ? null : tracer.current();
}

export function beginSpan(name: string, options: SpanOptions = {}): Span | null {
  return tracer === null ? null : tracer.begin(name, options);
}

/** Does some work as a span. */
export function spanned<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return tracer === null ? work() : ended(tracer.begin(name, options), work);
}

/** The same where it is part of something; what nobody asked for is done without. */
export function spannedWithin<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return tracer === null || tracer.current() === null ? work() : ended(tracer.begin(name, options), work);
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    const result = await span.within(work);
    span.end();
    return result;
  } catch (error) {
    span.end({ failed: failureName(error) });
    throw error;
  }
}

/** Has something that is done for many be part of nobody's. */
export function apart<T>(work: () => T): T {
  return tracer === null ? work() : tracer.apart(work);
}

/** What is said of a failure: its code or its class, none of its words. */
export function failureName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' && /^[\w-]{1,60}$/.test(error.code)
    ? error.code
    : error.name;
}

/** Something that is asked by its methods, each as a span of its own: `sandbox refund`. As it is where no traces are kept. */
export function spannedMethods<Of extends object>(name: string, of: Of): Of {
  if (tracer === null) return of;
  return new Proxy(of, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      return (...args: unknown[]) => {
        if (tracer === null || tracer.current() === null) return value.apply(target, args);
        const span = tracer.begin(`${name} ${key}`, { kind: 'client', attributes: { 'tandem.provider': name } });
        try {
          return answered(
            span,
            span.within(() => value.apply(target, args)),
          );
        } catch (error) {
          span.end({ failed: failureName(error) });
          throw error;
        }
      };
    },
  });
}

/** The same of several, by their names; as they are where no traces are kept. */
export function spannedByName<Of extends Record<string, object | undefined>>(byName: Of): Of {
  if (tracer === null) return byName;
  return Object.fromEntries(
    Object.entries(byName).map(([name, of]) => [name, of && spannedMethods(name, of)]),
  ) as unknown as Of;
}

/** What is no promise, such as a list that is read later, is over when it is given. */
function answered(span: Span, answer: unknown): unknown {
  if (!(answer instanceof Promise)) {
    span.end();
    return answer;
  }
  return answer.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      span.end({ failed: failureName(error) });
      throw error;
    },
  );
}
