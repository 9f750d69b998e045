import { expect, test } from 'vitest';
import { Failure } from '#workflows/failures.ts';
import { findCommand, notBuilt, readCommand } from './commands.ts';
import { commandIdOf, readClientFrame } from './protocol.ts';

function refusal(work: () => unknown): { code: string; message: string; details: unknown } {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return { code: error.code, message: error.message, details: error.details };
  }
  throw new Error('it was not refused');
}
const fieldsOf = (frame: unknown) =>
  refusal(() => readClientFrame(typeof frame === 'string' ? frame : JSON.stringify(frame))).details;

test('frames of the protocol are read', () => {
  expect(readClientFrame('{"type":"auth","token":"t","resume":7}')).toEqual({ type: 'auth', token: 't', resume: 7 });
  expect(readClientFrame('{"type":"pong"}')).toEqual({ type: 'pong' });
  expect(readClientFrame('{"type":"command","id":"1","name":"join","data":"x"}')).toMatchObject({ id: '1', data: 'x' });
});

test('an unknown field is refused by its name', () => {
  expect(fieldsOf({ type: 'auth', token: 't', resumes: 7 })).toEqual({
    fields: [{ field: 'resumes', problem: 'is not a known field' }],
  });
});

test('a missing or wrong field is refused by its name', () => {
  expect(fieldsOf({ type: 'auth' })).toEqual({ fields: [{ field: 'token', problem: 'is required' }] });
  for (const resume of [-1, 1.5, '7', 2 ** 60]) {
    expect(fieldsOf({ type: 'auth', token: 't', resume })).toMatchObject({ fields: [{ field: 'resume' }] });
  }
  expect(fieldsOf({ type: 'subscribe' })).toMatchObject({ fields: [{ field: 'type' }] });
});

test.each(['', 'hello', '[1', 'null', '3', '[]', '"auth"', '{}', '{"type":"__proto__"}'])('%j is no frame', (text) => {
  expect(refusal(() => readClientFrame(text)).code).toBe('VALIDATION_FAILED');
});

test('a refused command is answered under its id where that can be read', () => {
  expect(commandIdOf('{"type":"command","id":"a","name":"join","data":1,"more":2}')).toBe('a');
  expect(commandIdOf('{"type":"command","id":4}')).toBe(4);
  for (const text of ['{"type":"command","id":{}}', '{"type":"auth","id":"a"}', 'null', '{']) {
    expect(commandIdOf(text)).toBeNull();
  }
});

const ID = '0190a000-0000-7000-8000-00000000000a';

test('a room’s id is taken alone or in an object, in either case of letters', () => {
  for (const data of [ID, ID.toUpperCase(), { conversationId: ID }]) {
    expect(readCommand(findCommand('join_conversation'), { data })).toEqual({ conversationId: ID });
  }
});

test('over /socket.io/ fields are taken by their place, or as one object', () => {
  for (const args of [[ID, 'Hello'], [{ roomId: ID, message: 'Hello' }]]) {
    expect(readCommand(findCommand('send_message'), { args })).toEqual({ roomId: ID, message: 'Hello' });
  }
  for (const args of [[ID], [{ roomId: ID }]]) {
    expect(readCommand(findCommand('join_room'), { args })).toEqual({ roomId: ID });
  }
  expect(refusal(() => readCommand(findCommand('join_room'), { args: [ID, ID] })).code).toBe('VALIDATION_FAILED');
  expect(refusal(() => readCommand(findCommand('join_room'), { args: [] })).details).toMatchObject({
    fields: [{ field: 'roomId' }],
  });
});

test('a command whose domain is not there yet is refused as such, and one of nobody as none', () => {
  const early = () => {
    throw notBuilt('command', 'fly_away');
  };
  expect(refusal(early)).toEqual({
    code: 'NOT_FOUND',
    message: 'The command fly_away is not served here yet.',
    details: { command: 'fly_away', built: false },
  });
  for (const name of ['nothing_of_ours', 'toString', '__proto__', '']) {
    expect(refusal(() => findCommand(name)).code).toBe('VALIDATION_FAILED');
  }
});

test.each([
  ['join_conversation', 'nonsense', 'conversationId'],
  ['join_conversation', null, 'data'],
  ['join_conversation', { conversationId: ID, room: 'x' }, 'room'],
  ['send_message', { conversationId: ID, message: '  ' }, 'message'],
  ['send_message', { conversationId: ID, message: 'a\0b' }, 'message'],
  ['send_message', { conversationId: ID, message: 'x'.repeat(5001) }, 'message'],
  ['send_message', { conversationId: ID, message: 'x', mediaUrl: 'javascript:alert(1)' }, 'mediaUrl'],
  ['send_message', { conversationId: ID, message: 'x', mediaUrl: 'ftp://a/b' }, 'mediaUrl'],
  ['send_message', { conversationId: ID, message: 'a\ud800b' }, 'message'],
  ['send_message', { conversationId: ID, message: 'x', mediaUrl: 'https://a/b\0' }, 'mediaUrl'],
  ['send_message', { conversationId: ID, message: 'x', mediaUrl: 'https://a/b\udc00' }, 'mediaUrl'],
  ['user_status', { status: 'a\ud800' }, 'status'],
  ['mark_seen', { messageId: ID }, 'conversationId'],
  ['user_status', { status: 7 }, 'status'],
] as const)('%s of %j is refused for %s', (name, data, field) => {
  expect(refusal(() => readCommand(findCommand(name), { data })).details).toMatchObject({ fields: [{ field }] });
});
