import { z } from 'zod';
import type { Pool, Transaction } from '#db/pool.ts';
import { type CountedReaction, listReactions } from '#db/talk/editing.ts';
import { listMessages, listMessagesAt, type MessageRow } from '#db/talk/messages.ts';
import { Failure } from '#workflows/failures.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { getVisible, type Visible } from './service.ts';

type Person = { id: string; roles: readonly string[] };
type View<Shown> = (row: MessageRow, counted: readonly CountedReaction[]) => Shown;

/** A conversation that somebody may read; for who may not, as of one that is not there. */
export async function getReadable(
  executor: Pool | Transaction,
  conversationId: string,
  person: Person,
  missing: () => Failure,
): Promise<Visible> {
  try {
    return await getVisible(executor, conversationId, person);
  } catch (error) {
    throw error instanceof Failure && error.code === 'NOT_FOUND' ? missing() : error;
  }
}

/** A message with how it was taken. */
export async function theMessage(
  executor: Pool | Transaction,
  conversationId: string,
  readerId: string,
  position: number,
): Promise<{ row: MessageRow; counted: readonly CountedReaction[] }> {
  const [row] = await listMessagesAt(executor, readerId, [{ conversationId, position }]);
  if (!row) throw new Failure('NOT_FOUND', 'There is no such message.');
  return { row, counted: await listReactions(executor, conversationId, [position], readerId) };
}

/** Rows with how they were taken, as one frontend has them. */
export async function viewAll<Shown>(
  executor: Pool | Transaction,
  visible: Visible,
  rows: readonly MessageRow[],
  view: View<Shown>,
): Promise<(row: MessageRow) => Shown> {
  const counted = await listReactions(
    executor,
    visible.conversation.id,
    rows.map(({ position }) => position),
    visible.reader.id,
  );
  return (row) => view(row, counted);
}

const POSITION = z.tuple([z.string().regex(/^\d{1,9}$/)]);

/** What was said, newest first, by cursor or by number. */
export async function readPage<Shown>(
  pool: Pool,
  visible: Visible,
  query: { limit: number; cursor?: string | undefined; page?: number | undefined },
  view: View<Shown>,
) {
  const keys = decodeCursor(query.cursor, POSITION);
  const rows = await listMessages(pool, visible.conversation.id, visible.reader, {
    limit: query.limit + 1,
    offset: query.cursor === undefined ? ((query.page ?? 1) - 1) * query.limit : 0,
    before: keys ? Number(keys[0]) : null,
  });
  const shown = await viewAll(pool, visible, rows, view);
  return pageOf(rows, query.limit, (row) => [String(row.position)], shown);
}
