import type { Client } from 'pg';
import { listGiftsByMinute } from '#db/gift/giving.ts';
import { findPlace, listPlaces } from '#db/leaderboard/ranking.ts';
import { findOpenPoll, listPolls } from '#db/poll/polls.ts';
import { listChat } from '#db/stream/chat.ts';
import { listWatched } from '#db/stream/onAir.ts';
import { listStreams } from '#db/stream/streams.ts';
import { listViewers } from '#db/stream/viewing.ts';
import { standingOf } from '#db/xp/standing.ts';
import type { Hot } from './asking.ts';
import { iso, opened, other, paid } from './rows.ts';
import { AGENCY, inPieces, type Size } from './size.ts';

/** Streams with their chat, gifts, polls and who watched, and what people gained by them: the data, and what is asked of it. */

/** Deals to a stream; in half of the streams is a poll, and of 49 one is on air. */
const DEALS_EACH = 4;
/** Of each poll. */
const VOTES = 20;
/** In each stream. */
const MINUTES = 10;
const GIFTS = 5;
/** In tokens: of each gift, and of that what its creator has. */
const GIFT = 5;
const SHARE = 3;

const streamsOf = ({ open }: Size) => Math.ceil((2 * open) / DEALS_EACH);

export async function fillLive(client: Client, size: Size, people: number): Promise<string> {
  const streams = streamsOf(size);
  await client.query(
    'INSERT INTO gifts (code, name, token_cost, animation_key, rarity, created_at) VALUES ($1, $2, $4, $1, $3, now())',
    ['ROSE', 'Rose', 'common', GIFT],
  );
  await inPieces(streams, 2_000, async (from, to) => {
    const of = [from, to, people];
    await client.query(STREAMS, of);
    await client.query(CHAT, [...of, Math.ceil(size.messages / 5)]);
    await client.query(WATCHED, [...of, MINUTES]);
    await client.query(POLLS, of);
    await client.query(VOTED, of);
  });
  return `${streams} streams`;
}

/** By the ledger's own function, once people have tokens. */
export async function giveGifts(client: Client, size: Size, people: number): Promise<void> {
  await inPieces(streamsOf(size), 500, (from, to) => client.query(GIVEN, [from, to, people]));
  await client.query(GAINED);
}

/** The streams from one number to another, which no deal has. */
const STREAM = `(
  SELECT n, growth_id(growth_at(n), 1000000000 + n) AS id, growth_at(n) AS at, n % 49 = 1 AS is_live,
    growth_person(CASE WHEN n % ${AGENCY} = 1 THEN 0 ELSE n % $3::int END) AS creator
  FROM generate_series($1::bigint, $2::bigint) AS n
) AS stream`;

const STARTED = `json_build_object('starts_at', NULL, 'watched', false, 'silent_since', NULL,
  'started_at', ${iso('at')})`;

const STREAMS = `
  WITH due AS MATERIALIZED (
    SELECT *, CASE WHEN is_live THEN now() + interval '1 hour' END AS deadline FROM ${STREAM}
  ), ${opened('stream', "CASE WHEN is_live THEN 'live' ELSE 'archived' END", STARTED, { creator: 'creator' })}
  INSERT INTO streams (process_id, creator_id, title, category, tags, visibility, status, status_told, started_at, ended_at, created_at)
  SELECT id, creator, 'Stream ' || n, CASE n % 3 WHEN 0 THEN 'food' ELSE 'music' END, '{rain}', 'public', state, state, at,
    CASE WHEN NOT is_live THEN at + interval '1 hour' END, at
  FROM due, LATERAL (SELECT CASE WHEN is_live THEN 'live' ELSE 'archived' END AS state) AS said`;

const CHAT = `
  INSERT INTO stream_messages (id, stream_id, user_id, text, at)
  SELECT growth_id(at + place * interval '1 second', n * 1000 + place), id, ${other('place')}, 'What is said in stream ' || n,
    at + place * interval '1 second'
  FROM ${STREAM}, generate_series(1, $4::int) AS place ORDER BY at + place * interval '1 second'`;

const WATCHED = `
  WITH stream AS MATERIALIZED (SELECT * FROM ${STREAM}), minutes AS (
    INSERT INTO stream_viewers (stream_id, minute, viewers)
    SELECT id, date_trunc('minute', at) + place * interval '1 minute', place FROM stream, generate_series(1, $4::int) AS place
  )
  INSERT INTO stream_watchers (stream_id, user_id, minutes, since, seen_at)
  SELECT id, ${other('place')}, place, at, at + place * interval '1 minute' FROM stream, generate_series(1, $4::int) AS place`;

const POLL = `(
  SELECT n, growth_id(at, 2000000000 + n) AS id, id AS stream_id, at, is_live, creator FROM ${STREAM} WHERE n % 2 = 1
) AS poll`;

/** Of two who vote one is for either. */
const COUNTED = `json_build_object('stream_id', stream_id, 'options', 2, 'duration_seconds', 3600,
  'ended_by', CASE WHEN NOT is_live THEN 'time' END, 'counts', CASE WHEN NOT is_live THEN json_build_array(${VOTES / 2}, ${VOTES / 2}) END)`;

const POLLS = `
  WITH due AS MATERIALIZED (
    SELECT *, CASE WHEN is_live THEN now() + interval '1 hour' END AS deadline FROM ${POLL}
  ), ${opened('poll', "CASE WHEN is_live THEN 'open' ELSE 'closed' END", COUNTED, { creator: 'creator' })}, placed AS (
    INSERT INTO stream_openings (process_id, kind, stream_id, opened_at, closed_at, settled_at)
    SELECT id, 'poll', stream_id, at, CASE WHEN NOT is_live THEN at END, CASE WHEN NOT is_live THEN at END FROM due
  )
  INSERT INTO polls (process_id, stream_id, question, options, told_counts, created_at)
  SELECT id, stream_id, 'What is next?', '{Rice,Noodles}', '{0,0}', at FROM due`;

const VOTED = `
  INSERT INTO poll_votes (poll_id, user_id, option, at, granted)
  SELECT id, ${other('place')}, place % 2, at + place * interval '1 second', true
  FROM ${POLL}, generate_series(1, ${VOTES}) AS place ORDER BY at`;

const GIVEN = `
  WITH gift AS MATERIALIZED (
    SELECT growth_id(at + place * interval '1 minute', n * 1000 + place) AS id, stream.id AS stream_id, creator,
      ${other('place')} AS giver, at + place * interval '1 minute' AS at
    FROM ${STREAM}, generate_series(1, ${GIFTS}) AS place
  ), moved AS MATERIALIZED (
    SELECT count(${paid("'gift_' || id", 'gift_sent', 'giver', 'creator', [GIFT, SHARE])}) AS many
    FROM gift WHERE giver <> creator
  )
  INSERT INTO gift_events (id, code, quantity, tokens, share, from_user_id, stream_id, to_creator_id, combo_id, combo_count, created_at)
  SELECT id, 'ROSE', 1, ${GIFT}, ${SHARE}, giver, stream_id, creator, id, 1, at FROM gift, moved WHERE giver <> creator ORDER BY at`;

/** What follows from gifts: boards, experience and what it was granted for. */
const GAINED = `
  WITH granted AS (
    INSERT INTO xp_grants (user_id, action, about, version, points, at)
    SELECT from_user_id, 'gift_sent', id::text, 1, 10, created_at FROM gift_events
    UNION ALL SELECT to_creator_id, 'gift_received', id::text, 1, 5, created_at FROM gift_events
    RETURNING user_id, points
  ), gained AS (
    INSERT INTO xp_people (user_id, xp) SELECT user_id, sum(points) FROM granted GROUP BY user_id
  )
  INSERT INTO leaderboard_scores (board, user_id, score, reached_at, version, shown)
  SELECT 'global:all:senders', from_user_id, sum(tokens), max(created_at), 1, 1 FROM gift_events GROUP BY from_user_id
  UNION ALL
  SELECT 'global:all:creators', to_creator_id, sum(tokens), max(created_at), 1, 1 FROM gift_events GROUP BY to_creator_id`;

const page = (userId: string) => ({
  ...{ reader: { id: userId, isAdmin: false }, category: null, creatorId: null, limit: 21, before: null },
});
const BOARD = 'global:all:senders';

export const LIVE: readonly Hot[] = [
  {
    name: 'streams on air',
    used: 'every page',
    ask: (pool, { somebody }) => listStreams(pool, { ...page(somebody), status: 'live' }),
  },
  {
    name: 'streams on air of a rare category',
    used: 'every page',
    ask: (pool, { somebody }) => listStreams(pool, { ...page(somebody), status: 'live', category: 'none of these' }),
  },
  {
    name: 'streams of a creator',
    used: 'every page',
    ask: (pool, { somebody, agency }) => listStreams(pool, { ...page(somebody), status: null, creatorId: agency }),
  },
  { name: 'streams that are watched by servers', used: 'every second', ask: (pool) => listWatched(pool, null) },
  {
    name: 'chat of a stream',
    used: 'every page',
    ask: (pool, { stream }) => listChat(pool, stream, { limit: 51, before: null }),
  },
  { name: 'viewers of a stream', used: 'every page', ask: (pool, { stream }) => listViewers(pool, stream) },
  { name: 'gifts of a stream', used: 'every page', ask: (pool, { stream }) => listGiftsByMinute(pool, stream) },
  {
    name: 'the open poll of a stream',
    used: 'every page',
    ask: (pool, { stream, somebody }) => findOpenPoll(pool, stream, { id: somebody, isAdmin: false }),
  },
  {
    name: 'polls of a stream',
    used: 'every page',
    ask: (pool, { stream, somebody }) =>
      listPolls(pool, stream, { reader: { id: somebody, isAdmin: false }, limit: 21, before: null }),
  },
  { name: 'experience of a person', used: 'every page', ask: (pool, { somebody }) => standingOf(pool, somebody) },
  { name: 'the first of a board', used: 'every page', ask: (pool) => listPlaces(pool, BOARD, 0, 50) },
  {
    name: 'a person’s place on a board',
    used: 'every page',
    ask: (pool, { somebody }) => findPlace(pool, BOARD, somebody),
  },
];
