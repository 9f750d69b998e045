import { z } from 'zod';
import {
  conversationContext,
  conversationStanding,
  flowUpdate,
  message as messageView,
} from '#workflows/deal/contract.ts';
import { type CommandDeclaration, NAMESPACES, SOURCES } from './catalogue/declaration.ts';
import { COMMANDS, EVENTS, type EventDeclaration } from './catalogue.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { CLIENT_FRAMES, PROTOCOL_VERSION, SERVER_FRAMES } from './protocol.ts';
import { APP_NAMES, isHeard, sayings } from './speech.ts';

type Json = Record<string, unknown>;

const EVENT_LIST = Object.entries<EventDeclaration>(EVENTS).filter(([, { built }]) => built);
const COMMAND_LIST = (Object.entries(COMMANDS) as [string, CommandDeclaration][]).filter(([, { handle }]) => handle);

/**
 * The AsyncAPI 3 document of both doors, made from the declarations of frames, events and commands. Every event is a
 * message of its own, with the frame around its data, and so is every command, whose operation names what it is
 * answered. What is declared and not built yet is not in it.
 */
export function asyncApiDocument(): Json {
  const schemas = new Schemas();
  const messages: Record<string, Json> = {};
  const ws = new Channel('ws', messages);
  const io = new Channel('socketIo', messages);
  const heard = [...framesHeard(ws, schemas), ...eventsHeard(ws, schemas)];
  const refused = ws.add('ack.refused', 'ack', 'A command was refused, or failed.', {
    payload: schemas.of(REFUSAL, 'output'),
  });
  const said = framesSaid(ws, schemas);
  const commandOperations = commandsOf(ws, schemas, refused);
  const ioHeard = [...eventsEmitted(io, schemas), ...framesEmitted(io, schemas)];
  const ioOperations = emittedCommandsOf(io, schemas);

  return {
    asyncapi: '3.0.0',
    info: { title: 'Tandem', version: String(PROTOCOL_VERSION), description: INTRODUCTION, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      here: {
        host: 'localhost:3000',
        protocol: 'ws',
        description: 'The API’s own port (`PORT`, `PUBLIC_URL`); wss behind TLS',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: {
      ws: channel('/ws', 'The main door', 'Plain WebSocket, one JSON object a frame.', ws.keys, {
        method: 'GET',
        bindingVersion: '0.1.0',
      }),
      socketIo: channel('/socket.io/', 'The other door', SOCKET_IO, io.keys),
    },
    operations: {
      hear: operation('send', 'ws', heard, 'What Tandem sends'),
      say: operation('receive', 'ws', said, 'What a client sends beside commands'),
      hearBySocketIo: operation('send', 'socketIo', ioHeard, 'What Tandem emits'),
      ...commandOperations,
      ...ioOperations,
    },
    components: { schemas: schemas.named(), messages, securitySchemes: { token: TOKEN } },
  };
}

const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'The `access` token of POST /api/auth/login: in the frame `auth` at /ws, in `auth.token` of the handshake at /socket.io/.',
} as const;

const [, REFUSAL] = SERVER_FRAMES.ack.options;

/** One door's messages, which the document has in one list for both. */
class Channel {
  readonly keys: string[] = [];
  readonly name: string;
  readonly #messages: Record<string, Json>;

  constructor(name: string, messages: Record<string, Json>) {
    this.name = name;
    this.#messages = messages;
  }

  /** Answers the key. */
  add(key: string, title: string, summary: string, said: { payload: Json; examples?: Json[] }): string {
    const { payload, examples = [] } = said;
    const shown = examples.length > 0 ? { examples } : {};
    this.#messages[key] = { name: key, title, summary, contentType: 'application/json', payload, ...shown };
    this.keys.push(key);
    return key;
  }
}

function framesHeard(ws: Channel, schemas: Schemas): string[] {
  return Object.entries(SERVER_FRAMES)
    .filter(([type]) => type !== 'event' && type !== 'live' && type !== 'ack')
    .map(([type, schema]) => ws.add(type, type, summaryOf(schema), { payload: schemas.of(schema, 'output') }));
}

function framesSaid(ws: Channel, schemas: Schemas): string[] {
  return Object.entries(CLIENT_FRAMES)
    .filter(([type]) => type !== 'command')
    .map(([type, schema]) => ws.add(type, type, summaryOf(schema), { payload: schemas.of(schema, 'input') }));
}

function eventsHeard(ws: Channel, schemas: Schemas): string[] {
  return EVENT_LIST.filter(([, { formOf }]) => formOf === undefined).map(([name, event]) => {
    const isDurable = event.class === 'durable';
    const frame = isDurable ? SERVER_FRAMES.event : SERVER_FRAMES.live;
    const around = frame.extend({ name: z.literal(name), data: event.schema });
    const summary = `${isDurable ? 'Durable' : 'Live'}. ${event.summary}. Heard by ${event.hears}.`;
    const data = event.example;
    const example = isDurable ? { type: 'event', seq: 42, name, data, at: EXAMPLE_AT } : { type: 'live', name, data };
    return ws.add(`${event.class}.${name}`, name, summary, {
      payload: schemas.of(around, 'output'),
      examples: [{ name: 'frame', payload: example as Json }],
    });
  });
}

/** Each command at /ws, with what it is answered. */
function commandsOf(ws: Channel, schemas: Schemas, refused: string): Json {
  const operations: Json = {};
  for (const [name, command] of COMMAND_LIST) {
    const around = CLIENT_FRAMES.command.extend({ name: z.literal(name), data: command.data });
    const payload = schemas.of(around, 'input');
    takeBareValue(payload, command, schemas);
    const { data, answer } = command.example ?? {};
    const asked = [{ name: 'frame', payload: { type: 'command', id: '7', name, data } }];
    const sent = ws.add(`command.${name}`, name, `${command.summary} May be sent by: ${command.may}.`, {
      payload,
      examples: command.example ? asked : [],
    });
    const acknowledged = z
      .object({ type: z.literal('ack'), id: CLIENT_FRAMES.command.shape.id, success: z.literal(true) })
      .extend({ data: command.answer });
    const done = ws.add(`ack.${name}`, `ack of ${name}`, `${name} was done.`, {
      payload: schemas.of(acknowledged, 'output'),
      examples: [{ name: 'frame', payload: { type: 'ack', id: '7', success: true, data: answer } }],
    });
    operations[camel(name)] = operation('receive', ws.name, [sent], command.summary, [done, refused]);
  }
  return operations;
}

function eventsEmitted(io: Channel, schemas: Schemas): string[] {
  return EVENT_LIST.flatMap(([name, event]) =>
    formsOf(name, event).map(({ key, said, summary, payload, examples }) =>
      io.add(key, said, summary, { payload: payload(schemas), examples }),
    ),
  );
}

function framesEmitted(io: Channel, schemas: Schemas): string[] {
  const { error, reauth, drain } = SERVER_FRAMES;
  const withoutType = (said: string, schema: z.ZodType) => ({
    payload: tuple([{ const: said }, schemas.of(schema, 'output')]),
  });
  return [
    io.add(
      'io.error',
      'error',
      'A command without an acknowledgement was refused, or the connection is about to be ended.',
      withoutType('error', error.omit({ type: true }).extend({ command: z.string().optional() })),
    ),
    io.add(
      'io.reauth',
      'reauth',
      'The token ends soon: send `auth` with `{ token }`, or be closed then.',
      withoutType('reauth', reauth.omit({ type: true })),
    ),
    io.add(
      'io.drain',
      'drain',
      'This process stops; the client comes back by itself, resuming.',
      withoutType('drain', drain.omit({ type: true })),
    ),
  ];
}

/** Each command at /socket.io/, with its acknowledgement. */
function emittedCommandsOf(io: Channel, schemas: Schemas): Json {
  const { type: _, id: __, ...refusedShape } = REFUSAL.shape;
  const refused = io.add('io.ack.refused', 'acknowledgement', 'A command was refused, or failed.', {
    payload: tuple([schemas.of(z.object(refusedShape), 'output')]),
  });
  const operations: Json = {};
  for (const [name, command] of COMMAND_LIST) {
    const where = NAMESPACES.filter((namespace) => isHeard(command, namespace))
      .map((each) => `\`${each}\``)
      .join(', ');
    const asked = [{ name: 'object', payload: [name, command.example?.data] }] as unknown as Json[];
    const sent = io.add(`io.command.${name}`, name, `${command.summary} In ${where}.`, {
      payload: emittedCommand(name, command, schemas),
      examples: command.example ? asked : [],
    });
    const answered = z.object({ success: z.literal(true), data: command.answer });
    const done = io.add(`io.ack.${name}`, `acknowledgement of ${name}`, `${name} was done.`, {
      payload: tuple([schemas.of(answered, 'output')]),
    });
    operations[`${camel(name)}BySocketIo`] = operation('receive', io.name, [sent], command.summary, [done, refused]);
  }
  return operations;
}

/** With one object, or with its fields by their place. */
function emittedCommand(name: string, { data, args }: CommandDeclaration, schemas: Schemas): Json {
  const withObject = tuple([{ const: name }, schemas.of(data, 'input')]);
  if (args.length === 0) return withObject;
  const byPlace = args.map((field) => schemas.of((data as z.ZodObject).shape[field] as z.ZodType, 'input'));
  return { anyOf: [withObject, tuple([{ const: name }, ...byPlace])] };
}

const EXAMPLE_AT = '2026-11-28T12:00:00.000Z';

interface Form {
  readonly key: string;
  readonly said: string;
  readonly summary: string;
  readonly examples: Json[];
  payload(schemas: Schemas): Json;
}

/** As an event is said at /socket.io/: in its own form, and in those of frontends that say which they are. */
function formsOf(name: string, event: EventDeclaration): Form[] {
  const { schema, args, asNotification, summary, example } = event;
  const shape = (schema as z.ZodObject).shape ?? {};
  const said = asNotification ? 'notification' : name;
  const values = args ? args.map((field) => shape[field] as z.ZodType) : [schema];
  const exampleSaid = args ? args.map((field) => (example as Json | undefined)?.[field]) : [example];
  const own: Form = {
    key: `io.${name}`,
    said,
    summary: `${event.class === 'durable' ? 'Durable' : 'Live'}. ${summary}. Heard by ${event.hears}.`,
    examples: [{ name: 'own', payload: [said, ...exampleSaid] as unknown as Json }],
    payload: (schemas) => tuple([{ const: said }, ...values.map((value) => schemas.of(value, 'output'))]),
  };
  const others = SOURCES.filter((source) => event.spoken?.[source]).flatMap((source): Form[] => {
    const speech = { app: source, heardFrom: new Set<never>(), namespace: '/' } as const;
    const [form] = sayings(speech, name, example, { userId: EXAMPLE_USER, isIn: () => true });
    if (form === undefined) return [];
    const payload = () => ({ type: 'array', items: [{ const: form[0] }], additionalItems: true });
    const examples = [{ name: source, payload: form as unknown as Json }];
    return [
      { key: `io.${name}.${source}`, said: form[0], summary: `${name} to a frontend of ${source}.`, examples, payload },
    ];
  });
  return [own, ...others];
}

const EXAMPLE_USER = '0190a000-0000-7000-8000-00000000000b';

const tuple = (items: Json[]): Json => ({ type: 'array', items, minItems: items.length });

function channel(address: string, title: string, description: string, keys: readonly string[], binding?: Json): Json {
  return {
    ...{ address, title, description },
    messages: Object.fromEntries(keys.map((key) => [key, { $ref: `#/components/messages/${escaped(key)}` }])),
    ...(binding && { bindings: { ws: binding } }),
  };
}

function operation(
  action: 'send' | 'receive',
  at: string,
  keys: readonly string[],
  summary: string,
  reply?: readonly string[],
): Json {
  const messagesAt = (all: readonly string[]) =>
    all.map((key) => ({ $ref: `#/channels/${at}/messages/${escaped(key)}` }));
  const ofChannel = { $ref: `#/channels/${at}` };
  return {
    action,
    channel: ofChannel,
    summary,
    messages: messagesAt(keys),
    ...(action === 'receive' && { security: [{ $ref: '#/components/securitySchemes/token' }] }),
    ...(reply && { reply: { channel: ofChannel, messages: messagesAt(reply) } }),
  };
}

/** Where a command takes one value, it may be sent alone in place of the object. */
function takeBareValue(payload: Json, command: CommandDeclaration, schemas: Schemas): void {
  const [field, ...more] = command.args;
  if (field === undefined || more.length > 0) return;
  const properties = payload.properties as Json;
  const value = (command.data as z.ZodObject).shape[field] as z.ZodType;
  properties.data = {
    description: `The value alone, or { ${field} }`,
    anyOf: [schemas.of(value, 'input'), properties.data],
  };
}

const INTRODUCTION = `One JSON object a frame at \`/ws\`, told apart by \`type\`. After \`hello\` a client sends \`auth\`; after
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

const SOCKET_IO = `Socket.IO 4, over WebSocket or long polling, for the frontends there are. The access token goes into
\`auth.token\`; \`auth.app\` (${APP_NAMES.join(', ')}) says whose frontend it is, and with it which form of a name that
two of them have. Events end in a string more, the offset that Socket.IO's client resumes with by itself, on any
process. Commands take an object or its fields as arguments, and an acknowledgement where one is wanted.`;

function summaryOf(schema: z.ZodType): string {
  return schema.description ?? '';
}

/** `send_message` is `sendMessage`. */
function camel(name: string): string {
  return name.replace(/[_:](.)/g, (_, letter: string) => letter.toUpperCase());
}

function pascal(name: string): string {
  const words = camel(name);
  return (words[0] ?? '').toUpperCase() + words.slice(1);
}

/** Schemas as JSON Schema: those that have a name stand once, and are referred to. */
class Schemas {
  readonly #ids = new Map<z.core.$ZodType, string>([
    ...[...EVENT_LIST].map(([name, { schema }]) => [schema, `${pascal(name)}Event`] as const),
    ...COMMAND_LIST.map(([name, { data }]) => [data, `${pascal(name)}Data`] as const),
    ...([
      [messageView, 'Message'],
      [conversationStanding, 'ConversationStanding'],
      [conversationContext, 'ConversationContext'],
      [flowUpdate, 'FlowUpdate'],
    ] as const),
  ]);
  readonly #named = new Map<string, Json>();
  // What has an id by `.meta({ id })` keeps it; the catalogue's names would be components of OpenAPI too, were they there.
  readonly #registry = {
    get: (schema: z.core.$ZodType) => {
      const id = this.#ids.get(schema);
      const meta = z.globalRegistry.get(schema as z.ZodType);
      return id === undefined ? meta : { id, ...meta };
    },
    has: (schema: z.core.$ZodType) => this.#ids.has(schema) || z.globalRegistry.has(schema as z.ZodType),
  };

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const metadata = this.#registry as unknown as z.core.$ZodRegistry<Record<string, unknown>>;
    const json = z.toJSONSchema(schema, { target: 'draft-07', io, metadata }) as Json;
    // What a client is sent may grow: it has to pass over fields it does not know.
    if (io === 'output') allowMore(json);
    const { $schema: _, definitions = {}, ...rest } = pointed(json) as Json;
    for (const [id, definition] of Object.entries(definitions as Record<string, Json>)) this.#name(id, definition);
    const { id } = this.#registry.get(schema) ?? {};
    if (typeof id !== 'string') return rest;
    if (!('$ref' in rest)) this.#name(id, rest);
    return { $ref: `#/components/schemas/${id}` };
  }

  #name(id: string, { id: _, $id: __, ...schema }: Json): void {
    this.#named.set(id, schema);
  }

  named(): Json {
    return Object.fromEntries([...this.#named].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

/** References into the schema itself, as references to the components. */
function pointed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(pointed);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      key === '$ref' && typeof value === 'string'
        ? [key, value.replace('#/definitions/', '#/components/schemas/')]
        : [key, pointed(value)],
    ),
  );
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
