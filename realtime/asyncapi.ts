import { z } from 'zod';
import { CATALOGUE, type EventDeclaration } from './catalogue.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { COMMANDS } from './commands.ts';
import { CLIENT_FRAMES, PROTOCOL_VERSION, SERVER_FRAMES } from './protocol.ts';

type Json = Record<string, unknown>;

/**
 * The AsyncAPI 3 document of GET /ws, made from the declarations of frames, events and commands. Every event is a
 * message of its own, with the frame around its data, and so is every command with its acknowledgement.
 */
export function asyncApiDocument(): Json {
  const messages: Json = {};
  const received: string[] = [];
  const sent: string[] = [];

  function message(list: string[], key: string, title: string, summary: string, payload: Json): void {
    messages[key] = { name: key, title, summary, contentType: 'application/json', payload };
    list.push(key);
  }

  for (const [type, schema] of Object.entries(SERVER_FRAMES)) {
    if (type === 'event' || type === 'live' || type === 'ack') continue;
    message(received, type, type, summaryOf(schema), schemaOf(schema, 'output'));
  }
  for (const [name, event] of Object.entries(CATALOGUE) as [string, EventDeclaration][]) {
    const frame = event.class === 'durable' ? SERVER_FRAMES.event : SERVER_FRAMES.live;
    const around = frame.extend({ name: z.literal(name), data: event.schema });
    const summary = `${event.class === 'durable' ? 'Durable' : 'Live'}. ${event.summary}.`;
    message(received, `${event.class}.${name}`, name, summary, schemaOf(around, 'output'));
  }
  const [, refused] = SERVER_FRAMES.ack.options;
  message(received, 'ack.refused', 'ack', 'A command was refused, or failed.', schemaOf(refused, 'output'));
  for (const [type, schema] of Object.entries(CLIENT_FRAMES)) {
    if (type === 'command') continue;
    message(sent, type, type, summaryOf(schema), schemaOf(schema, 'input'));
  }
  for (const [name, command] of Object.entries(COMMANDS)) {
    const around = CLIENT_FRAMES.command.extend({ name: z.literal(name), data: command.data });
    message(sent, `command.${name}`, name, command.summary, schemaOf(around, 'input'));
    const answer = z
      .object({ type: z.literal('ack'), id: CLIENT_FRAMES.command.shape.id, success: z.literal(true) })
      .extend({ data: command.answer });
    message(received, `ack.${name}`, `ack of ${name}`, `${name} was done.`, schemaOf(answer, 'output'));
  }

  const at = (key: string) => ({ $ref: `#/channels/socket/messages/${escaped(key)}` });
  return {
    asyncapi: '3.0.0',
    info: { title: 'Tandem', version: String(PROTOCOL_VERSION), description: INTRODUCTION, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      here: { host: 'localhost:3000', protocol: 'ws', description: 'The API’s own port; wss behind TLS' },
    },
    channels: {
      socket: {
        address: '/ws',
        title: 'The main door',
        messages: Object.fromEntries(
          Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${escaped(key)}` }]),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      hear: {
        action: 'send',
        channel: { $ref: '#/channels/socket' },
        summary: 'What Tandem sends',
        messages: received.map(at),
      },
      say: {
        action: 'receive',
        channel: { $ref: '#/channels/socket' },
        summary: 'What a client sends',
        messages: sent.map(at),
      },
    },
    components: { messages },
  };
}

const INTRODUCTION = `One JSON object a frame, told apart by \`type\`. After \`hello\` a client sends \`auth\`; after
\`ready\` it sends commands and hears events.

Durable events carry \`seq\`, numbered per user without gaps: send the last one you have as \`resume\` and what came after
it is sent again. When \`ready\` says \`resumed: false\`, read \`GET /api/events?after=\` up to its \`seq\`. Live events are
for whoever is there, and are dropped first for a slow reader.

Failures have one format, in \`ack\` and \`error\` as in every other answer: \`success: false\`, \`message\`, \`error_code\`,
\`details\` (with \`retry_after\` in seconds where waiting helps).

| close code | name | meaning |
|---|---|---|
${Object.entries(CLOSE_CODES)
  .map(([name, { code, meaning }]) => `| ${code} | \`${name}\` | ${meaning} |`)
  .join('\n')}
| 1009 | | A frame was larger than 16 KiB; mend the client. |
`;

function summaryOf(schema: z.ZodType): string {
  return schema.description ?? '';
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = z.toJSONSchema(schema, {
    target: 'draft-07',
    io,
    override: ({ jsonSchema }) => {
      // Some commands are sent a bare id in place of the object.
      if (jsonSchema.bareId !== true) return;
      const { bareId: _, description, ...object } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, { description, anyOf: [{ type: 'string', format: 'uuid' }, object] });
    },
  }) as Json;
  // What a client is sent may grow: it has to pass over fields it does not know.
  if (io === 'output') allowMore(json);
  const { $schema: _, ...rest } = json;
  return rest;
}

function allowMore(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('additionalProperties' in schema && schema.additionalProperties === false) delete schema.additionalProperties;
  for (const part of Object.values(schema)) allowMore(part);
}

/** A key inside a JSON pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
