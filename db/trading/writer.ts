import { z } from 'zod';
import { cutTo } from '#workflows/text.ts';
import type { BookUpdate } from '#workflows/trading/contract.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Command } from '#workflows/trading/journal.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { viewChange } from '#workflows/trading/view.ts';
import { columnsFragment } from '../money/columns.ts';
import { type Pool, sql, sqlState } from '../pool.ts';
import { openTask } from '../task/tasks.ts';
import { type Answered, batchOf } from './batch.ts';
import { Draft, readWaiting, refused, workInto } from './draft.ts';
import { listOpenOrders } from './orders.ts';
import { findPair } from './pairs.ts';

/**
 * The one writer of a pair: reads the commands that wait, works them out in memory, and writes what comes of them in one
 * statement; while that is under way, it reads and works out the next ones. Whatever fails, nothing of the batch and of
 * what was worked out after it is written, and the book in memory is forgotten and read anew.
 */

/** Commands in one batch. More make those that come meanwhile wait longer than they save. */
export const MOST = 256;

/**
 * A book that is held under a lease. `seq` counts the changes of the book that were told. What is worked out and not
 * written is its `draft`; `writing` is the batch that is being written.
 */
export type HeldBook = {
  pairId: string;
  fence: bigint;
  leaseMs: number;
  engine: Engine;
  seq: number;
  draft: Draft;
  writing: Draft | null;
};

/** What a batch came to: who has new events, and what changed in the book. */
export type Written = {
  commands: number;
  users: readonly string[];
  answers: readonly Answered[];
  update: BookUpdate | null;
};
const NOTHING: Written = { commands: 0, users: [], answers: [], update: null };

/** Another writes the book by now, or it is not where this writer thinks it is. */
export const isBookLost = (error: unknown): boolean => sqlState(error) === 'TD010';

const whole = z.bigint().transform(Number);
const taken = z.object({
  fence: z.bigint(),
  n: whole,
  seq: whole,
  trades: whole,
  last_ticks: whole.nullable(),
  clock: z.string(),
});

/** Pairs that nobody holds, or this holder. */
export function listFreeBooks(pool: Pool, holder: string): Promise<readonly string[]> {
  return pool.anyFirst(sql.typeAlias('id')`
    SELECT pair_id AS id FROM trading_books WHERE lease_until < clock_timestamp() OR holder = ${holder} ORDER BY pair_id
  `);
}

/**
 * Takes a pair's book where nobody else holds it, with a new fencing number: whoever held it before can write no more,
 * and what he was writing is written before it is read here, or not at all. Null where it is another's.
 */
export async function takeBook(
  pool: Pool,
  { pairId, holder, leaseMs }: { pairId: string; holder: string; leaseMs: number },
): Promise<HeldBook | null> {
  const row = await pool.maybeOne(sql.type(taken)`
    UPDATE trading_books SET holder = ${holder}, fence = fence + 1,
      lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
    WHERE pair_id = ${pairId} AND (lease_until < clock_timestamp() OR holder = ${holder})
    RETURNING fence, n, seq, trades, last_ticks, clock
  `);
  if (!row) return null;
  const { fence, n, seq, trades, last_ticks: last, clock } = row;
  try {
    const pair = await findPair(pool, pairId);
    if (!pair) throw new Error(`${pairId} has a book and is no pair`);
    const engine = new Engine(pair, { n, trades, last, clock }, await listOpenOrders(pool, pairId));
    return { pairId, fence, leaseMs, engine, seq, draft: new Draft(n), writing: null };
  } catch (error) {
    // Another may be able to read it.
    await giveBack(pool, sql.fragment`pair_id = ${pairId} AND fence = ${fence}`).catch(() => {});
    throw error;
  }
}

/** Keeps those books of a holder that it writes: one that it cannot read may be another's when its lease is over. */
export async function renewBooks(
  pool: Pool,
  { holder, pairIds, leaseMs }: { holder: string; pairIds: readonly string[]; leaseMs: number },
): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    UPDATE trading_books SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
    WHERE holder = ${holder} AND pair_id = ANY(${sql.array([...pairIds], 'text')}) AND lease_until >= clock_timestamp()
  `);
}

/** Gives a holder's books back, so that nobody has to wait for the leases to end. */
export async function releaseBooks(pool: Pool, holder: string): Promise<void> {
  await giveBack(pool, sql.fragment`holder = ${holder}`);
}

async function giveBack(pool: Pool, which: ReturnType<typeof sql.fragment>): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    UPDATE trading_books SET lease_until = '-infinity', holder = NULL, fence = fence + 1 WHERE ${which}
  `);
}

/**
 * What a batch is made of: at most so many commands, with those of the pair's clock. `passedOver` where it is looked for
 * what batches fail by: orders whose end by time cannot be written.
 */
type Portion = { limit: number; passedOver?: ReadonlySet<string> };
const WHOLE: Portion = { limit: MOST };

/** Reads what waits for a pair and what its clock is due, and works it out. Answers how many commands are unwritten. */
export async function drawBook(pool: Pool, book: HeldBook, now: string, portion = WHOLE): Promise<number> {
  const { engine, draft, writing } = book;
  const room = portion.limit - draft.worked.length;
  if (room <= 0) return draft.worked.length;
  const timed = dueOf(engine, now, { ...portion, limit: room });
  const left = room - timed.length;
  // What is due is over before whatever comes after it; and alone where it is to be known which of them fails.
  if (left === 0 || (portion.passedOver && portion.limit < MOST && timed.length > 0)) workDue(book, timed, now);
  else {
    const drawn = [...draft.ids, ...(writing?.ids ?? [])];
    const waiting = await readWaiting(pool, engine.pair, { limit: left, drawn });
    workDue(book, timed, now);
    workInto(draft, engine, { waiting, before: writing, now });
  }
  return draft.worked.length;
}

function workDue({ engine, draft }: HeldBook, timed: readonly Command[], now: string): void {
  const nobodys = new Wallets();
  for (const command of timed) draft.add(null, engine.work(command, nobodys, now));
}

function dueOf(engine: Engine, now: string, { limit, passedOver }: Portion): Command[] {
  return engine
    .due(now)
    .filter(({ orderId }) => !passedOver?.has(orderId as string))
    .slice(0, limit);
}

/**
 * Carries out what waits for a pair, and what its clock is due. Throws where it could not be written: the book is to be
 * taken anew then, since what is in memory is not what is kept.
 */
export async function workBook(pool: Pool, book: HeldBook, now: string, portion = WHOLE): Promise<Written> {
  const many = await drawBook(pool, book, now, portion);
  return many === 0 ? NOTHING : writeBook(pool, book);
}

/** Writes what was worked out of a book. Throws as `workBook`. */
export async function writeBook(pool: Pick<Pool, 'query' | 'heard'>, book: HeldBook): Promise<Written> {
  const { engine, pairId, fence, leaseMs, draft } = book;
  const change = engine.changes();
  const moved =
    change.bids.length +
    change.asks.length +
    draft.worked.reduce((sum, { worked: { trades } }) => sum + trades.length, 0);
  if (moved > 0) book.seq++;
  const { seq } = book;
  const { parts, told, money, answers } = batchOf(engine, draft.worked, seq);
  const users = told.map(({ userId }) => userId);
  const update =
    moved > 0
      ? viewChange(
          change,
          seq,
          draft.worked.map(({ worked }) => worked),
          engine.pair,
        )
      : null;
  book.writing = draft;
  book.draft = new Draft(engine.position.n);
  await pool.query(sql.prepared('write_trading_batch', z.strictObject({}))`
    SELECT FROM write_trading_batch(${pairId}, ${fence}, ${draft.from}, ${leaseMs}, ${parts.book}::json,
      ${parts.pair}::json, ${parts.placed}::json, ${parts.changed}::json, ${parts.trades}::json, ${parts.commands}::json,
      ${parts.timed}::json, ${sql.array(users, 'uuid')}, ${sql.array(
        told.map(({ many }) => many),
        'int4',
      )}, ${sql.array(
        told.map(({ events }) => events),
        'text',
      )}, ${sql.array(
        told.map(({ assets }) => assets),
        'text',
      )}, ${columnsFragment(money)})
  `);
  book.writing = null;
  pool.heard(users);
  return { commands: draft.worked.length, users, answers, update };
}

/**
 * Sets the command aside that is next and cannot be carried out: it has its number in the journal and changed nothing, who
 * gave it is told so, and an operator is asked to look. Of an order whose end by time cannot be written the id is
 * answered: it stays as it is.
 */
export async function setNextAside(
  pool: Pool,
  book: HeldBook,
  { now, passedOver, why }: { now: string; passedOver: ReadonlySet<string>; why: string },
): Promise<{ answers: readonly Answered[]; passOver: string | null }> {
  const { engine, pairId, draft } = book;
  const [timed] = dueOf(engine, now, { limit: 1, passedOver });
  const task = { kind: 'parked_command' as const, processId: null, now };
  const details = { pair: pairId, error: cutTo(why, 500) };
  if (timed) {
    const key = `parked_end_of_${timed.orderId}`;
    await openTask(pool, { ...task, key, details: { ...details, kind: timed.kind, order_id: timed.orderId } });
    return { answers: [], passOver: timed.orderId };
  }
  const [row] = await readWaiting(pool, engine.pair, { limit: 1, drawn: [] });
  if (!row) return { answers: [], passOver: null };
  const { id, kind, user_id, order_id } = row;
  const command = { kind, userId: user_id, orderId: order_id, body: {} } as Command;
  const message =
    'This could not be carried out, and nothing of it was done. An operator has been asked to look at it.';
  const refusal = { code: 'INTERNAL' as const, message, details: { set_aside: true, order_id } };
  draft.add(id, refused(engine, command, refusal, now));
  const { answers } = await pool.transaction(async (transaction) => {
    const about = { ...details, command_id: id.toString(), kind, user_id, order_id };
    await openTask(transaction, { ...task, key: `parked_command_${id}`, details: about });
    return writeBook({ query: (query) => transaction.query(query), heard: () => {} }, book);
  });
  return { answers, passOver: null };
}
