import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

/**
 * Writes what the client knows of the API from its documents: types (src/openapi.d.ts, src/asyncapi.d.ts), methods
 * (src/methods.ts) and what each of them asks (src/operations.ts). With `--check` it compares, and ends with 1 where one
 * is not current.
 */

const root = new URL('..', import.meta.url);
const HEAD = '// Written by client/write.ts. Do not edit.\n';

type Parameter = { name: string; in: string; required?: boolean };
type Schema = { $ref?: string; properties?: Record<string, unknown>; anyOf?: Schema[] };
type Operation = {
  operationId: string;
  summary?: string;
  description?: string;
  deprecated?: boolean;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> };
  security?: object[];
};
type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components: { parameters?: Record<string, Parameter>; schemas?: Record<string, Schema> };
};

const read = (file: string) => JSON.parse(readFileSync(new URL(file, root), 'utf8'));

/** What one calls, with all that a method needs to be written. */
type Method = {
  group: string;
  name: string;
  id: string;
  route: string;
  path: string[];
  body: 'needed' | 'optional' | null;
  query: boolean;
  key: boolean;
  open: boolean;
  says: string[];
};

/** A payment provider's to call, with a signature of its own. */
const NOT_OURS = new Set(['webhooks.receive']);

function methodsOf({ paths, components }: OpenApi): Method[] {
  const parameterOf = (one: Parameter | { $ref: string }): Parameter =>
    '$ref' in one ? (components.parameters?.[one.$ref.split('/').at(-1) ?? ''] as Parameter) : one;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([verb, operation]) => {
      const [group = '', name = ''] = operation.operationId.split('.');
      if (NOT_OURS.has(operation.operationId)) return [];
      const parameters = (operation.parameters ?? []).map(parameterOf);
      const { requestBody } = operation;
      const inBody = new Set(fieldsOf(requestBody?.content['application/json']?.schema, components.schemas));
      return [
        {
          ...{ group, name, id: operation.operationId, route: `${verb.toUpperCase()} ${path}` },
          path: [...path.matchAll(/\{(\w+)\}/g)].map(([, each = '']) => each),
          body: requestBody ? (requestBody.required ? ('needed' as const) : ('optional' as const)) : null,
          query: parameters.some((one) => one.in === 'query' && !inBody.has(one.name)),
          key: parameters.some((one) => one.name === 'idempotency-key'),
          open: !operation.security?.length,
          says: [operation.summary ?? '', ...(operation.description ?? '').split('\n')].filter((line) => line !== ''),
        },
      ];
    }),
  );
}

/** What a body's objects are made of. A method asks for it there alone: one more word of the query moves no argument. */
function fieldsOf(schema: Schema | undefined, schemas: OpenApi['components']['schemas']): string[] {
  if (schema?.$ref) return fieldsOf(schemas?.[schema.$ref.split('/').at(-1) ?? ''], schemas);
  const parts = schema?.anyOf ?? [];
  return [...Object.keys(schema?.properties ?? {}), ...parts.flatMap((part) => fieldsOf(part, schemas))];
}

/** `click(id: string, body: Body<'deals.click'>, options?: KeyedOptions): Promise<Data<'deals.click'>>;` */
function signatureOf({ name, id, path, body, query, key }: Method): string {
  const mark = body === 'needed' ? '' : '?';
  const parameters = [
    ...path.map((each) => `${each}: string`),
    ...(body ? [`body${mark}: Body<'${id}'>`] : []),
    ...(query ? [`query?: Query<'${id}'>`] : []),
    `options?: ${key ? 'KeyedOptions' : 'CallOptions'}`,
  ];
  return `${name}(${parameters.join(', ')}): Promise<Data<'${id}'>>;`;
}

function documented(says: string[], route: string, indent: string): string {
  const lines = [...says, `\`${route}\``].map((line) => line.replaceAll('*/', '*\\/'));
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`].join('\n');
}

function methods(document: OpenApi): string {
  const groups = Map.groupBy(methodsOf(document), ({ group }) => group);
  const body = [...groups].map(([group, all]) => {
    const members = all.map((method) => `${documented(method.says, method.route, '    ')}\n    ${signatureOf(method)}`);
    return `  ${group}: {\n${members.join('\n')}\n  };`;
  });
  const taken = 'import type { Body, CallOptions, Data, KeyedOptions, Query } from ';
  return `${HEAD}${taken}'./method.ts';\n\n/** Every operation of the API, by its name. */\nexport interface Methods {\n${body.join('\n')}\n}\n`;
}

function operations(document: OpenApi): string {
  const rows = methodsOf(document).map(({ id, route, body, query, key, open }) => {
    const marks = `${body ? 'b' : ''}${query ? 'q' : ''}${key ? 'k' : ''}${open ? 'o' : ''}`;
    return `  '${id}': '${route}${marks && ` ${marks}`}',`;
  });
  const says =
    '/** What each method asks. b: has a body; q: has a query; k: takes an idempotency key; o: needs no token. */';
  return `${HEAD}${says}\nexport const OPERATIONS: Readonly<Record<string, string>> = {\n${rows.join('\n')}\n};\n`;
}

/** The messages of /ws as the components of an OpenAPI document: their payloads are JSON Schema in both. */
function asComponents(file: string): string {
  const { info, components } = read(file) as {
    info: { title: string; version: string };
    components: { messages: Record<string, { payload: object }>; schemas: Record<string, object> };
  };
  const payloads = Object.entries(components.messages)
    .filter(([name]) => !name.startsWith('io.'))
    .map(([name, { payload }]) => [name, payload] as const);
  const schemas = { ...components.schemas, ...Object.fromEntries(payloads) };
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    paths: {},
    components: { schemas },
  });
}

const openapi: OpenApi = read('api/openapi.json');
const FILES = [
  { file: 'openapi.d.ts', make: async () => HEAD + astToString(await openapiTS(new URL('api/openapi.json', root))) },
  {
    file: 'asyncapi.d.ts',
    make: async () => HEAD + astToString(await openapiTS(asComponents('realtime/asyncapi.json'))),
  },
  { file: 'methods.ts', make: async () => methods(openapi) },
  { file: 'operations.ts', make: async () => operations(openapi) },
];

const check = process.argv.includes('--check');
for (const { file, make } of FILES) {
  const path = fileURLToPath(new URL(`client/src/${file}`, root));
  const text = await make();
  if (!check) {
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`client/src/${file} is not what its document says: node client/write.ts\n`);
    process.exitCode = 1;
  }
}
