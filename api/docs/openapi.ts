import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { FAILURES } from '#workflows/failures.ts';
import type { App } from '../app.ts';
import { complete } from './complete.ts';

/**
 * Made from the schemas of all routes of an app that was `described`: a second's work, for who writes it down or checks
 * what is written. Whoever serves it reads what is written.
 */
export function openApiDocument(app: App): OpenAPIV3_1.Document {
  return app.swagger() as unknown as OpenAPIV3_1.Document;
}

/** Notes the schemas of all routes that are registered after this, for `openApiDocument`. */
export async function describeRoutes(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tandem',
        version: VERSION,
        description: introduction(),
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        { url: '/', description: 'The deployment that serves this document' },
        {
          url: '{origin}',
          description: 'Any other. A generated client takes it as its `baseUrl`',
          variables: {
            origin: {
              default: 'http://127.0.0.1:3000',
              description:
                'Scheme, host and port: PUBLIC_URL of the deployment; `npm start` says its own when it is ready',
            },
          },
        },
      ],
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
}

/** Of what is released: the documents of the last one are kept in `released/`. */
const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

const TAGS = [
  { name: 'Auth', description: 'Accounts, sessions and tokens' },
  { name: 'Market', description: 'Campaigns and bids' },
  { name: 'Messages', description: 'Conversations, and the deals that are made in them' },
  { name: 'Rooms', description: 'Conversations of many' },
  { name: 'People', description: 'Who somebody is, who follows whom, and what they say of each other' },
  { name: 'Videos', description: 'What people watch, like, share and say of it' },
  { name: 'Recommendations', description: 'What you may like, and why' },
  {
    name: 'Streams',
    description: 'Live streams: announced, begun and ended, their chat, challenges and segments, their pictures',
  },
  { name: 'Battles', description: 'Two creators against each other, and who votes for which of them' },
  { name: 'Polls', description: 'What a stream’s creator asks, and viewers choose from' },
  { name: 'Questions', description: 'What viewers ask a stream’s creator, and want answered' },
  { name: 'Gifts', description: 'What is given live, and who gave or was given most' },
  { name: 'Subscriptions', description: 'What creators sell by the month, and who has it' },
  { name: 'Tickets', description: 'Events that tickets are sold for, and the tickets' },
  { name: 'Experience', description: 'Levels and badges, and by which rules they are gained' },
  { name: 'Rewards', description: 'What is earned by taking part, by which rule, and why not' },
  { name: 'Creators', description: 'How a creator does: what is watched, earned, given and reached' },
  { name: 'Events', description: 'What sockets say, for those who have none or missed some' },
  { name: 'Notifications', description: 'What you are told, where, and the devices it is pushed to' },
  { name: 'Wallet', description: 'Balances and what moved them' },
  { name: 'Escrow', description: 'Trades of two people, whose asset is held until both have done their part' },
  {
    name: 'Charge-backs',
    description: 'Payments that their banks were asked to take back: evidence, and what became of them',
  },
  { name: 'Trading', description: 'Pairs, what is offered and traded in them, and orders of your own' },
  { name: 'Payouts', description: 'Money that leaves: where people are paid, whether they may be, and what was sent' },
  { name: 'Payments', description: 'Orders, and what payment providers tell us' },
  { name: 'Credits and boosts', description: 'Profiles, gigs and clans, and credits that lift them for a time' },
  { name: 'Webhook endpoints', description: 'Addresses of customers that events are posted to' },
  { name: 'Processes', description: 'Whatever goes on, of any kind, in one form' },
  { name: 'Sandbox', description: 'To try things with; never in production' },
  { name: 'Admin', description: 'For administrators' },
  { name: 'Operations', description: 'Probes and numbers' },
];

function introduction(): string {
  const rows = Object.entries(FAILURES).map(
    ([code, { status, retry, meaning }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${meaning} |`,
  );
  return `Where creators, brands and viewers deal with each other.

**A first call**, to a sandbox such as \`npm start\` runs; its demo accounts are in \`GET /api/demo\`:

    ACCESS=$(curl -s http://127.0.0.1:3000/api/auth/login -H "content-type: application/json" \\
      -d '{"handle":"demo_brand","password":"tandem-demo"}' | jq -r .data.access)
    curl -s http://127.0.0.1:3000/api/processes -H "authorization: Bearer $ACCESS" | jq .data

It answers with everything that goes on for you, of every kind, in one form; each has an address of its own that says what
you may do now, what that needs and what it does with money. On this page _Authorize_ takes the same token.

Ids are UUIDs, times ISO 8601 in UTC, amounts decimal strings beside their \`asset\`. Bodies are JSON of at most 256 KiB;
an unknown field is refused by name. Every answer carries \`x-request-id\`, the one you sent where it is of letters,
digits and \`_.:-\`: quote it when something went wrong.

What sockets say and take is in the [AsyncAPI 3 document](/docs/asyncapi.json).

**Answers.** \`{ "success": true, "data": … }\`, lists with \`"page": { "limit", "next_cursor" }\`. Failures, everywhere:
\`{ "success": false, "message", "error_code", "details" }\`; \`message\` is for people, \`error_code\` for programs.
Answers may get further fields, values and events: a client passes over what it does not know.

**Pages.** A list takes \`limit\` and \`cursor\`; send \`page.next_cursor\` as \`cursor\` until it is null. Nothing is skipped
or shown twice, whatever is added meanwhile.

**Texts** are limited as their reader counts (graphemes: a family emoji is one), which is \`x-max-characters\` in their
schemas; bodies are limited in bytes. \`details\` names the limit that was passed and its unit.

**Limits.** 32 requests under way by connection, 512 by address; 1,200 requests a minute that change something by account,
60,000 of any kind by address, where the deployment set no others; then 429 with \`retry-after\` and the limit's name.

**Idempotency.** A POST that moves money or state takes an \`Idempotency-Key\` (1 to 255 printable characters), which
belongs to the account and the path. The same key and body are done once and answered alike, for 30 days; while the
first is still at work the second waits. A refusal with 409 is remembered like any answer; other failures are not.

| \`error_code\` | status | trying again helps | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}
