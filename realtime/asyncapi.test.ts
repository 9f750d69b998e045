import { readdirSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import type { CommandDeclaration } from './catalogue/declaration.ts';
import { CATALOGUE, COMMANDS, DOMAINS, EVENTS, type EventDeclaration, SERVICE_ROUTES } from './catalogue.ts';
import { CLOSE_CODES, comeBack } from './closeCodes.ts';
import { CLIENT_FRAMES, SERVER_FRAMES } from './protocol.ts';
import { faultOf } from './testing/documented.ts';

// As a reader of the file has it.
const document = JSON.parse(JSON.stringify(asyncApiDocument()));

function resolve(reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
}

function referencesIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  );
}

test('every reference in the document leads somewhere', () => {
  const references = referencesIn(document);
  expect(references.length).toBeGreaterThan(60);
  for (const reference of references) expect(resolve(reference), reference).toBeDefined();
});

type Message = { title: string; payload: unknown; examples?: { payload: unknown }[] };
const messagesOf = (operation: string): Message[] =>
  document.operations[operation].messages.map(({ $ref }: { $ref: string }) =>
    resolve((resolve($ref) as { $ref: string }).$ref),
  );
const titles = (operation: string) => messagesOf(operation).map(({ title }) => title);

test('AsyncAPI’s own parser finds nothing wrong with the document', async () => {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  // Severities of the parser: 0 is an error, 1 a warning.
  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
  // It takes 5 s alone, and 30 beside others.
}, 120_000);

test('every frame, event and command is in the document, on its side', () => {
  const heard = Object.keys(SERVER_FRAMES).filter((type) => !['event', 'live', 'ack'].includes(type));
  expect(titles('hear').sort()).toEqual([...heard, ...Object.keys(CATALOGUE)].sort());
  const said = Object.keys(CLIENT_FRAMES).filter((type) => type !== 'command');
  expect(titles('say').sort()).toEqual(said.sort());
  for (const [name, { handle }] of Object.entries(COMMANDS as Record<string, CommandDeclaration>)) {
    const messages = Object.keys(document.components.messages);
    expect(messages.includes(`command.${name}`), name).toBe(handle !== null);
    expect(messages.includes(`io.command.${name}`), name).toBe(handle !== null);
  }
});

test('a command is an operation that names what it is answered, and wants a token', () => {
  const operation = document.operations.sendMessage;
  expect(operation.action).toBe('receive');
  expect(operation.reply.messages.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1))).toEqual([
    'ack.send_message',
    'ack.refused',
  ]);
  expect(resolve(operation.security[0].$ref)).toMatchObject({ type: 'http', scheme: 'bearer' });
});

test('what is declared and not built yet appears nowhere in the document', () => {
  const text = JSON.stringify(document);
  const names = [
    ...Object.entries<EventDeclaration>(EVENTS).filter(([, { built }]) => !built),
    ...Object.entries(COMMANDS as Record<string, CommandDeclaration>).filter(([, { handle }]) => handle === null),
  ].map(([name]) => name);
  // As a message, its title, or the name in a frame; kinds of notifications have some of these names too.
  const appears = (name: string) =>
    [`.${name}"`, `"title":"${name}"`, `"const":"${name}"`].some((form) => text.includes(form));
  expect(names.filter(appears)).toEqual([]);
  // What is built is found so, every one.
  expect(Object.keys(CATALOGUE).filter((name) => !appears(name))).toEqual([]);
});

test('every example is of the form that it is an example of', () => {
  let examples = 0;
  for (const [key, { payload, examples: shown = [] }] of Object.entries<Message>(document.components.messages)) {
    for (const example of shown) {
      examples++;
      expect(faultOf(payload, example.payload), key).toBeNull();
    }
  }
  expect(examples).toBeGreaterThan(40);
});

test('every event and command has an example, and names who hears or sends it', () => {
  for (const [name, event] of Object.entries<EventDeclaration>(EVENTS)) {
    expect(event.summary && event.hears, name).toBeTruthy();
    if (event.built) expect(event.schema.safeParse(event.example).success, name).toBe(true);
  }
  for (const [name, command] of Object.entries(COMMANDS as Record<string, CommandDeclaration>)) {
    expect(command.summary && command.may, name).toBeTruthy();
    if (command.handle) expect(command.data.safeParse(command.example?.data).success, name).toBe(true);
    for (const field of command.args) expect(Object.keys((command.data as never as Shaped).shape)).toContain(field);
  }
});
type Shaped = { shape: object };

test('a file of the catalogue is in the catalogue', () => {
  const files = readdirSync(new URL('./catalogue/', import.meta.url)).filter((file) => file !== 'declaration.ts');
  expect(DOMAINS.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
});

test('the events of other services go by their exchange, key and queues', () => {
  expect(SERVICE_ROUTES.profile_boost).toEqual({
    exchange: 'credit_events',
    routingKey: 'boost.event',
    queues: ['user_credit_queue'],
  });
  expect(SERVICE_ROUTES.credit_spent).toMatchObject({ routingKey: 'credit.event' });
  const queues = new Set(Object.values(SERVICE_ROUTES).flatMap((route) => route.queues));
  expect([...queues].sort()).toEqual(['clan_credit_queue', 'gig_credit_queue', 'user_credit_queue']);
});

test('what a client may send is closed, what it may be sent is open', () => {
  const { messages, schemas } = document.components;
  expect(messages['command.mark_seen'].payload.additionalProperties).toBe(false);
  expect(schemas.MarkSeenData.additionalProperties).toBe(false);
  expect(JSON.stringify(messages['durable.new_message'])).not.toContain('"additionalProperties":false');
  expect(JSON.stringify(schemas.NewMessageEvent)).not.toContain('"additionalProperties":false');
});

test('a schema stands once and is referred to by its name', () => {
  const { properties } = document.components.messages['durable.new_message'].payload;
  expect(properties.data).toEqual({ $ref: '#/components/schemas/NewMessageEvent' });
  expect(document.components.schemas.NewMessageEvent.properties.message).toEqual({
    $ref: '#/components/schemas/Message',
  });
});

test('a bare id is documented where it is taken', () => {
  const { data } = document.components.messages['command.join_conversation'].payload.properties;
  expect(data.anyOf).toEqual([
    expect.objectContaining({ type: 'string', format: 'uuid' }),
    { $ref: '#/components/schemas/JoinConversationData' },
  ]);
});

test('a close code says by its hundreds whether to come back', () => {
  const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, meaning } of Object.values(CLOSE_CODES)) expect(comeBack(code)).toBe(/come back/.test(meaning));
  expect(comeBack(1009)).toBe(false);
  for (const code of [1000, 1001, 1005, 1006, 1011, 1012]) expect(comeBack(code)).toBe(true);
});
