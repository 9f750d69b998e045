import { sql } from '../../pool.ts';

/** What somebody streamed, and what they said, gave and were given in streams. */
export function liveSections(userId: string) {
  const given = sql.fragment`
    id, code, quantity, tokens::text AS tokens, share::text AS share, from_user_id, stream_id, to_creator_id`;
  return {
    streams: sql.fragment`
      SELECT process_id AS id, title, category, tags, visibility, status, scheduled_at, started_at, ended_at, theme,
        overlays, created_at
      FROM streams WHERE creator_id = ${userId} ORDER BY process_id`,
    stream_segments: sql.fragment`
      SELECT id, stream_id, media_url, title, duration_ms, created_at, deleted_at FROM stream_segments
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY id`,
    stream_messages: sql.fragment`
      SELECT id, stream_id, text, at, removed_at FROM stream_messages WHERE user_id = ${userId} ORDER BY at, id`,
    challenges: sql.fragment`
      SELECT process_id AS id, stream_id, type, target::text AS target, progress::text AS progress, reward, status, starts_at,
        ended_at
      FROM challenges WHERE creator_id = ${userId} ORDER BY process_id`,
    battles: sql.fragment`
      SELECT process_id AS id, challenger_id, opponent_id, stream_id, stake::text AS stake, status, started_at, ended_at
      FROM battles WHERE challenger_id = ${userId} OR opponent_id = ${userId} ORDER BY process_id`,
    battle_votes: sql.fragment`
      SELECT battle_id, participant_id, at FROM battle_votes WHERE voter_id = ${userId} ORDER BY at, battle_id`,
    polls: sql.fragment`
      SELECT process_id AS id, stream_id, question, options, created_at FROM polls
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY process_id`,
    poll_votes: sql.fragment`SELECT poll_id, option, at FROM poll_votes WHERE user_id = ${userId} ORDER BY at, poll_id`,
    questions: sql.fragment`
      SELECT id, stream_id, text, status, upvotes, at, moved_at FROM questions WHERE user_id = ${userId} ORDER BY at, id`,
    question_upvotes: sql.fragment`
      SELECT question_id, at FROM question_upvotes WHERE user_id = ${userId} ORDER BY at, question_id`,
    gifts_given: sql.fragment`
      SELECT ${given}, message, created_at FROM gift_events WHERE from_user_id = ${userId} ORDER BY created_at, id`,
    gifts_received: sql.fragment`
      SELECT ${given}, message, created_at FROM gift_events
      WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) ORDER BY created_at, id`,
    streams_watched: sql.fragment`
      SELECT stream_id, minutes, seen_at FROM stream_watchers WHERE user_id = ${userId} ORDER BY seen_at, stream_id`,
    stream_removals: sql.fragment`
      SELECT stream_id, until, at FROM stream_removals WHERE user_id = ${userId} ORDER BY at, stream_id`,
  };
}
