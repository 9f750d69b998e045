import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { CATALOGUE } from './catalogue.ts';
import { CLOSE_CODES, comeBack } from './closeCodes.ts';
import { COMMANDS } from './commands.ts';
import { CLIENT_FRAMES, SERVER_FRAMES } from './protocol.ts';

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

test('every frame, event and command is in the document, on its side', () => {
  const titles = (operation: string) =>
    document.operations[operation].messages.map(
      ({ $ref }: { $ref: string }) => (resolve((resolve($ref) as { $ref: string }).$ref) as { title: string }).title,
    );
  const heard = [...Object.keys(SERVER_FRAMES).filter((type) => type !== 'event' && type !== 'live')];
  expect(titles('hear')).toEqual(expect.arrayContaining([...heard, ...Object.keys(CATALOGUE)]));
  const said = Object.keys(CLIENT_FRAMES).filter((type) => type !== 'command');
  expect(titles('say').sort()).toEqual([...said, ...Object.keys(COMMANDS)].sort());
});

test('what a client may send is closed, what it may be sent is open', () => {
  const { messages } = document.components;
  expect(messages['command.mark_seen'].payload.additionalProperties).toBe(false);
  expect(messages['command.mark_seen'].payload.properties.data.additionalProperties).toBe(false);
  expect(JSON.stringify(messages['durable.new_message'])).not.toContain('"additionalProperties":false');
});

test('a bare id is documented where it is taken', () => {
  const { data } = document.components.messages['command.join_conversation'].payload.properties;
  expect(data.anyOf).toEqual([
    { type: 'string', format: 'uuid' },
    expect.objectContaining({ required: ['conversationId'], additionalProperties: false }),
  ]);
});

test('a close code says by its hundreds whether to come back', () => {
  const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { code, meaning } of Object.values(CLOSE_CODES)) expect(comeBack(code)).toBe(/come back/.test(meaning));
  expect(comeBack(1009)).toBe(false);
  for (const code of [1000, 1001, 1005, 1006, 1011, 1012]) expect(comeBack(code)).toBe(true);
});
