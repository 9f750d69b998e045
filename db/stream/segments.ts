import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

const segmentRow = z.object({
  id: z.string(),
  media_url: z.string(),
  title: z.string(),
  duration_ms: z.int(),
  at_seconds: z.int().nullable(),
  created_at: z.string(),
});
export type SegmentRow = z.infer<typeof segmentRow>;

const SEGMENT = sql.fragment`id, media_url, title, duration_ms, at_seconds, created_at`;
/** So many fit in a stream of a day. */
const MOST_SEGMENTS = 200;

/** Lays a segment in a stream's queue. LIMIT_REACHED where there are too many. */
export async function addSegment(
  executor: Executor,
  streamId: string,
  segment: Omit<SegmentRow, 'id'>,
): Promise<SegmentRow> {
  const { media_url, title, duration_ms, at_seconds, created_at } = segment;
  const added = await executor.maybeOne(sql.type(segmentRow)`
    INSERT INTO stream_segments (id, stream_id, media_url, title, duration_ms, at_seconds, created_at)
    SELECT ${uuid()}, ${streamId}, ${media_url}, ${title}, ${duration_ms}, ${at_seconds}, ${created_at}::timestamptz
    WHERE (SELECT count(*) FROM stream_segments WHERE stream_id = ${streamId} AND deleted_at IS NULL) < ${MOST_SEGMENTS}
    RETURNING ${SEGMENT}
  `);
  if (!added) throw new Failure('LIMIT_REACHED', `A stream has at most ${MOST_SEGMENTS} segments.`);
  return added;
}

/** A stream's segments, in the order of when they are meant to be shown, then as they were laid in. */
export function listSegments(executor: Executor, streamId: string): Promise<readonly SegmentRow[]> {
  return executor.any(sql.type(segmentRow)`
    SELECT ${SEGMENT} FROM stream_segments WHERE stream_id = ${streamId} AND deleted_at IS NULL
    ORDER BY at_seconds NULLS LAST, id
  `);
}

/** Takes a segment out of the queue. NOT_FOUND. */
export async function deleteSegment(executor: Executor, streamId: string, id: string, now: string): Promise<void> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE stream_segments SET deleted_at = ${now}::timestamptz
    WHERE id = ${id} AND stream_id = ${streamId} AND deleted_at IS NULL
  `);
  if (rowCount === 0) throw noSegment();
}

const playRow = segmentRow.pick({ media_url: true, title: true }).extend({
  segment_id: z.string(),
  began_at: z.string(),
  ends_at: z.string(),
});
export type PlayRow = z.infer<typeof playRow>;

/**
 * Shows a segment now: what else is shown ends. NOT_FOUND; FLOW_STATE_INVALID where the stream is not on air. The stream's
 * row is locked, so that it does not end meanwhile and two segments follow each other.
 */
export async function playSegment(
  transaction: Transaction,
  streamId: string,
  segmentId: string,
  now: string,
): Promise<PlayRow> {
  const status = await transaction.oneFirst(sql.type(z.object({ status: z.string() }))`
    SELECT status FROM streams WHERE process_id = ${streamId} FOR NO KEY UPDATE
  `);
  if (status !== 'live') {
    throw new Failure('FLOW_STATE_INVALID', 'A segment is shown while the stream is live.', {
      details: { current_state: status, required_state: 'live', required_states: ['live'] },
    });
  }
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_plays SET ended_at = greatest(began_at, ${now}::timestamptz)
    WHERE stream_id = ${streamId} AND ended_at IS NULL
  `);
  const play = await transaction.maybeOne(sql.type(playRow)`
    WITH segment AS (
      SELECT * FROM stream_segments WHERE id = ${segmentId} AND stream_id = ${streamId} AND deleted_at IS NULL
    ), play AS (
      INSERT INTO stream_plays (id, stream_id, segment_id, began_at, ends_at)
      SELECT ${uuid()}, ${streamId}, id, ${now}::timestamptz, ${now}::timestamptz + duration_ms * interval '1 ms' FROM segment
      RETURNING segment_id, began_at, ends_at
    )
    SELECT media_url, title, segment_id, began_at, ends_at FROM play JOIN segment ON segment.id = segment_id
  `);
  if (!play) throw noSegment();
  return play;
}

/** What a stream shows at an instant; null where that is its creator. */
export function findPlay(executor: Executor, streamId: string, now: string): Promise<PlayRow | null> {
  return executor.maybeOne(sql.type(playRow)`
    SELECT media_url, title, segment_id, began_at, ends_at
    FROM stream_plays JOIN stream_segments AS segment ON segment.id = segment_id
    WHERE stream_plays.stream_id = ${streamId} AND ended_at IS NULL AND ends_at > ${now}::timestamptz
  `);
}

function noSegment(): Failure {
  return new Failure('NOT_FOUND', 'There is no such segment.');
}
