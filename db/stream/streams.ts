import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Overlay, Theme } from '#workflows/stream/contract.ts';
import { overlay, theme } from '#workflows/stream/contract.ts';
import { STATES, VISIBILITIES, type Visibility } from '#workflows/stream/terms.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { FROM_STREAMS, knownTo, noStream, watchableBy } from './watching.ts';

const streamRow = z.object({
  id: z.string(),
  creator_id: z.string(),
  creator_handle: z.string(),
  title: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  visibility: z.enum(VISIBILITIES),
  ticket_event_id: z.string().nullable(),
  status: z.enum(STATES),
  scheduled_at: z.string().nullable(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  silent_since: z.string().nullable(),
  slow_mode_seconds: z.int(),
  followers_only_minutes: z.int().nullable(),
  subscribers_only: z.boolean(),
  theme: theme.nullable(),
  overlays: z.array(overlay),
  created_at: z.string(),
  may_watch: z.boolean(),
});
export type StreamRow = z.infer<typeof streamRow>;

const streamColumns = (readerId: string, isAdmin: boolean) => sql.fragment`
  process_id AS id, creator_id, creator.handle AS creator_handle, title, category, tags, visibility, ticket_event_id,
  status, scheduled_at, started_at, ended_at, silent_since, slow_mode_seconds, followers_only_minutes, subscribers_only,
  theme, overlays, streams.created_at, (${isAdmin} OR ${watchableBy(readerId)}) AS may_watch`;

export type NewStream = {
  creatorId: string;
  title: string;
  category: string;
  tags: readonly string[];
  visibility: Visibility;
  ticketEventId: string | null;
  scheduledAt: string | null;
  /** Whether a media server says if pictures come. */
  watched: boolean;
  now: string;
};

/** Announces a stream: its process and its row, in one transaction. Its id. */
export async function openStream(transaction: Transaction, stream: NewStream): Promise<string> {
  const { creatorId, title, category, tags, visibility, ticketEventId, scheduledAt, watched, now } = stream;
  const id = uuid();
  await openProcess(transaction, {
    ...{ id, kind: 'stream', by: creatorId, variant: null, held: '0', asset: 'TOKEN', now },
    opened: { starts_at: scheduledAt, watched },
    seats: { creator: creatorId },
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO streams (process_id, creator_id, title, category, tags, visibility, ticket_event_id, scheduled_at,
      created_at)
    VALUES (${id}, ${creatorId}, ${title}, ${category}, ${sql.array([...tags], 'text')}, ${visibility},
      ${ticketEventId}, ${scheduledAt}::timestamptz, ${now}::timestamptz)
  `);
  return id;
}

export type Reader = { id: string; isAdmin: boolean };

/** A stream that the reader may know of, and whether they may watch it. NOT_FOUND. */
export async function getStream(executor: Executor, id: string, reader: Reader): Promise<StreamRow> {
  const found = await executor.maybeOne(sql.prepared('get_stream', streamRow)`
    SELECT ${streamColumns(reader.id, reader.isAdmin)} FROM ${FROM_STREAMS}
    WHERE process_id = ${id} AND (${reader.isAdmin} OR ${knownTo(reader.id)})
  `);
  if (!found) throw noStream();
  return found;
}

/** The same, of one that the reader may watch: FORBIDDEN, with whom it is for, where they may not. */
export async function watchStream(executor: Executor, id: string, reader: Reader): Promise<StreamRow> {
  const row = await getStream(executor, id, reader);
  if (row.may_watch) return row;
  throw notForThem(row.visibility);
}

const stands = z.object({ status: z.enum(STATES) });

/** How a stream stands, of somebody who may watch it; null where there is none. */
export async function statusOf(executor: Executor, id: string): Promise<z.infer<typeof stands>['status'] | null> {
  const row = await executor.maybeOne(sql.type(stands)`SELECT status FROM streams WHERE process_id = ${id}`);
  return row?.status ?? null;
}

/** What whoever may know of a stream and not watch it is told. */
export function notForThem(visibility: Visibility): Failure {
  return new Failure('FORBIDDEN', WHOM[visibility], { details: { visibility } });
}

const WHOM: Record<Visibility, string> = {
  public: 'You were removed from this stream.',
  followers: 'This stream is for those who follow its creator.',
  subscribers: 'This stream is for subscribers.',
  ticket: 'This stream is for those who have a ticket.',
};

export type StreamPage = {
  reader: Reader;
  status: string | null;
  category: string | null;
  creatorId: string | null;
  limit: number;
  before: string | null;
};

/** Streams that the reader may know of, latest first. */
export function listStreams(executor: Executor, page: StreamPage): Promise<readonly StreamRow[]> {
  const { reader, status, category, creatorId, limit, before } = page;
  return executor.any(sql.type(streamRow)`
    SELECT ${streamColumns(reader.id, reader.isAdmin)} FROM ${FROM_STREAMS}
    WHERE (${reader.isAdmin} OR ${knownTo(reader.id)})
      AND (${status}::text IS NULL OR status = ${status}::text)
      AND (${category}::text IS NULL OR category = ${category}::text)
      AND (${creatorId}::uuid IS NULL OR creator_id = ${creatorId}::uuid)
      AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
}

export type StreamChange = {
  title?: string | undefined;
  category?: string | undefined;
  tags?: readonly string[] | undefined;
  slow_mode_seconds?: number | undefined;
  followers_only_minutes?: number | null | undefined;
  subscribers_only?: boolean | undefined;
  theme?: Theme | null | undefined;
  overlays?: readonly Overlay[] | undefined;
};

/** Changes what is said of a stream; what is left out stays. NOT_FOUND where it is not the creator's. */
export async function changeStream(
  executor: Executor,
  id: string,
  creatorId: string,
  change: StreamChange,
): Promise<void> {
  const { title = null, category = null, tags, slow_mode_seconds = null, subscribers_only = null } = change;
  const { followers_only_minutes, theme: look, overlays } = change;
  const json = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value));
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    UPDATE streams SET title = coalesce(${title}, title), category = coalesce(${category}, category),
      tags = coalesce(${tags ? sql.array([...tags], 'text') : null}, tags),
      slow_mode_seconds = coalesce(${slow_mode_seconds}::integer, slow_mode_seconds),
      subscribers_only = coalesce(${subscribers_only}::boolean, subscribers_only),
      followers_only_minutes = CASE WHEN ${followers_only_minutes !== undefined}
        THEN ${followers_only_minutes ?? null}::integer ELSE followers_only_minutes END,
      theme = CASE WHEN ${look !== undefined} THEN ${json(look)}::jsonb ELSE theme END,
      overlays = coalesce(${json(overlays)}::jsonb, overlays)
    WHERE process_id = ${id} AND creator_id = ${creatorId}
  `);
  if (rowCount === 0) throw noStream();
}

/** NOT_FOUND for whoever is not its creator: what only they do. */
export async function requireCreator(executor: Executor, id: string, userId: string): Promise<void> {
  const isTheirs = await executor.exists(sql.typeAlias('void')`
    SELECT FROM streams WHERE process_id = ${id} AND creator_id = ${userId}
  `);
  if (!isTheirs) throw noStream();
}
