import { z } from 'zod';
import type { Recommended } from '#workflows/recommendation/contract.ts';
import { LEARNING } from '#workflows/recommendation/factorise.ts';
import { BLENDS, createModel, type Item, type Model } from '#workflows/recommendation/model.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

/** Models as they are kept: written in pieces, read when they are whole. */

const ITEMS_AT_ONCE = 1_000;
/** Older ones may still be read by a process that has not looked. */
const KEPT = 2;
/** What was never finished is nobody's after so long. */
const ABANDONED_MS = 3_600_000;

export type Built = { id: string; kind: Recommended; now: string; people: number; deeds: number; report: unknown };

/** Writes a model; it is read from the moment it is whole. */
export async function publish(pool: Pool, model: Model, built: Built): Promise<void> {
  const { factors, blend, items } = model;
  const gram = Buffer.from(factors?.gram.buffer ?? new ArrayBuffer(0));
  await pool.query(sql.typeAlias('void')`
    INSERT INTO recommendation_versions (id, kind, built_at, blend, rank, gram, items, people, deeds, report)
    VALUES (${built.id}, ${built.kind}, ${built.now}, ${blend}, ${factors?.rank ?? 0}, ${sql.binary(gram)},
      ${items.length}, ${built.people}, ${built.deeds}, ${JSON.stringify(built.report)}::jsonb)
  `);
  for (let from = 0; from < items.length; from += ITEMS_AT_ONCE) {
    await insertItems(pool, built.id, model, from, Math.min(items.length, from + ITEMS_AT_ONCE));
  }
  await pool.query(sql.typeAlias('void')`
    UPDATE recommendation_versions SET published_at = ${built.now} WHERE id = ${built.id}
  `);
}

async function insertItems(executor: Executor, id: string, model: Model, from: number, to: number): Promise<void> {
  const rows = model.items.slice(from, to).map((item, at) => ({
    ...{ place: from + at, item_id: item.id, creator_id: item.creatorId, labels: item.labels },
    ...{ popularity: item.popularity, created_at: new Date(item.createdAt).toISOString() },
    factors: factorsOf(model, from + at).toString('base64'),
  }));
  await executor.query(sql.typeAlias('void')`
    INSERT INTO recommendation_items
      (version_id, place, item_id, creator_id, labels, popularity, created_at, factors)
    SELECT ${id}, place, item_id, creator_id, labels, popularity, created_at, decode(factors, 'base64')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS item (place integer, item_id uuid, creator_id uuid,
      labels text[], popularity double precision, created_at timestamptz, factors text)
  `);
}

function factorsOf({ factors }: Model, place: number): Buffer {
  if (!factors) return Buffer.alloc(0);
  const bytes = factors.rank * Float32Array.BYTES_PER_ELEMENT;
  return Buffer.from(factors.values.buffer, factors.values.byteOffset + place * bytes, bytes);
}

/** The one that lists are made by; null where none was built yet. */
export async function findVersion(executor: Executor, kind: Recommended): Promise<string | null> {
  const row = await executor.maybeOne(sql.typeAlias('id')`
    SELECT id FROM recommendation_versions WHERE kind = ${kind} AND published_at IS NOT NULL ORDER BY id DESC LIMIT 1
  `);
  return row?.id ?? null;
}

const head = z.object({ blend: z.enum(BLENDS), rank: z.int(), gram: z.instanceof(Buffer), items: z.int() });

const item = z.object({
  item_id: z.string(),
  creator_id: z.string(),
  labels: z.array(z.string()),
  popularity: z.number(),
  created_at: z.string(),
  factors: z.instanceof(Buffer),
});

/** A version as it was published; null where it was forgotten meanwhile. */
export async function loadVersion(pool: Pool, id: string): Promise<Model | null> {
  const found = await pool.maybeOne(sql.type(head)`
    SELECT blend, rank, gram, items FROM recommendation_versions WHERE id = ${id}
  `);
  if (!found) return null;
  const items: Item[] = [];
  const values = new Float32Array(found.items * found.rank);
  while (items.length < found.items) {
    const rows = await pool.any(sql.type(item)`
      SELECT item_id, creator_id, labels, popularity, created_at, factors FROM recommendation_items
      WHERE version_id = ${id} AND place >= ${items.length} ORDER BY place LIMIT ${ITEMS_AT_ONCE}
    `);
    // It was forgotten while it was read.
    if (rows.length === 0) return null;
    for (const row of rows) {
      if (found.rank > 0) values.set(numbersOf(row.factors), items.length * found.rank);
      const { popularity, labels } = row;
      items.push({
        id: row.item_id,
        creatorId: row.creator_id,
        labels,
        popularity,
        createdAt: Date.parse(row.created_at),
      });
    }
  }
  const gram = new Float64Array(aligned(found.gram));
  const factors = found.rank > 0 ? { rank: found.rank, values, gram } : null;
  return createModel(items, { blend: found.blend, factors, learning: LEARNING });
}

/** Bytes of a row may begin anywhere; numbers may not. */
function aligned(bytes: Buffer): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function numbersOf(bytes: Buffer): Float32Array {
  return new Float32Array(aligned(bytes));
}

/** Forgets all but the newest few, and what was left unfinished. Answers how many versions. */
export async function pruneVersions(executor: Executor, kind: Recommended, now: string): Promise<number> {
  const abandoned = new Date(Date.parse(now) - ABANDONED_MS).toISOString();
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    DELETE FROM recommendation_versions WHERE kind = ${kind} AND (
      (published_at IS NULL AND built_at < ${abandoned}::timestamptz)
      OR (published_at IS NOT NULL AND id NOT IN (
        SELECT id FROM recommendation_versions WHERE kind = ${kind} AND published_at IS NOT NULL
        ORDER BY id DESC LIMIT ${KEPT}
      ))
    )
  `);
  return rowCount;
}
