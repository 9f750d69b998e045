import { readFile } from 'node:fs/promises';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { App } from '../app.ts';
import { OUR_PAGE } from '../headers.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * The documents as they are written in the project, with a page to read them. They are not made here: that is a second
 * in which nobody else would be answered. `npm test` holds them to the routes.
 */
export async function serveDocs(app: App): Promise<void> {
  const document = (await readJson('../openapi.json')) as OpenAPIV3_1.Document;
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    logo: null as never,
    theme: { title: 'Tandem API' },
    uiConfig: { url: '/docs/openapi.json', docExpansion: 'none', persistAuthorization: true, validatorUrl: null },
    uiHooks: {
      onRequest: (_request: FastifyRequest, reply: FastifyReply, next: () => void) => {
        reply.helmet(OUR_PAGE);
        next();
      },
    },
    transformSpecification: () => served(app, document),
    transformSpecificationClone: false,
  } as never);
  serveDocument(app, ['/docs/openapi.json'], async () => served(app, document));
  serveDocument(app, ['/docs/asyncapi.json', '/docs/events'], () => readJson('../../realtime/asyncapi.json'));
}

function serveDocument(app: App, paths: readonly string[], read: () => Promise<unknown>): void {
  // Written once: it is large, and asked for by everybody.
  let text: string | null = null;
  for (const path of paths) {
    app.get(path, { schema: { hide: true } as never }, async (_request, reply) => {
      text ??= JSON.stringify(await read());
      return reply
        .header('cache-control', 'no-cache')
        .type('application/json; charset=utf-8')
        .send(text as never);
    });
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'));
}

/** What this deployment has of it: there is no sandbox in production. */
function served(app: App, document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const paths: NonNullable<OpenAPIV3_1.Document['paths']> = {};
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const operations = METHODS.filter(
      (method) => item?.[method] && app.hasRoute({ method: method.toUpperCase(), url }),
    );
    if (operations.length > 0) paths[path] = Object.fromEntries(operations.map((method) => [method, item?.[method]]));
  }
  return { ...document, paths };
}
