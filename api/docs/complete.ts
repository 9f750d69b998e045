import type { OpenAPIV3_1 } from 'openapi-types';
import { FAILURES, type FailureCode } from '#workflows/failures.ts';
import { exampleOf } from './example.ts';
import { failureExample, failureName, failureSchema } from './failures.ts';
import { operationsOf } from './operations.ts';
import { isObject, type Json, refTo, withNamedSchemas } from './schemas.ts';

type Document = OpenAPIV3_1.Document;
type Operation = OpenAPIV3_1.OperationObject;
type Response = OpenAPIV3_1.ResponseObject;
type Reference = OpenAPIV3_1.ReferenceObject;
type Headers = Record<string, Reference>;

/**
 * Says what follows from how a route is reached rather than from its own schema: failures of the token, of the body's
 * size and type, a body that may be left out, headers of answers, examples. Failures are written out once each.
 */
export function complete(written: Document): Document {
  for (const { operation } of operationsOf(written)) letBodyOut(operation);
  const document = withNamedSchemas(written);
  const schemas = document.components?.schemas as Record<string, Json>;
  const responses: Record<string, Response> = {};
  const parameters: Record<string, Json> = {};
  const codesSaid = new Set<FailureCode>();

  function failing(codes: FailureCode[]): Reference {
    const name = codes.join('.');
    for (const code of codes) codesSaid.add(code);
    responses[name] ??= describe(codes);
    return { $ref: `#/components/responses/${name}` };
  }

  for (const { operation } of operationsOf(document)) {
    // For everybody: said, so that nobody takes it for forgotten.
    operation.security ??= [];
    operation.responses = answersOf(operation, failing);
    for (const content of Object.values(bodyOf(operation)?.content ?? {})) exemplify(content, schemas);
    for (const response of Object.values(operation.responses)) {
      if ('$ref' in response) continue;
      (response as Response).headers = { ...headersOf(operation) };
      for (const content of Object.values((response as Response).content ?? {})) exemplify(content, schemas);
    }
    operation.parameters = operation.parameters?.map((one) => shared(one as Json, parameters)) as never;
  }
  for (const code of codesSaid) schemas[failureName(code)] = failureSchema(code);
  return {
    ...document,
    components: {
      ...document.components,
      schemas: sorted(schemas) as never,
      responses: sorted(responses),
      parameters: sorted(parameters) as never,
      headers: HEADERS,
    },
  };
}

const HEADERS: Record<string, OpenAPIV3_1.HeaderObject> = {
  RequestId: {
    description: 'The id of the request, yours where you sent a sane one. Quote it when something went wrong',
    schema: { type: 'string' },
    example: '6f6f1c3e-9f0e-4c39-8a57-0d7c2c6f2b11',
  },
  IdempotencyReplayed: {
    description: 'There where this was done before under the same Idempotency-Key, and is answered again',
    schema: { type: 'string', enum: ['true'] },
  },
  RetryAfter: { description: 'Seconds until it is worth trying again', schema: { type: 'integer' }, example: 1 },
  WwwAuthenticate: { description: 'How to authenticate', schema: { type: 'string' }, example: 'Bearer' },
};

const header = (name: keyof typeof HEADERS): Reference => ({ $ref: `#/components/headers/${name}` });

function headersOf(operation: Operation): Headers {
  const keyed = operation.parameters?.some((one) => 'name' in one && one.name === 'idempotency-key');
  return {
    'x-request-id': header('RequestId'),
    ...(keyed && { 'idempotency-replayed': header('IdempotencyReplayed') }),
  };
}

function answersOf(
  operation: Operation,
  failing: (codes: FailureCode[]) => Reference,
): Record<string, Response | Reference> {
  const found = new Set<FailureCode>(['HEADERS_TOO_LARGE', 'RATE_LIMITED']);
  const responses: Record<string, Response | Reference> = {};
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const codes = codesOf(response as Response);
    if (codes === null) responses[status] = response as Response;
    else for (const code of codes) found.add(code);
  }
  if (operation.security?.some((one) => 'bearer' in one)) found.add('UNAUTHENTICATED');
  if (operation.requestBody) {
    found.add('PAYLOAD_TOO_LARGE');
    found.add('UNSUPPORTED_MEDIA_TYPE');
  }
  const codes = (Object.keys(FAILURES) as FailureCode[]).filter((code) => found.has(code));
  for (const status of new Set(codes.map((code) => FAILURES[code].status))) {
    responses[status] = failing(codes.filter((code) => FAILURES[code].status === status));
  }
  return responses;
}

function codesOf(response: Response): FailureCode[] | null {
  const schema = response.content?.['application/json']?.schema as Json | undefined;
  const code = (schema?.properties as Json | undefined)?.error_code;
  return isObject(code) ? ((code.enum ?? [code.const]) as FailureCode[]) : null;
}

function describe(codes: FailureCode[]): Response {
  const refs = codes.map((code) => refTo(failureName(code)));
  const mapping = Object.fromEntries(codes.map((code, at) => [code, refs[at]?.$ref]));
  const { status, retry } = FAILURES[codes[0] as FailureCode];
  return {
    description: codes.map((code) => `\`${code}\`: ${FAILURES[code].meaning}`).join('\n\n'),
    headers: {
      'x-request-id': header('RequestId'),
      ...(retry && status !== 500 && { 'retry-after': header('RetryAfter') }),
      ...(status === 401 && { 'www-authenticate': header('WwwAuthenticate') }),
    },
    content: {
      'application/json': {
        schema: (refs.length === 1
          ? refs[0]
          : { oneOf: refs, discriminator: { propertyName: 'error_code', mapping } }) as OpenAPIV3_1.SchemaObject,
        examples: Object.fromEntries(codes.map((code) => [code, { value: failureExample(code) }])),
      },
    },
  };
}

function exemplify(content: OpenAPIV3_1.MediaTypeObject, schemas: Record<string, Json>): void {
  if (content.example !== undefined || content.examples !== undefined) return;
  content.example = exampleOf(content.schema, schemas);
}

/** Parameters that several operations have alike are written once. */
function shared(parameter: Json, parameters: Record<string, Json>): Json {
  const name = SHARED[`${parameter.in} ${parameter.name}`];
  if (name === undefined) return parameter;
  const known = parameters[name];
  if (known && JSON.stringify(known) !== JSON.stringify(parameter)) return parameter;
  parameters[name] = parameter;
  return { $ref: `#/components/parameters/${name}` };
}

const SHARED: Record<string, string> = {
  'header idempotency-key': 'IdempotencyKey',
  'query limit': 'Limit',
  'query cursor': 'Cursor',
  'query page': 'Page',
  'path id': 'Id',
};

function bodyOf(operation: Operation): OpenAPIV3_1.RequestBodyObject | undefined {
  return operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
}

/** A body that may be null may be left out. */
function letBodyOut(operation: Operation): void {
  const body = bodyOf(operation);
  const content = body?.content?.['application/json'];
  const { anyOf } = (content?.schema ?? {}) as { anyOf?: { type?: string }[] };
  if (!body || !content || !anyOf?.some((one) => one.type === 'null')) return;
  const [only, ...more] = anyOf.filter((one) => one.type !== 'null');
  body.required = false;
  content.schema = (more.length === 0 ? only : { anyOf: [only, ...more] }) as OpenAPIV3_1.SchemaObject;
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
