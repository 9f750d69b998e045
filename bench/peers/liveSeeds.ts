import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { jwtVerify } from 'jose';
import { Pool } from 'pg';
import { Server, type Socket } from 'socket.io';
import { serve } from '../realtime/serving.ts';

/**
 * A live stream as the seeds have it: Express, Socket.IO and a database, and a gift is one transaction with an update of
 * each balance. Kind to it: moods are counted in memory and, as votes, told as sums, as often as Tandem tells them;
 * nobody's level, place, limit or statement is kept.
 */

const { DATABASE_URL = '', SECRET = '', COST = '', SHARE = '' } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 10 });
const secret = Buffer.from(SECRET);
const app = express();
const server = createServer(app);
const io = new Server(server, { serveClient: false, perMessageDeflate: false });
const cost = Number(COST);
const share = Number(SHARE);
const MOOD_MS = 1_000;
const TALLY_MS = 500;
const WINDOW_MS = 10_000;

await pool.query(`
  CREATE TABLE users (id uuid PRIMARY KEY, handle text NOT NULL, tokens bigint NOT NULL CHECK (tokens >= 0));
  CREATE TABLE streams (id uuid PRIMARY KEY, creator_id uuid NOT NULL REFERENCES users, status text NOT NULL);
  CREATE TABLE gifts (id uuid PRIMARY KEY, code text NOT NULL, tokens bigint NOT NULL, share bigint NOT NULL,
    from_user_id uuid NOT NULL REFERENCES users, stream_id uuid NOT NULL REFERENCES streams, message text,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX gifts_of ON gifts (stream_id, created_at);
  CREATE TABLE messages (id uuid PRIMARY KEY, stream_id uuid NOT NULL REFERENCES streams,
    user_id uuid NOT NULL REFERENCES users, text text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX messages_of ON messages (stream_id, created_at);
  CREATE TABLE votes (poll_id uuid, user_id uuid, option integer NOT NULL, PRIMARY KEY (poll_id, user_id));
`);

type Done = ((answer: object) => void) | undefined;
const moods = new Map<string, { mood: string; at: number }[]>();
const polls = new Map<string, { streamId: string; counts: Map<string, number>; changed: boolean }>();

io.use((socket, next) => {
  jwtVerify(String(socket.handshake.auth.token), secret, { requiredClaims: ['sub', 'exp'] }).then(
    ({ payload }) => {
      socket.data.userId = payload.sub;
      next();
    },
    () => next(new Error('Authentication failed')),
  );
});
io.on('connection', (socket: Socket) => {
  const userId = socket.data.userId as string;
  socket.join(`user_${userId}`);
  const on = <Data>(name: string, work: (data: Data) => Promise<object>) =>
    socket.on(name, (data: Data, done: Done) => {
      work(data).then(
        (answer) => done?.({ success: true, data: answer }),
        (error) => done?.({ success: false, message: String(error) }),
      );
    });
  on('join_stream', async ({ streamId }: { streamId: string }) => {
    socket.join(`stream_${streamId}`);
    socket.data.streamId = streamId;
    return {};
  });
  on('chat:message', ({ streamId, text }: { streamId: string; text: string }) => write(userId, streamId, text));
  on('gift:send', (gift: { code: string; streamId: string; message: string }) => give(userId, gift));
  on('mood:react', async ({ streamId, mood }: { streamId: string; mood: string }) => {
    const all = moods.get(streamId) ?? [];
    moods.set(streamId, all);
    all.push({ mood, at: performance.now() });
    return {};
  });
  on('poll:vote', ({ pollId, option }: { pollId: string; option: number }) =>
    vote(userId, socket.data.streamId as string, pollId, option),
  );
});

async function write(userId: string, streamId: string, text: string): Promise<object> {
  const stream = await pool.query('SELECT status FROM streams WHERE id = $1', [streamId]);
  if (stream.rows[0]?.status !== 'live') throw new Error('the stream is not live');
  const { rows } = await pool.query(
    `WITH written AS (INSERT INTO messages (id, stream_id, user_id, text) VALUES ($1, $2, $3, $4) RETURNING *)
      SELECT written.id, user_id AS "userId", handle, text, created_at AS at FROM written JOIN users ON users.id = user_id`,
    [randomUUID(), streamId, userId, text],
  );
  const message = { streamId, ...rows[0] };
  io.to(`stream_${streamId}`).emit('chat:message', message);
  return { message };
}

async function give(
  userId: string,
  { code, streamId, message }: { code: string; streamId: string; message: string },
): Promise<object> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const stream = await client.query('SELECT creator_id, status FROM streams WHERE id = $1', [streamId]);
    if (stream.rows[0]?.status !== 'live') throw new Error('the stream is not live');
    const creatorId = stream.rows[0].creator_id as string;
    const paid = await client.query(
      'UPDATE users SET tokens = tokens - $2 WHERE id = $1 AND tokens >= $2 RETURNING tokens, handle',
      [userId, cost],
    );
    if (paid.rowCount !== 1) throw new Error('not enough tokens');
    await client.query('UPDATE users SET tokens = tokens + $2 WHERE id = $1', [creatorId, share]);
    const { rows } = await client.query(
      `INSERT INTO gifts (id, code, tokens, share, from_user_id, stream_id, message) VALUES ($1, $2, $3, $4, $5, $6, $7)
        RETURNING id, created_at`,
      [randomUUID(), code, cost, share, userId, streamId, message],
    );
    await client.query('COMMIT');
    const gift = {
      ...{ giftId: rows[0].id, code, quantity: 1, tokens: cost, message, at: rows[0].created_at },
      ...{ fromUserId: userId, fromHandle: paid.rows[0].handle, streamId, toCreatorId: creatorId },
    };
    io.to(`stream_${streamId}`).to(`user_${userId}`).emit('gift:send', gift);
    io.to(`user_${creatorId}`).emit('gift:received', gift);
    return { gift, balance: paid.rows[0].tokens };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

async function vote(userId: string, streamId: string, pollId: string, option: number): Promise<object> {
  await pool.query(
    `INSERT INTO votes (poll_id, user_id, option) VALUES ($1, $2, $3)
      ON CONFLICT (poll_id, user_id) DO UPDATE SET option = excluded.option`,
    [pollId, userId, option],
  );
  const poll = polls.get(pollId) ?? { streamId, counts: new Map(), changed: true };
  poll.changed = true;
  polls.set(pollId, poll);
  return {};
}

setInterval(() => {
  const since = performance.now() - WINDOW_MS;
  for (const [streamId, all] of moods) {
    const lately = all.filter(({ at }) => at > since);
    moods.set(streamId, lately);
    const counts = Object.fromEntries(
      [...Map.groupBy(lately, ({ mood }) => mood)].map(([mood, those]) => [mood, those.length]),
    );
    const [mood = null] = Object.keys(counts).sort((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0));
    io.to(`stream_${streamId}`).emit('mood:state', { streamId, mood, counts, total: lately.length });
  }
}, MOOD_MS);

setInterval(() => void tally().catch(() => {}), TALLY_MS);

async function tally(): Promise<void> {
  for (const [pollId, poll] of polls) {
    if (!poll.changed) continue;
    poll.changed = false;
    const { rows } = await pool.query(
      'SELECT option, count(*)::int AS votes FROM votes WHERE poll_id = $1 GROUP BY option ORDER BY option',
      [pollId],
    );
    const counts = rows.map(({ votes }) => votes as number);
    const total = counts.reduce((sum, votes) => sum + votes, 0);
    io.to(`stream_${poll.streamId}`).emit('poll:vote', { streamId: poll.streamId, pollId, counts, total });
  }
}

server.listen(0, '127.0.0.1', () => serve((server.address() as AddressInfo).port, { publish: () => {} }));
