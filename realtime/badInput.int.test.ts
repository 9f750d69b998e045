import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openPlace, type Place, type Process, until } from './testing/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

/** A WebSocket without manners at either door, signed in; it keeps what it is sent and why it was closed. */
async function rude(process: Process, door: 'ws' | 'socket.io', userId: string) {
  const path = door === 'ws' ? '/ws' : '/socket.io/?EIO=4&transport=websocket';
  const socket = new WebSocket(process.url.replace('/ws', path), { perMessageDeflate: false });
  const texts: string[] = [];
  let closed: number | null = null;
  socket.on('message', (data) => texts.push(data.toString()));
  socket.on('close', (code) => {
    closed = code;
  });
  socket.on('error', () => {});
  const has = (part: string, times = 1) =>
    until(
      () => texts.filter((text) => text.includes(part)).length >= times,
      `${times} × ${part} in ${texts.slice(0, 9)}`,
    );
  await until(() => texts.length > 0, 'it is greeted');
  const token = await place.token(userId);
  socket.send(door === 'ws' ? JSON.stringify({ type: 'auth', token }) : `40${JSON.stringify({ token })}`);
  await has(door === 'ws' ? '"ready"' : '"pid"');
  return {
    socket,
    texts,
    has,
    closed: async () => {
      await until(() => closed !== null, 'it is closed');
      return closed as unknown as number;
    },
  };
}

const command = (door: 'ws' | 'socket.io', id: number, name: string, data: unknown) =>
  door === 'ws' ? JSON.stringify({ type: 'command', id, name, data }) : `42${id}${JSON.stringify([name, data])}`;

const DOORS = ['ws', 'socket.io'] as const;

test.each(DOORS)('at %s a frame of more than 16 KiB closes, and harms nobody else', async (door) => {
  const process = await place.process();
  const asha = await place.user();
  const good = await place.client(process, asha);
  const { socket, closed } = await rude(process, door, asha);
  socket.send(command(door, 1, 'join', 'x'.repeat(17_000)));
  expect(await closed()).toBe(1009);
  expect(await good.command('join', asha)).toMatchObject({ success: true });
});

test.each(DOORS)('at %s a fragmented frame is read as one, and one that grows past 16 KiB closes', async (door) => {
  const process = await place.process();
  const asha = await place.user();
  const { socket, has, closed } = await rude(process, door, asha);
  const text = command(door, 7, 'join', asha);
  for (let at = 0; at < text.length; at += 10) socket.send(text.slice(at, at + 10), { fin: at + 10 >= text.length });
  await has('"success":true');
  for (let n = 0; n < 5; n++) socket.send('x'.repeat(4_000), { fin: false });
  expect(await closed()).toBe(1009);
});

test.each(DOORS)('at %s too many frames close for good', async (door) => {
  const process = await place.process({ limits: { framesPerMinute: 50, commandsPerMinute: 10 } });
  const asha = await place.user();
  const { socket, has, closed } = await rude(process, door, asha);
  for (let n = 0; n < 70; n++) socket.send(command(door, n, 'join', asha));
  await closed();
  await has('RATE_LIMITED');
  const text = await process.metrics.metrics();
  expect(text).toContain('tandem_socket_closes_total{reason="protocol_error"} 1');
});

test('at /ws what is not JSON, or binary, is refused with a sentence, each once, and the connection goes on', async () => {
  const process = await place.process();
  const asha = await place.user();
  const { socket, texts, has } = await rude(process, 'ws', asha);
  socket.send('{"type":');
  socket.send(Buffer.from([0, 1, 2]), { binary: true });
  socket.send('[]');
  socket.send(command('ws', 1, 'join', asha));
  await has('"success":true');
  expect(texts.filter((text) => text.includes('"type":"error"'))).toHaveLength(3);
});

test.each([
  ['is not JSON', '42["join",'],
  ['is of no event', '42{}'],
  ['is of no packet', '49'],
  ['is of no namespace that was entered', '42/chat,["join","x"]'],
  ['is binary where none was announced', Buffer.from([4, 1, 2])],
  ['announces more than there may be', '451000-["join"]'],
])('at /socket.io/ a packet that %s closes the connection, and it alone', async (_, packet) => {
  const process = await place.process();
  const asha = await place.user();
  const good = await place.frontend(process, asha);
  const { socket, closed } = await rude(process, 'socket.io', asha);
  socket.send(packet);
  await closed();
  expect(await good.asks('join', asha)).toMatchObject({ success: true });
  expect(process.complaints).toEqual([]);
});

/** Bytes of a client’s frame: masked with nothing, as a mask of zeros leaves all as it is. */
const bytes = (...some: (number | number[])[]) => Buffer.from(some.flat());
const NO_MASK = [0, 0, 0, 0];

test.each([
  ['a text that is not UTF-8', bytes(0x81, 0x82, NO_MASK, 0xff, 0xfe)],
  ['a frame that is not masked', bytes(0x81, 0x02, 0x68, 0x69)],
  ['a frame with reserved bits', bytes(0xf1, 0x80, NO_MASK)],
  ['a frame of no kind', bytes(0x83, 0x80, NO_MASK)],
  ['a frame that goes on with nothing', bytes(0x80, 0x80, NO_MASK)],
  ['a ping that is too long', bytes(0x89, 0xfe, 0, 126, NO_MASK, Array(126).fill(0))],
  ['a ping in pieces', bytes(0x09, 0x80, NO_MASK)],
  ['a frame that says it is endless', bytes(0x82, 0xff, 0x7f, Array(7).fill(0xff), NO_MASK)],
])('at both doors %s closes the connection, and it alone', async (_, frame) => {
  const process = await place.process();
  const asha = await place.user();
  const good = [await place.client(process, asha), await place.frontend(process, asha)] as const;
  for (const door of DOORS) {
    const { socket, closed } = await rude(process, door, asha);
    (socket as unknown as { _socket: Socket })._socket.write(frame);
    expect(await closed(), door).toBeGreaterThan(1000);
  }
  expect(await good[0].command('join', asha)).toMatchObject({ success: true });
  expect(await good[1].asks('join', asha)).toMatchObject({ success: true });
  expect([good[0].closes, good[1].ends]).toEqual([[], []]);
  expect(process.complaints).toEqual([]);
});

test('at /socket.io/ names of the library’s own and binary values are refused as any other', async () => {
  const process = await place.process();
  const asha = await place.user();
  const page = await place.frontend(process, asha);
  for (const name of ['error', 'toString', '__proto__', 'constructor', '', 'x'.repeat(300)]) {
    expect(await page.asks(name, {}), name).toMatchObject({ success: false, error_code: 'VALIDATION_FAILED' });
  }
  expect(await page.asks('join_conversation', Buffer.from('x'))).toMatchObject({ error_code: 'VALIDATION_FAILED' });
  expect(await page.asks('send_message', { receiverId: asha, message: Buffer.from('x') })).toMatchObject({
    error_code: 'VALIDATION_FAILED',
  });
  expect(await page.asks('join', asha)).toMatchObject({ success: true });
});

test.each([-1, 1.5, '3', null, 2 ** 60])(
  'at /ws resuming after %j is one clear failure, and the connection may go on',
  async (resume) => {
    const process = await place.process();
    const asha = await place.user();
    const socket = new WebSocket(process.url);
    const texts: string[] = [];
    socket.on('message', (data) => texts.push(data.toString()));
    await until(() => texts.length === 1, 'it is greeted');
    const token = await place.token(asha);
    socket.send(JSON.stringify({ type: 'auth', token, resume }));
    await until(() => texts.length === 2, 'it is refused');
    expect(JSON.parse(texts[1] as string)).toMatchObject({
      ...{ type: 'error', error_code: 'VALIDATION_FAILED', details: { fields: [{ field: 'resume' }] } },
    });
    socket.send(JSON.stringify({ type: 'auth', token }));
    await until(() => texts.some((text) => text.includes('"ready"')), 'it signs in');
    socket.close();
  },
);

test('who never signs in is closed, however many they are, and they keep nobody out', async () => {
  const process = await place.process({ limits: { authWithinMs: 300, tickMs: 20 } });
  const asha = await place.user();
  const sockets = Array.from({ length: 300 }, (_, n) => {
    const path = n % 2 === 0 ? '/ws' : '/socket.io/?EIO=4&transport=websocket';
    return new WebSocket(process.url.replace('/ws', path));
  });
  let closed = 0;
  for (const socket of sockets) socket.on('error', () => {}).on('close', () => closed++);
  const client = await place.client(process, asha);
  await until(() => closed === 300, 'all are closed');
  expect(await client.command('join', asha)).toMatchObject({ success: true });
  const text = await process.metrics.metrics();
  expect(text).toMatch(/tandem_socket_connections\{door="ws"\} 1$/m);
  expect(text).toMatch(/tandem_socket_connections\{door="socket.io"\} 0$/m);
});

test.each(DOORS)('at %s a line that is half open is closed: it neither reads nor answers', async (door) => {
  const process = await place.process({ limits: { heartbeatMs: 500, tickMs: 20 } });
  const asha = await place.user();
  const { socket } = await rude(process, door, asha);
  (socket as unknown as { _socket: Socket })._socket.pause();
  await until(
    async () => new RegExp(`tandem_socket_connections\\{door="${door}"\\} 0`).test(await process.metrics.metrics()),
    'it is closed',
    15_000,
  );
  const client = await place.client(process, asha);
  expect(await client.command('join', asha)).toMatchObject({ success: true });
});

test('at /socket.io/ a page that polls no more is closed', async () => {
  const process = await place.process({ limits: { heartbeatMs: 500, tickMs: 20 } });
  const connections = async () =>
    Number(/tandem_socket_connections\{door="socket.io"\} (\d+)/.exec(await process.metrics.metrics())?.[1]);
  const url = `${process.url.replace('ws:', 'http:').replace('/ws', '')}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(url)).text()).slice(1));
  const token = await place.token(await place.user());
  await fetch(`${url}&sid=${sid}`, { method: 'POST', body: `40${JSON.stringify({ token })}` });
  expect(await (await fetch(`${url}&sid=${sid}`)).text()).toContain('"pid"');
  expect(await connections()).toBe(1);
  await until(async () => (await connections()) === 0, 'it is closed', 15_000);
  expect((await fetch(`${url}&sid=${sid}`)).status).toBe(400);
});

test('a handshake that never ends holds nothing up', async () => {
  const process = await place.process();
  const { port } = new URL(process.url);
  const lines = Array.from({ length: 20 }, () => {
    const line = connect(Number(port), '127.0.0.1');
    line.on('error', () => {});
    line.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n');
    return line;
  });
  const client = await place.client(process, await place.user());
  expect(client.ready).not.toBeNull();
  for (const line of lines) line.destroy();
});

test.each([
  ['a version that is not spoken', { 'sec-websocket-version': '7' }],
  ['a key that is none', { 'sec-websocket-key': 'short' }],
])('at /ws a handshake with %s is answered and let go', async (_, odd) => {
  const process = await place.process();
  const { port } = new URL(process.url);
  const line = connect(Number(port), '127.0.0.1');
  const headers = { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...odd };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  line.write(
    `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  let said = '';
  line.on('data', (data) => {
    said += data.toString();
  });
  await new Promise((resolve) => line.on('close', resolve));
  expect(said).toMatch(/^HTTP\/1\.1 4\d\d/);
  expect((await place.client(process, await place.user())).ready).not.toBeNull();
});
