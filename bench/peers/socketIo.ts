import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import express from 'express';
import { jwtVerify } from 'jose';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { Server, type Socket } from 'socket.io';
import { serve } from '../realtime/serving.ts';

/**
 * The seeds' design: Socket.IO on Express, with messages in Postgres. With REDIS_URL it has the Redis streams adapter,
 * by which its clients recover; without, they ask for what they missed.
 */

const { DATABASE_URL = '', REDIS_URL = '', SECRET = '' } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 10 });
const secret = Buffer.from(SECRET);
const app = express();
const server = createServer(app);
const io = new Server(server, {
  serveClient: false,
  perMessageDeflate: false,
  ...(REDIS_URL !== '' && { connectionStateRecovery: { maxDisconnectionDuration: 300_000, skipMiddlewares: false } }),
});
if (REDIS_URL !== '') {
  const redis = createClient({ url: REDIS_URL });
  await redis.connect();
  // What two thousand people miss has to be in it.
  io.adapter(createAdapter(redis, { maxLen: 100_000 }));
}

async function userOf(token: unknown): Promise<string> {
  const { payload } = await jwtVerify(String(token), secret, { requiredClaims: ['sub', 'exp'] });
  return payload.sub as string;
}

io.use((socket, next) => {
  userOf(socket.handshake.auth.token).then(
    (userId) => {
      socket.data.userId = userId;
      next();
    },
    () => next(new Error('Authentication failed')),
  );
});
io.on('connection', (socket: Socket) => {
  const userId = socket.data.userId as string;
  socket.join(`user_${userId}`);
  socket.on('join_campaign_room', (id: string, done?: (answer: object) => void) => {
    socket.join(`campaign_${id}`);
    done?.({ success: true });
  });
  socket.on('missed', async (after: number) => {
    const { rows } = await pool.query(
      'SELECT seq, data FROM events WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT 100',
      [userId, after],
    );
    for (const { seq, data } of rows) socket.emit('notification', { seq: Number(seq), ...data });
  });
});

app.use(express.json());
app.post('/messages', async (request, response) => {
  const sender = await userOf(String(request.headers.authorization).slice('Bearer '.length));
  const { conversation_id: conversation, message } = request.body as { conversation_id: string; message: string };
  const found = await pool.query('SELECT one, other FROM conversations WHERE id = $1 AND $2 IN (one, other)', [
    conversation,
    sender,
  ]);
  const sides = found.rows[0] as { one: string; other: string } | undefined;
  if (!sides) return void response.status(404).json({ success: false });
  const receiver = sides.one === sender ? sides.other : sides.one;
  const { rows } = await pool.query(
    'INSERT INTO messages (id, conversation_id, sender_id, receiver_id, message) VALUES ($1, $2, $3, $4, $5) RETURNING *',
    [randomUUID(), conversation, sender, receiver, message],
  );
  await pool.query('UPDATE conversations SET updated_at = now() WHERE id = $1', [conversation]);
  const event = { conversation_id: conversation, message: rows[0] };
  io.to(`user_${receiver}`).to(`user_${sender}`).emit('new_message', event);
  return void response.status(201).json({ success: true, data: { message: rows[0] } });
});

async function keep(userId: string, data: object): Promise<{ seq: number }> {
  const { rows } = await pool.query('INSERT INTO events (user_id, data) VALUES ($1, $2) RETURNING seq', [userId, data]);
  return { seq: Number(rows[0].seq) };
}

await pool.query(`
  CREATE TABLE IF NOT EXISTS conversations (id uuid PRIMARY KEY, one uuid, other uuid, updated_at timestamptz DEFAULT now());
  CREATE TABLE IF NOT EXISTS messages (id uuid PRIMARY KEY, conversation_id uuid REFERENCES conversations,
    sender_id uuid, receiver_id uuid, message text, created_at timestamptz DEFAULT now());
  CREATE INDEX IF NOT EXISTS messages_of ON messages (conversation_id, created_at);
  CREATE TABLE IF NOT EXISTS events (seq bigserial PRIMARY KEY, user_id uuid, data jsonb);
  CREATE INDEX IF NOT EXISTS events_of ON events (user_id, seq);
`);
server.listen(0, '127.0.0.1', () =>
  serve((server.address() as AddressInfo).port, {
    publish: (room, data) => io.to(`campaign_${room}`).emit('user_typing', data),
    async tell(users, many, from) {
      for (const userId of users) {
        for (let n = 0; n < many; n++) {
          const data = {
            type: 'test',
            data: { conversation_id: userId, message: String(from + n), sender_id: userId },
          };
          const kept = REDIS_URL === '' ? await keep(userId, data) : {};
          io.to(`user_${userId}`).emit('notification', { ...kept, ...data });
        }
        // What is emitted is in Redis before more is.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  }),
);
