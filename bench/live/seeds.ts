import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { Closing } from '../clicks/closing.ts';
import { startAsked } from '../realtime/asked.ts';
import type { ServerOrder } from '../realtime/serving.ts';
import { tokenOf } from '../realtime/token.ts';
import { COST, SHARE, TOKENS } from './mix.ts';
import type { Place, Stage } from './stage.ts';

const SECRET = 'a secret of the bench, that signs its tokens alone';
const SERVER = fileURLToPath(new URL('../peers/liveSeeds.ts', import.meta.url));

/** The documents' design: `../peers/liveSeeds.ts`. */
export async function openSeeds(place: Place, viewers: number): Promise<Stage> {
  const database = await place.database('seeds', false);
  const env = { DATABASE_URL: database, SECRET, COST: String(COST), SHARE: String(SHARE) };
  const closing = new Closing();
  const server = await startAsked<ServerOrder>(SERVER, { greets: true, env });
  closing.add(() => server.stop());
  const ids = Array.from({ length: viewers }, () => randomUUID());
  const [creator, streamId, pollId] = [randomUUID(), randomUUID(), randomUUID()];
  const client = new Client({ connectionString: database });
  await client.connect();
  closing.add(() => client.end());
  await client.query(
    'INSERT INTO users (id, handle, tokens) SELECT id, left(id::text, 8), $2 FROM unnest($1::uuid[]) AS id',
    [[...ids, creator], TOKENS.toString()],
  );
  await client.query(`INSERT INTO streams (id, creator_id, status) VALUES ($1, $2, 'live')`, [streamId, creator]);
  const only = async (text: string, values: unknown[]) => (await client.query(text, values)).rows[0].found as string;
  return {
    url: `http://127.0.0.1:${server.ready}`,
    tokens: ids.map((id) => tokenOf(id, SECRET)),
    subject: { streamId, pollId },
    // A poll of it is there with its first vote.
    nextPoll: async () => randomUUID(),
    votes: async (poll) => Number(await only('SELECT count(*) AS found FROM votes WHERE poll_id = $1', [poll])),
    pids: { server: server.pid, postgres: place.postgres.pid },
    earned: async () => BigInt(await only('SELECT tokens AS found FROM users WHERE id = $1', [creator])) - TOKENS,
    async wrong() {
      const lost = await only(
        `SELECT $1::bigint * (SELECT count(*) FROM users) - (SELECT sum(tokens) FROM users)
          - (SELECT coalesce(sum(tokens - share), 0) FROM gifts) AS found`,
        [TOKENS.toString()],
      );
      return lost === '0' ? [] : [`${lost} tokens are nowhere`];
    },
    stop: () => closing.close(),
  };
}
