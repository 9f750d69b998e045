import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came, with the program that sent it. */
export type Collected = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  links: string[];
  failed: boolean;
  attributes: Record<string, unknown>;
};

/** Takes traces by OTLP as JSON, as a collector does. */
export type Collector = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: Collected[];
  /** The first of these, now or when it comes. */
  first(wanted: (span: Collected) => boolean): Promise<Collected>;
  /** What a span is part of, from the root down to itself. Waits for those that have not come yet. */
  wayTo(span: Collected): Promise<Collected[]>;
  close(): Promise<void>;
};

export async function openCollector(): Promise<Collector> {
  const spans: Collected[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === '/v1/traces') spans.push(...readSpans(Buffer.concat(chunks).toString('utf8')));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    for (const look of waiting) look();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const first = (wanted: (span: Collected) => boolean) =>
    new Promise<Collected>((resolve) => {
      const look = () => {
        const found = spans.find(wanted);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    first,
    async wayTo(span) {
      const way = [span];
      for (let at = span; at.parentSpanId !== null; ) {
        const { traceId, parentSpanId } = at;
        at = await first((other) => other.traceId === traceId && other.spanId === parentSpanId);
        way.unshift(at);
      }
      return way;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
type Pairs = { key: string; value: Value }[];
type Sent = {
  resourceSpans: {
    resource: { attributes: Pairs };
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        links?: { spanId: string }[];
        status?: { code?: number };
        attributes: Pairs;
      }[];
    }[];
  }[];
};

const FAILED = 2;

function readSpans(text: string): Collected[] {
  return (JSON.parse(text) as Sent).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, links = [], status, attributes }) => ({
        service: String(read(resource.attributes)['service.name']),
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId || null,
        links: links.map((link) => link.spanId),
        failed: status?.code === FAILED,
        attributes: read(attributes),
      })),
    ),
  );
}

function read(pairs: Pairs): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));
}
