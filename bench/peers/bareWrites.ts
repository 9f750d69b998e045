import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { jwtVerify } from 'jose';
import { serve } from '../realtime/serving.ts';

/**
 * What nobody on Node can go below: the frame made once and `socket.write` of it to each, with no library, no check and
 * nothing kept. It reads what the bench's own clients send, in one piece and masked with zeros, and no other's.
 */

const secret = Buffer.from(process.env.SECRET ?? '');
const rooms = new Map<string, Set<Duplex>>();
const server = createServer();
server.on('upgrade', ({ headers }, socket) => {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`);
  socket.on('error', () => {});
  socket.once('data', async (frame: Buffer) => {
    const head = (frame[1] as number) === 0xfe ? 8 : 6;
    const { token, room } = JSON.parse(frame.toString('utf8', head)) as { token: string; room: string | null };
    await jwtVerify(token, secret, { requiredClaims: ['sub', 'exp'] });
    if (room !== null) {
      const members = rooms.get(room) ?? new Set();
      rooms.set(room, members.add(socket));
      socket.on('close', () => members.delete(socket));
    }
    socket.write(framed('{"ready":true}'));
    // Or a close is never noticed.
    socket.resume();
  });
});
server.listen(0, '127.0.0.1', () =>
  serve((server.address() as AddressInfo).port, {
    publish(room, data) {
      const frame = framed(JSON.stringify({ name: 'user_typing', data }));
      for (const socket of rooms.get(room) ?? []) socket.write(frame);
    },
  }),
);

/** Of less than 64 KiB. */
function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const size = body.length;
  const head = size < 126 ? [0x81, size] : [0x81, 126, size >> 8, size & 255];
  return Buffer.concat([Buffer.from(head), body]);
}
