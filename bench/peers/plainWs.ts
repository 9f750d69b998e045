import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { type WebSocket, WebSocketServer } from 'ws';
import { serve } from '../realtime/serving.ts';

/** The least that a room on WebSockets takes: `ws`, a set a room, and one text for all. */

const secret = Buffer.from(process.env.SECRET ?? '');
const rooms = new Map<string, Set<WebSocket>>();
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.once('message', async (data) => {
    const { token, room } = JSON.parse(data.toString()) as { token: string; room: string | null };
    await jwtVerify(token, secret, { requiredClaims: ['sub', 'exp'] });
    if (room !== null) {
      const members = rooms.get(room) ?? new Set();
      rooms.set(room, members.add(socket));
      socket.on('close', () => members.delete(socket));
    }
    socket.send('{"ready":true}');
  });
});
server.listen(0, '127.0.0.1', () =>
  serve((server.address() as AddressInfo).port, {
    publish(room, data) {
      const text = JSON.stringify({ name: 'user_typing', data });
      for (const socket of rooms.get(room) ?? []) socket.send(text);
    },
  }),
);
