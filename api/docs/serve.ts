import { readFile } from 'node:fs/promises';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { App } from '../app.ts';
import { onlyThese } from '../headers.ts';

/** The page shows what is served here, with its own scripts; its components write styles into their elements. */
const PAGE = onlyThese({
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
});

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * The documents as they are written in the project, with a page to read them. They are not made here: that is a second
 * in which nobody else would be answered. `npm test` holds them to the routes.
 */
export async function serveDocs(app: App): Promise<void> {
  const [openapi, asyncapi] = await Promise.all([
    readJson('../openapi.json'),
    readJson('../../realtime/asyncapi.json'),
  ]);
  const document = openapi as OpenAPIV3_1.Document;
  await app.register(swagger, { mode: 'static', specification: { document: document as never } });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    logo: null as never,
    theme: { title: 'Tandem API' },
    uiConfig: { url: '/docs/openapi.json', docExpansion: 'none', persistAuthorization: true, validatorUrl: null },
    uiHooks: {
      onRequest: (_request: FastifyRequest, reply: FastifyReply, next: () => void) => {
        reply.helmet(PAGE);
        next();
      },
    },
    transformSpecification: () => served(app, document),
    transformSpecificationClone: false,
  } as never);
  const documents = {
    'openapi.json': () => served(app, document),
    'asyncapi.json': () => asyncapi,
    events: () => asyncapi,
  };
  for (const [name, written] of Object.entries(documents)) {
    // Written once: it is large, and asked for by everybody.
    let text: string | null = null;
    app.get(`/docs/${name}`, { schema: { hide: true } as never }, async (_request, reply) => {
      text ??= JSON.stringify(written());
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
