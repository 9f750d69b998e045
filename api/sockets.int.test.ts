import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createTestDatabase } from '#local/testStack.ts';
import type { Realtime } from '#realtime/realtime.ts';
import { attachSockets } from './sockets.ts';
import { startTestApp, type TestApp } from './testing/app.ts';

let api: TestApp;
let realtime: Realtime;
let socket: WebSocket;
let receiverId: string;

type Frame = { type: string; id?: number; success?: boolean; error_code?: string; details?: unknown };
const frames: Frame[] = [];

function frame(fits: (frame: Frame) => boolean): Promise<Frame> {
  return vi.waitFor(() => {
    const found = frames.find(fits);
    if (!found) throw new Error(`none among ${JSON.stringify(frames)}`);
    return found;
  }, 10_000);
}

beforeAll(async () => {
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  const [asha, ravi] = await Promise.all(
    ['asha', 'ravi'].map(async (handle) => {
      const payload = { handle, password: 'secret123', roles: ['influencer'] };
      return (await api.app.inject({ method: 'POST', url: '/api/auth/register', payload })).json().data;
    }),
  );
  receiverId = ravi.user.id;
  realtime = attachSockets(api.app, api.deps);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  socket = new WebSocket(`${api.app.listeningOrigin.replace('http', 'ws')}/ws`);
  socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
  await frame(({ type }) => type === 'hello');
  socket.send(JSON.stringify({ type: 'auth', token: asha.access }));
  await frame(({ type }) => type === 'ready');
});
afterAll(async () => {
  await realtime?.close();
  await api?.close();
});

let last = 0;
async function sendMessage(data: object, more: object = {}): Promise<Frame> {
  return command('send_message', { receiverId, message: 'Hello', ...data }, more);
}

async function command(name: string, data: object, more: object): Promise<Frame> {
  const id = ++last;
  socket.send(JSON.stringify({ type: 'command', id, name, data, ...more }));
  return frame((each) => each.type === 'ack' && each.id === id);
}

test.each(['a\0b', 'a\ud800b', '\udc00'])(
  'a command with the text %j is the client’s mistake, not ours',
  async (odd) => {
    const answers = [
      ['message', await sendMessage({ message: odd })],
      ['mediaUrl', await sendMessage({ mediaUrl: `https://media.example/${odd}` })],
      ['idempotency_key', await sendMessage({}, { idempotency_key: odd })],
      ['idempotency_key', await command('gift:send', { code: 'HEART' }, { idempotency_key: odd })],
      ['message', await command('gift:send', { code: 'HEART', message: odd }, {})],
      ['text', await command('chat:message', { streamId: receiverId, text: odd }, {})],
    ] as const;
    for (const [field, answer] of answers) {
      expect(answer, field).toMatchObject({ error_code: 'VALIDATION_FAILED', details: { fields: [{ field }] } });
    }
    expect((await sendMessage({ message: '🦄', mediaUrl: 'https://media.example/🦄' })).success).toBe(true);
  },
);
