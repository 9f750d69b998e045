import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

/** A collector for tests: takes what OTLP/HTTP brings, in either of its encodings, and keeps the spans. */

export type ReceivedSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentSpanId: string;
  kind: number;
  attributes: Record<string, string>;
  links: string[];
  failed: boolean;
  startMs: number;
  endMs: number;
};

export type Receiver = {
  endpoint: string;
  spans: ReceivedSpan[];
  /** Of the requests that came. */
  types: Set<string>;
  close(): Promise<void>;
};

// What is read here of opentelemetry/proto/collector/trace/v1, with the numbers of its fields.
const schema = protobuf
  .parse(`
  syntax = "proto3";
  message Value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  message KeyValue { string key = 1; Value value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    repeated Link links = 13; Status status = 15;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
`)
  .root.lookupType('ExportTraceServiceRequest');

/** As OTLP's JSON writes it; ids are hexadecimal there, and here once they were read. */
type Value = { stringValue?: string; boolValue?: boolean; intValue?: string | number; doubleValue?: number };
type KeyValue = { key: string; value?: Value };
type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
};
type Request = {
  resourceSpans?: { resource?: { attributes?: KeyValue[] }; scopeSpans?: { spans?: Span[] }[] }[];
};

export async function openReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const types = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const type = request.headers['content-type'] ?? '';
    if (request.method !== 'POST' || request.url !== '/v1/traces') {
      response.writeHead(404).end();
      return;
    }
    types.add(type);
    spans.push(...spansOf(type === 'application/json' ? JSON.parse(bytes.toString()) : decode(bytes)));
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    types,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

/** What is in base64 after it was read is an id. */
function decode(bytes: Buffer): Request {
  const read = schema.toObject(schema.decode(bytes), { longs: String, bytes: String });
  return JSON.parse(JSON.stringify(read), (name, value) =>
    /^(trace|span|parentSpan)Id$/.test(name) && typeof value === 'string'
      ? Buffer.from(value, 'base64').toString('hex')
      : value,
  );
}

function spansOf({ resourceSpans = [] }: Request): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = valuesOf(resource?.attributes)['service.name'] ?? '';
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => received(service, span)));
  });
}

function received(service: string, span: Span): ReceivedSpan {
  const { name, traceId, spanId, parentSpanId = '', kind = 0, links = [], status } = span;
  return {
    ...{ service, name, traceId, spanId, parentSpanId, kind },
    attributes: valuesOf(span.attributes),
    links: links.map((link) => `${link.traceId}/${link.spanId}`),
    failed: status?.code === 2,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
  };
}

function valuesOf(attributes: readonly KeyValue[] = []): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value = {} }) => [
      key,
      String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? ''),
    ]),
  );
}
