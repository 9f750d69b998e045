import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURES } from '#workflows/failures.ts';
import type { App } from '../app.ts';
import { openApiDocument } from './openapi.ts';
import { operationsOf } from './operations.ts';
import { isObject, type Json, nameIn } from './schemas.ts';
import { buildUnasked } from './unasked.ts';

let described: App;
let app: App;
let document: OpenAPIV3_1.Document;
/** Every route as Fastify knows it, "GET /api/me". */
const routes: { name: string; hidden: boolean }[] = [];

beforeAll(async () => {
  app = await buildUnasked({
    onRoute: (route) => {
      for (const method of [route.method].flat()) {
        routes.push({
          name: `${method} ${route.url}`,
          hidden: (route.schema as { hide?: boolean } | undefined)?.hide === true,
        });
      }
    },
  });
  described = await buildUnasked();
  document = openApiDocument(described);
});
afterAll(() => Promise.all([app.close(), described.close()]));

const operations = () => operationsOf(document).map(({ route, operation }) => ({ ...operation, name: route }));

/** What a reference leads to. */
function resolve<T extends object>(node: T | OpenAPIV3_1.ReferenceObject): T {
  if (!('$ref' in node)) return node;
  const steps = node.$ref.slice(2).split('/');
  return steps.reduce<Json>((at, step) => at[step] as Json, document as unknown as Json) as T;
}

test('every route is documented, but for pages that people look at', () => {
  const documented = new Set(operations().map(({ name }) => name));
  const undocumented = routes
    // HEAD is there wherever GET is.
    .filter(({ name, hidden }) => !hidden && !/^(OPTIONS|HEAD) /.test(name))
    .map(({ name }) => name.replaceAll(/:(\w+)/g, '{$1}').replace(/\/$/, ''))
    .filter((name) => !documented.has(name));
  expect(undocumented).toEqual([]);
  const hidden = routes.filter((route) => route.hidden).map(({ name }) => name);
  for (const name of hidden) expect(name).toMatch(/^[\w,]+ \/(docs|sandbox|assets|play|app|ops|$)/);
});

test('HEAD is answered wherever GET is', () => {
  const names = new Set(routes.map(({ name }) => name));
  const gets = [...names].filter((name) => name.startsWith('GET '));
  expect(gets.length).toBeGreaterThan(20);
  for (const name of gets) expect(names).toContain(name.replace('GET', 'HEAD'));
});

test('every operation has a tag that is explained, a summary, and an answer for each status it can have', () => {
  const tags = document.tags?.map(({ name }) => name);
  for (const operation of operations()) {
    expect(operation.summary, operation.name).toMatch(/^[A-Z].+[^.]$/);
    expect(tags, operation.name).toContain(operation.tags?.[0]);
    const statuses = Object.keys(operation.responses ?? {});
    expect(
      statuses.filter((status) => status.startsWith('2')),
      operation.name,
    ).not.toEqual([]);
    expect(statuses, operation.name).toEqual(expect.arrayContaining(['500', '503']));
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const { description, content } = resolve<OpenAPIV3_1.ResponseObject>(response);
      expect(description, `${operation.name} ${status}`).toMatch(/\w/);
      expect(description, `${operation.name} ${status}`).not.toBe('Default Response');
      expect(Object.keys(content ?? {}), `${operation.name} ${status}`).not.toEqual([]);
    }
  }
});

test('OpenAPI’s own rules find nothing wrong, and every example is of its schema', async () => {
  const examples = { severity: 'error', allowAdditionalProperties: true } as const;
  const rules = Object.fromEntries(
    [
      ...['struct', 'no-unresolved-refs', 'no-unused-components', 'no-undefined-server-variable', 'security-defined'],
      ...[
        'operation-operationId',
        'operation-operationId-unique',
        'operation-parameters-unique',
        'operation-2xx-response',
      ],
      ...['path-parameters-defined', 'path-declaration-must-exist', 'no-identical-paths', 'no-enum-type-mismatch'],
      ...['no-schema-type-mismatch', 'no-required-schema-properties-undefined', 'no-invalid-parameter-examples'],
    ].map((rule) => [rule, 'error'] as const),
  );
  const config = await createConfig({
    rules: { ...rules, 'no-invalid-media-type-examples': examples, 'no-invalid-schema-examples': examples },
  });
  const check = async (source: object) =>
    (await lintFromString({ source: JSON.stringify(source), absoluteRef: 'openapi.json', config })).map(
      ({ ruleId, message, location }) => `${location[0]?.pointer} ${ruleId}: ${message}`,
    );
  expect(await check(document)).toEqual([]);
  // It would find something.
  const wrong = structuredClone(document) as unknown as { paths: { [path: string]: { get: Json } } };
  (wrong.paths['/livez'] as { get: Json }).get.operationId = 'bids.list';
  (wrong.paths['/livez'] as { get: Json }).get.responses = { 200: { content: {} } };
  expect((await check(wrong)).length).toBeGreaterThan(1);
  // Each look at the document takes 2 s alone.
}, 120_000);

test('every operation has a name that reads as a method: what it is about, and what is done', () => {
  const names = operations().map(({ operationId }) => operationId);
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/);
  expect(new Set(names).size).toBe(names.length);
});

test('every body and every answer has an example, and its schema a name', () => {
  const nameless: string[] = [];
  const named = (schema: unknown): boolean => {
    if (nameIn(schema) !== null) return true;
    const { type, items, anyOf, oneOf } = (schema ?? {}) as Json;
    const choices = (anyOf ?? oneOf) as unknown[] | undefined;
    return type === 'array' ? named(items) : choices ? choices.every(named) : type !== 'object';
  };
  for (const operation of operations()) {
    const body = operation.requestBody && resolve<OpenAPIV3_1.RequestBodyObject>(operation.requestBody);
    for (const content of Object.values(body?.content ?? {})) {
      expect(content.example ?? content.examples, operation.name).toBeDefined();
      if (!named(content.schema)) nameless.push(`${operation.name} body`);
    }
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      for (const content of Object.values(resolve<OpenAPIV3_1.ResponseObject>(response).content ?? {})) {
        expect(content.example ?? content.examples, `${operation.name} ${status}`).toBeDefined();
        const { properties } = content.schema as { properties?: Json };
        const said = properties?.success ? [properties.data, properties.page].filter(isObject) : [content.schema];
        if (!said.every(named)) nameless.push(`${operation.name} ${status}`);
      }
    }
  }
  expect(nameless).toEqual([]);
});

test('no object stands twice: what two schemas say alike has one name', () => {
  const stands = new Map<string, string[]>();
  const walk = (node: unknown, at: string): void => {
    if (Array.isArray(node)) for (const [index, one] of node.entries()) walk(one, `${at}.${index}`);
    if (!isObject(node)) return;
    if (node.type === 'object' && Object.keys((node.properties ?? {}) as Json).length > 2) {
      const { description: _, ...said } = node;
      const text = JSON.stringify(said);
      stands.set(text, [...(stands.get(text) ?? []), at]);
    }
    for (const [key, value] of Object.entries(node)) if (!/^examples?$/.test(key)) walk(value, `${at}.${key}`);
  };
  walk(document.components?.schemas, 'schemas');
  expect([...stands.values()].filter((places) => places.length > 1)).toEqual([]);
});

test('null is written one way, and a choice between objects says which field tells them apart', () => {
  const wrong: string[] = [];
  const walk = (node: unknown, at: string): void => {
    if (Array.isArray(node)) for (const [index, one] of node.entries()) walk(one, `${at}.${index}`);
    if (!isObject(node)) return;
    if (
      Array.isArray(node.type) ||
      node.nullable !== undefined ||
      (Array.isArray(node.enum) && node.enum.includes(null))
    ) {
      wrong.push(`${at}: null is \`anyOf: [..., { type: 'null' }]\``);
    }
    const objects = [node.oneOf ?? node.anyOf ?? []]
      .flat()
      .filter((one) => nameIn(one) !== null || (one as Json).type === 'object');
    if (objects.length > 1 && !node.discriminator) wrong.push(`${at}: nothing tells its choices apart`);
    for (const [key, value] of Object.entries(node)) if (!/^examples?$/.test(key)) walk(value, `${at}.${key}`);
  };
  walk(document, '');
  expect(wrong).toEqual([]);
});

test('answers are open: what we add to them breaks nobody', () => {
  const closed: string[] = [];
  const walk = (node: unknown, at: string, seen: string[]): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, at, seen);
    if (!isObject(node)) return;
    if (node.additionalProperties === false) closed.push(at);
    const name = nameIn(node);
    if (name !== null && !seen.includes(name))
      walk(document.components?.schemas?.[name], `${at} ${name}`, [...seen, name]);
    for (const [key, value] of Object.entries(node)) if (!/^examples?$/.test(key)) walk(value, at, seen);
  };
  for (const operation of operations()) walk(operation.responses, operation.name, []);
  expect(closed).toEqual([]);
});

test('every answer says its headers: the id of its request, that it was given before, when to come back', () => {
  for (const operation of operations()) {
    const keyed = (operation.parameters ?? []).some(
      (one) => resolve<OpenAPIV3_1.ParameterObject>(one as never).name === 'idempotency-key',
    );
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const headers = Object.keys(resolve<OpenAPIV3_1.ResponseObject>(response).headers ?? {});
      expect(headers, `${operation.name} ${status}`).toContain('x-request-id');
      if (status.startsWith('2')) expect(headers.includes('idempotency-replayed'), operation.name).toBe(keyed);
      if (status === '429' || status === '503') expect(headers, `${operation.name} ${status}`).toContain('retry-after');
    }
  }
});

test('events and failures are told apart by their names', () => {
  const { schemas = {}, responses = {} } = document.components ?? {};
  expect(schemas.Event).toMatchObject({
    discriminator: { propertyName: 'name', mapping: { new_message: '#/components/schemas/NewMessageEvent' } },
  });
  const choices = Object.values(responses).filter((_, at) => Object.keys(responses)[at]?.includes('.'));
  expect(choices.length).toBeGreaterThan(0);
  for (const choice of choices) {
    const { schema } = (choice as OpenAPIV3_1.ResponseObject).content?.['application/json'] ?? {};
    expect(schema).toMatchObject({ discriminator: { propertyName: 'error_code' } });
  }
});

test('whatever needs a token says so, and what it answers without one', () => {
  const open = operations().filter(({ security }) => !security?.length);
  expect(open.map(({ name }) => name.split(' ')[1]).sort()).toEqual([
    '/.well-known/jwks.json',
    '/api/auth/login',
    '/api/auth/refresh',
    '/api/auth/register',
    '/api/demo',
    '/api/flow',
    '/api/leaderboard/gifts',
    '/api/leaderboard/gifts/seasons',
    '/api/machines',
    '/api/sandbox/parts',
    '/api/sandbox/scenarios',
    '/api/sandbox/scenarios/{name}',
    '/api/webhooks/livekit',
    '/api/webhooks/{provider}',
    '/livez',
    '/metrics',
    '/readyz',
  ]);
  for (const operation of operations().filter(({ security }) => security?.length)) {
    expect(Object.keys(operation.responses ?? {}), operation.name).toContain('401');
  }
});

test('no schema says nothing: each has a type, a choice or a reference', () => {
  const saysNothing: string[] = [];
  const walk = (schema: unknown, at: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties, items, anyOf, oneOf, allOf, additionalProperties, ...rest } = schema as Record<string, unknown>;
    const said = ['type', '$ref', 'enum', 'const'].some((key) => key in rest) || anyOf || oneOf || allOf;
    if (!said) saysNothing.push(at);
    for (const [name, one] of Object.entries((properties ?? {}) as object)) walk(one, `${at}.${name}`);
    if (items) walk(items, `${at}[]`);
    for (const choice of [anyOf, oneOf, allOf].flat()) walk(choice, `${at}|`);
    // `{}` there is "any further field", which is what it means.
    if (additionalProperties && Object.keys(additionalProperties).length > 0) walk(additionalProperties, `${at}.*`);
  };
  for (const operation of operations()) {
    for (const one of operation.parameters ?? []) {
      const parameter = resolve<OpenAPIV3_1.ParameterObject>(one as never);
      walk(parameter.schema ?? {}, `${operation.name} ${parameter.in} ${parameter.name}`);
    }
    const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
    for (const content of Object.values(body?.content ?? {})) walk(content.schema ?? {}, `${operation.name} body`);
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      for (const content of Object.values(resolve<OpenAPIV3_1.ResponseObject>(response).content ?? {}))
        walk(content.schema ?? {}, `${operation.name} ${status}`);
    }
  }
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) walk(schema, name);
  expect(saysNothing).toEqual([]);
});

test('bodies that clients send are closed: an unknown field is refused', () => {
  for (const operation of operations()) {
    const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
    const schema = body?.content?.['application/json']?.schema;
    const said = schema && resolve<{ type?: string; additionalProperties?: unknown }>(schema as never);
    if (said?.type === 'object' && !ACTIONS.includes(operation.name)) {
      expect(said.additionalProperties, operation.name).toBe(false);
    }
  }
});

/** What these take is the action's own, which says so in its `input`: anything else is refused by that. */
const ACTIONS = ['', '/consequence'].map((end) => `POST /api/processes/{id}/actions/{name}${end}`);

test('every failure code is explained, with its status', () => {
  for (const [code, { status, meaning }] of Object.entries(FAILURES)) {
    expect(document.info.description).toContain(`| \`${code}\` | ${status} |`);
    expect(document.info.description).toContain(meaning);
  }
});

test('the page needs nothing from elsewhere: its assets are served here, and its policy allows no other', async () => {
  const page = await app.inject({ url: '/docs/' });
  expect(page.statusCode).toBe(200);
  const policy = String(page.headers['content-security-policy']).split(';');
  expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]));
  expect(policy.join()).not.toMatch(/https?:|\*|unsafe-eval/);
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets.length).toBeGreaterThanOrEqual(5);
  for (const asset of assets) {
    expect(asset).not.toMatch(/^(https?:)?\/\//);
    const answer = await app.inject({ url: new URL(asset, 'http://here/docs/').pathname });
    expect([asset, answer.statusCode]).toEqual([asset, 200]);
  }
  const initializer = await app.inject({ url: '/docs/static/swagger-initializer.js' });
  expect(initializer.body).toContain('/docs/openapi.json');
  expect((await app.inject({ url: '/docs' })).statusCode).toBe(200);
});

test('the documents are served as they are checked', async () => {
  const answer = await app.inject({ url: '/docs/openapi.json' });
  expect(answer.json()).toEqual(JSON.parse(JSON.stringify(document)));
  expect(answer.json().openapi).toBe('3.1.0');
  const events = await app.inject({ url: '/docs/asyncapi.json' });
  expect(events.json()).toMatchObject({ asyncapi: '3.0.0', channels: expect.any(Object) });
});
