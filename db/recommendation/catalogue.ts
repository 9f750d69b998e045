import { z } from 'zod';
import { DEEDS, type Deed } from '#workflows/recommendation/feedback.ts';
import type { Signal } from '#workflows/recommendation/taste.ts';
import { type Executor, sql } from '../pool.ts';

/**
 * What there is to know of one kind of things that are recommended: which there are, what people did with them, and who
 * may be shown which at this moment. A file a kind, and an entry in `catalogues.ts`.
 */
export type Catalogue = {
  /** Deeds after which a thing is not shown to who did them, so that it need not be looked at. */
  over: readonly Deed[];
  /** What a reader did, newest first, so much of it, with what it is called: of what they may see alone. */
  listOwnSignals(executor: Executor, readerId: string, many: number): Promise<readonly OwnSignalRow[]>;
  /** Of these, those that the reader may be shown now and has not seen: whatever changed, it counts at once. */
  listShowable(executor: Executor, readerId: string, ids: readonly string[]): Promise<readonly ShowableRow[]>;
  /** The newest that the reader may be shown and has not seen. */
  listLatest(executor: Executor, readerId: string, limit: number): Promise<readonly LatestRow[]>;
};

/** Of a kind that models are built of. */
export type LearnedCatalogue = Catalogue & {
  /** Of what could be shown to anybody, the newest first, after a place; what is there no longer is left out. */
  listItems(executor: Executor, page: { before: string | null; limit: number }): Promise<readonly ItemRow[]>;
  /** Of each of these people the newest things they did, so many of each at most. */
  listSignals(executor: Executor, people: readonly string[], each: number): Promise<readonly SignalRow[]>;
};

/** Of a kind whose things are over within hours: lists are made of what there is now, and of how many are at it. */
export type PassingCatalogue = Catalogue & {
  /** So many of those that could be shown to anybody, the newest first. */
  listNow(executor: Executor, limit: number): Promise<readonly NowRow[]>;
};

export const itemRow = z.object({
  id: z.string(),
  creator_id: z.string(),
  labels: z.array(z.string()),
  created_at: z.string(),
});
export type ItemRow = z.infer<typeof itemRow>;

export const nowRow = itemRow.extend({ popularity: z.number() });
export type NowRow = z.infer<typeof nowRow>;

export const showableRow = z.object({ id: z.string(), creator_id: z.string(), creator_handle: z.string() });
export type ShowableRow = z.infer<typeof showableRow>;

export const latestRow = itemRow.extend({ creator_handle: z.string() });
export type LatestRow = z.infer<typeof latestRow>;

const signalRow = z.object({
  user_id: z.string(),
  deed: z.enum(DEEDS),
  part: z.number(),
  item_id: z.string().nullable(),
  label: z.string().nullable(),
  at: z.string(),
});
export type SignalRow = z.infer<typeof signalRow>;

export const ownSignalRow = signalRow.extend({ labels: z.array(z.string()), name: z.string().nullable() });
export type OwnSignalRow = z.infer<typeof ownSignalRow>;

/** `listSignals` of a kind: `signalsOf` is what `person.id` did, so many of each deed at most. */
export function listingSignals(
  signalsOf: (each: number) => ReturnType<typeof sql.fragment>,
): LearnedCatalogue['listSignals'] {
  return (executor, people, each) =>
    executor.any(sql.type(signalRow)`
      SELECT person.id AS user_id, signal.* FROM unnest(${sql.array([...people], 'uuid')}) AS person (id)
      CROSS JOIN LATERAL (SELECT * FROM (${signalsOf(each)}) AS done ORDER BY at DESC LIMIT ${each}) AS signal
    `);
}

export function signalOf(row: Omit<SignalRow, 'user_id'> & { labels?: readonly string[] }): Signal {
  return {
    ...{ deed: row.deed, part: row.part, at: Date.parse(row.at), itemId: row.item_id },
    labels: row.item_id === null ? (row.label === null ? [] : [row.label]) : (row.labels ?? []),
  };
}

/** Nobody is recommended who may not sign in, nor what is theirs. `creator` is a row of users. */
export const isAround = sql.fragment`
  (creator.deleted_at IS NULL AND NOT EXISTS (SELECT FROM barred_people WHERE barred_people.user_id = creator.id))`;

/** What is said of a video or a stream, as labels; the same word in other letters is the same. */
export const POSTED_LABELS = sql.fragment`
  ARRAY['category:' || lower(category), 'creator:' || creator_id]
    || ARRAY(SELECT 'tag:' || lower(tag) FROM unnest(tags) AS tag)`;
