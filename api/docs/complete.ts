import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { FAILURES, type FailureCode } from '#workflows/failures.ts';
import { failureOf } from '../answer.ts';

type Document = OpenAPIV3_1.Document;
type Operation = OpenAPIV3_1.OperationObject;
type Responses = Record<string, OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject>;
type JsonSchema = { properties?: Record<string, { enum?: unknown[] }>; anyOf?: { type?: string }[] };

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/**
 * Says what follows from how a route is reached rather than from its own schema: failures of the token, of the body's
 * size and type, a body that may be left out. Failures are written out once each, under `components`.
 */
export function complete(document: Document): Document {
  const failures: Record<string, OpenAPIV3_1.ResponseObject> = {};

  function refer(codes: FailureCode[]): OpenAPIV3_1.ReferenceObject {
    const name = codes.join('.');
    failures[name] ??= describe(codes);
    return { $ref: `#/components/responses/${name}` };
  }

  for (const path of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = path?.[method] as Operation | undefined;
      if (!operation) continue;
      letBodyOut(operation);
      operation.responses = completed(operation, refer);
    }
  }
  const responses = Object.fromEntries(Object.entries(failures).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, components: { ...document.components, responses } };
}

function completed(operation: Operation, refer: (codes: FailureCode[]) => OpenAPIV3_1.ReferenceObject): Responses {
  const found = new Set<FailureCode>();
  const responses: Responses = {};
  for (const [status, response] of Object.entries((operation.responses ?? {}) as Responses)) {
    const codes = codesOf(response);
    if (codes === null) responses[status] = response;
    else for (const code of codes) found.add(code);
  }
  const signedIn = operation.security?.some((one) => 'bearer' in one);
  if (signedIn) found.add('UNAUTHENTICATED');
  if (operation.requestBody) {
    found.add('PAYLOAD_TOO_LARGE');
    found.add('UNSUPPORTED_MEDIA_TYPE');
  } else if (!operation.parameters?.length) {
    found.delete('VALIDATION_FAILED');
  }
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter((code) => found.has(code));
  for (const status of new Set(codes.map((code) => FAILURES[code].status))) {
    responses[status] = refer(codes.filter((code) => FAILURES[code].status === status));
  }
  return responses;
}

function codesOf(response: OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject): FailureCode[] | null {
  if ('$ref' in response) return null;
  const schema = response.content?.['application/json']?.schema as JsonSchema | undefined;
  return (schema?.properties?.error_code?.enum as FailureCode[] | undefined) ?? null;
}

function describe(codes: FailureCode[]): OpenAPIV3_1.ResponseObject {
  const { description = '', examples = [], $schema: _, ...schema } = z.toJSONSchema(failureOf(codes));
  const named = codes.map((code, at) => [code, { value: examples[at] }]);
  return {
    description,
    content: {
      'application/json': { schema: schema as OpenAPIV3_1.SchemaObject, examples: Object.fromEntries(named) },
    },
  };
}

/** A body that may be null may be left out. */
function letBodyOut(operation: Operation): void {
  const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
  const content = body?.content?.['application/json'];
  const { anyOf } = (content?.schema ?? {}) as JsonSchema;
  if (!body || !content || !anyOf?.some((one) => one.type === 'null')) return;
  const [only, ...more] = anyOf.filter((one) => one.type !== 'null');
  body.required = false;
  content.schema = (more.length === 0 ? only : { anyOf: [only, ...more] }) as OpenAPIV3_1.SchemaObject;
}
