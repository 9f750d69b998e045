import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { asyncApiDocument } from '#realtime/asyncapi.ts';
import { FAILURES } from '#workflows/failures.ts';
import type { App } from '../app.ts';
import { complete } from './complete.ts';

/** Made at the first request and kept: routes do not change once the app is ready. */
export function openApiDocument(app: App): OpenAPIV3_1.Document {
  return app.swagger() as unknown as OpenAPIV3_1.Document;
}

/** The OpenAPI document, made from the schemas of all routes that are registered after this, and a page to read it. */
export async function serveDocs(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tandem',
        version: '1',
        description: introduction(),
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'The `access` token of /api/auth/login, or one of the outside issuer of this deployment.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => complete(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    logo: null as never,
    theme: { title: 'Tandem API' },
    uiConfig: { url: '/docs/openapi.json', docExpansion: 'none', persistAuthorization: true, validatorUrl: null },
    staticCSP:
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  } as never);
  app.get('/docs/openapi.json', { schema: { hide: true } as never }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return openApiDocument(app);
  });
  const events = asyncApiDocument();
  app.get('/docs/asyncapi.json', { schema: { hide: true } as never }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return events;
  });
}

const TAGS = [
  { name: 'Auth', description: 'Accounts, sessions and tokens' },
  { name: 'Market', description: 'Campaigns and bids' },
  { name: 'Messages', description: 'Conversations, and the deals that are made in them' },
  { name: 'Events', description: 'What sockets say, for those who have none or missed some' },
  { name: 'Wallet', description: 'Balances and what moved them' },
  { name: 'Payments', description: 'Orders, and what payment providers tell us' },
  { name: 'Admin', description: 'For administrators' },
  { name: 'Operations', description: 'Probes and numbers' },
];

function introduction(): string {
  const rows = Object.entries(FAILURES).map(
    ([code, { status, retry, meaning }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${meaning} |`,
  );
  return `Where creators, brands and viewers deal with each other.

Ids are UUIDs, times ISO 8601 in UTC, amounts decimal strings beside their \`asset\`. Bodies are JSON of at most 256 KiB;
an unknown field is refused by name. Every answer carries \`x-request-id\`, the one you sent where it is of letters,
digits and \`_.:-\`: quote it when something went wrong.

What sockets say and take is in the [AsyncAPI 3 document](/docs/asyncapi.json).

**Answers.** \`{ "success": true, "data": … }\`, lists with \`"page": { "limit", "next_cursor" }\`. Failures, everywhere:
\`{ "success": false, "message", "error_code", "details" }\`; \`message\` is for people, \`error_code\` for programs.

**Idempotency.** A POST that moves money or state takes an \`Idempotency-Key\` (1 to 255 printable characters), which
belongs to the account and the path. The same key and body are done once and answered alike, for 30 days; while the
first is still at work the second waits. A refusal with 409 is remembered like any answer; other failures are not.

| \`error_code\` | status | trying again helps | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}
