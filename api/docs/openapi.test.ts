import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILURES } from '#workflows/failures.ts';
import type { App } from '../app.ts';
import { openApiDocument } from './openapi.ts';
import { buildUnasked } from './unasked.ts';

let app: App;
let document: OpenAPIV3_1.Document;
/** Every route as Fastify knows it, "GET /api/me". */
const routes: { name: string; hidden: boolean }[] = [];

beforeAll(async () => {
  app = await buildUnasked((route) => {
    for (const method of [route.method].flat()) {
      routes.push({
        name: `${method} ${route.url}`,
        hidden: (route.schema as { hide?: boolean } | undefined)?.hide === true,
      });
    }
  });
  document = openApiDocument(app);
});
afterAll(() => app.close());

type Operation = OpenAPIV3_1.OperationObject & { name: string };

function operations(): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({
      ...(operation as OpenAPIV3_1.OperationObject),
      name: `${method.toUpperCase()} ${path}`,
    })),
  );
}

const resolve = (response: OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject) =>
  '$ref' in response
    ? (document.components?.responses?.[response.$ref.split('/').at(-1) ?? ''] as OpenAPIV3_1.ResponseObject)
    : response;

test('every route is documented, but for pages that people look at', () => {
  const documented = new Set(operations().map(({ name }) => name));
  const undocumented = routes
    .filter(({ name, hidden }) => !hidden && !name.startsWith('OPTIONS '))
    .map(({ name }) => name.replaceAll(/:(\w+)/g, '{$1}').replace(/\/$/, ''))
    .filter((name) => !documented.has(name));
  expect(undocumented).toEqual([]);
  const hidden = routes.filter((route) => route.hidden).map(({ name }) => name);
  for (const name of hidden) expect(name).toMatch(/^[\w,]+ \/(docs|sandbox|assets|$)/);
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
      const { description, content } = resolve(response);
      expect(description, `${operation.name} ${status}`).toMatch(/\w/);
      expect(description, `${operation.name} ${status}`).not.toBe('Default Response');
      expect(Object.keys(content ?? {}), `${operation.name} ${status}`).not.toEqual([]);
    }
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
    for (const parameter of (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[]) {
      walk(parameter.schema ?? {}, `${operation.name} ${parameter.in} ${parameter.name}`);
    }
    const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
    for (const content of Object.values(body?.content ?? {})) walk(content.schema ?? {}, `${operation.name} body`);
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      for (const content of Object.values(resolve(response).content ?? {}))
        walk(content.schema ?? {}, `${operation.name} ${status}`);
    }
  }
  expect(saysNothing).toEqual([]);
});

test('bodies that clients send are closed: an unknown field is refused', () => {
  for (const operation of operations()) {
    const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
    const schema = body?.content?.['application/json']?.schema as
      | { type?: string; additionalProperties?: unknown }
      | undefined;
    if (schema?.type === 'object') expect(schema.additionalProperties, operation.name).toBe(false);
  }
});

test('every failure code is explained, with its status', () => {
  for (const [code, { status, meaning }] of Object.entries(FAILURES)) {
    expect(document.info.description).toContain(`| \`${code}\` | ${status} |`);
    expect(document.info.description).toContain(meaning);
  }
});

test('the page needs nothing from elsewhere: its assets are served here, and its policy allows no other', async () => {
  const page = await app.inject({ url: '/docs/' });
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
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
