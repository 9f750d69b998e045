import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import { cutTo } from '#workflows/text.ts';
import type { BookUpdate } from '#workflows/trading/contract.ts';
import { Engine } from '#workflows/trading/engine.ts';
import type { Command, CommandKind, Refusal, Worked } from '#workflows/trading/journal.ts';
import type { Order } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { viewChange } from '#workflows/trading/view.ts';
import { type Pool, sql, sqlState } from '../pool.ts';
import { openTask } from '../task/tasks.ts';
import { type Answered, batchOf, type Numbered } from './batch.ts';
import { readBody } from './commands.ts';
import { listOpenOrders } from './orders.ts';
import { findPair } from './pairs.ts';

/**
 * The one writer of a pair: reads the commands that wait, works them out in memory, and writes what comes of them in one
 * statement. Whatever fails, nothing of the batch is written, and the book in memory is forgotten and read anew.
 */

/** Commands in one batch. More make those that come meanwhile wait longer than they save. */
export const MOST = 256;

/** A book that is held under a lease. `seq` counts the changes of the book that were told. */
export type HeldBook = { pairId: string; fence: bigint; leaseMs: number; engine: Engine; seq: number };

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
  const pair = await findPair(pool, pairId);
  if (!pair) throw new Error(`${pairId} has a book and is no pair`);
  const { fence, n, seq, trades, last_ticks: last, clock } = row;
  const engine = new Engine(pair, { n, trades, last, clock }, await listOpenOrders(pool, pairId));
  return { pairId, fence, leaseMs, engine, seq };
}

/** Keeps all books of a holder. */
export async function renewBooks(pool: Pool, holder: string, leaseMs: number): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    UPDATE trading_books SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
    WHERE holder = ${holder} AND lease_until >= clock_timestamp()
  `);
}

/** Gives a holder's books back, so that nobody has to wait for the leases to end. */
export async function releaseBooks(pool: Pool, holder: string): Promise<void> {
  await pool.query(sql.typeAlias('void')`
    UPDATE trading_books SET lease_until = '-infinity', holder = NULL, fence = fence + 1 WHERE holder = ${holder}
  `);
}

const waitingRow = z.object({
  id: z.bigint(),
  kind: z.custom<CommandKind>(),
  user_id: z.string().nullable(),
  order_id: z.string().nullable(),
  body: z.unknown(),
  base_free: z.bigint().nullable(),
  quote_free: z.bigint().nullable(),
  same_client_id: z.string().nullable(),
});

/**
 * Commands that wait, with what their givers have free, and the order that has the same id of the client's already: looked
 * up row by row, whatever the planner thinks of how many there are.
 */
async function readWaiting(pool: Pool, { id, base, quote }: Pair, limit: number) {
  return pool.any(sql.prepared('read_waiting_commands', waitingRow)`
    SELECT command.id, command.kind, command.user_id, command.order_id, body,
      (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = ${base}) AS base_free,
      (SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || command.user_id::text AND asset = ${quote}) AS quote_free,
      (SELECT known.id FROM trading_orders AS known
        WHERE known.user_id = command.user_id AND known.client_order_id = body ->> 'clientOrderId') AS same_client_id
    FROM trading_commands AS command
    WHERE command.pair_id = ${id} AND command.n IS NULL
    ORDER BY command.id LIMIT ${limit}
  `);
}
type Waiting = z.infer<typeof waitingRow>;

/** What a batch is made of: so many commands at most, and no end of orders that were passed over. */
type Portion = { limit: number; passedOver: ReadonlySet<string> };
const WHOLE: Portion = { limit: MOST, passedOver: new Set() };

/**
 * Carries out what waits for a pair, and what its clock is due. Throws where it could not be written: the book is to be
 * taken anew then, since what is in memory is not what is kept.
 */
export async function workBook(pool: Pool, book: HeldBook, now: string, portion = WHOLE): Promise<Written> {
  const { engine } = book;
  const timed = dueOf(engine, now, portion);
  // In a small batch they come for themselves: which of them fails is to be known.
  const isSmall = portion.limit < MOST && timed.length > 0;
  const waiting = isSmall ? [] : await readWaiting(pool, engine.pair, portion.limit);
  if (waiting.length + timed.length === 0) return NOTHING;
  const from = engine.position.n;
  const worked = workAll(engine, waiting, timed, now);
  return write(pool, book, from, worked);
}

function dueOf(engine: Engine, now: string, { limit, passedOver }: Portion): Command[] {
  const due = engine.due(now).filter(({ orderId }) => !passedOver.has(orderId as string));
  return limit < MOST ? due.slice(0, limit) : due;
}

async function write(
  pool: Pick<Pool, 'query' | 'heard'>,
  book: HeldBook,
  from: number,
  worked: readonly Numbered[],
): Promise<Written> {
  const { engine, pairId, fence, leaseMs } = book;
  const change = engine.changes();
  const moved =
    change.bids.length + change.asks.length + worked.reduce((sum, { worked: { trades } }) => sum + trades.length, 0);
  const seq = moved > 0 ? book.seq + 1 : book.seq;
  const { parts, users, answers } = batchOf(engine, worked, seq);
  await pool.query(sql.prepared('write_trading_batch', z.strictObject({}))`
    SELECT FROM write_trading_batch(${pairId}, ${fence}, ${from}, ${leaseMs}, ${parts.book}::json, ${parts.pair}::json,
      ${parts.orders}::json, ${parts.trades}::json, ${parts.commands}::json, ${parts.timed}::json,
      ${parts.transfers}::jsonb, ${parts.tell}::json)
  `);
  book.seq = seq;
  pool.heard(users);
  const all = worked.map((each) => each.worked);
  const update = moved > 0 ? viewChange(change, seq, all, engine.pair) : null;
  return { commands: worked.length, users, answers, update };
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
  const { engine, pairId } = book;
  const [timed] = dueOf(engine, now, { limit: 1, passedOver });
  const task = { kind: 'parked_command' as const, processId: null, now };
  const details = { pair: pairId, error: cutTo(why, 500) };
  if (timed) {
    const key = `parked_end_of_${timed.orderId}`;
    await openTask(pool, { ...task, key, details: { ...details, kind: timed.kind, order_id: timed.orderId } });
    return { answers: [], passOver: timed.orderId };
  }
  const [row] = await readWaiting(pool, engine.pair, 1);
  if (!row) return { answers: [], passOver: null };
  const { id, kind, user_id, order_id } = row;
  const from = engine.position.n;
  const command = { kind, userId: user_id, orderId: order_id, body: {} } as Command;
  const message =
    'This could not be carried out, and nothing of it was done. An operator has been asked to look at it.';
  const refusal = { code: 'INTERNAL' as const, message, details: { set_aside: true, order_id } };
  const worked = numbered(id, refused(engine, command, refusal, now));
  const { answers } = await pool.transaction(async (transaction) => {
    const about = { ...details, command_id: id.toString(), kind, user_id, order_id };
    await openTask(transaction, { ...task, key: `parked_command_${id}`, details: about });
    return write({ query: (query) => transaction.query(query), heard: () => {} }, book, from, [worked]);
  });
  return { answers, passOver: null };
}

function workAll(engine: Engine, waiting: readonly Waiting[], timed: readonly Command[], now: string): Numbered[] {
  const { base, quote } = engine.pair;
  const wallets = new Wallets();
  for (const { user_id, base_free, quote_free } of waiting) {
    if (user_id === null) continue;
    wallets.set(user_id, base as Asset, base_free ?? 0n);
    wallets.set(user_id, quote as Asset, quote_free ?? 0n);
  }
  const clientIds = new Map<string, string>();
  // What is due is over before whatever came after it.
  const due = timed.map((command) => numbered(null, engine.work(command, wallets, now)));
  const asked = waiting.map((row) => {
    const command = { ...readBody(row.kind, row.body), userId: row.user_id, orderId: row.order_id } as Command;
    const taken = row.same_client_id ?? clientIdTaken(clientIds, command);
    const worked = taken === null ? engine.work(command, wallets, now) : alreadyTaken(engine, command, taken, now);
    return numbered(row.id, worked);
  });
  return [...due, ...asked];
}

/** How orders stand later in the batch is not how they stood after this command. */
function numbered(id: bigint | null, worked: Worked): Numbered {
  const stood = new Map<string, Order>();
  for (const order of worked.touched) stood.set(order.id, { ...order });
  if (worked.order && !stood.has(worked.order.id)) stood.set(worked.order.id, { ...worked.order });
  return { id, worked, stood };
}

/** The order that took a client's id earlier in the same batch. */
function clientIdTaken(known: Map<string, string>, command: Command): string | null {
  if (command.kind !== 'place' || command.body.clientOrderId === null) return null;
  const key = `${command.userId} ${command.body.clientOrderId}`;
  const taken = known.get(key) ?? null;
  if (taken === null) known.set(key, command.body.id);
  return taken;
}

function alreadyTaken(engine: Engine, command: Command, orderId: string, now: string): Worked {
  const message = 'You have an order with this clientOrderId.';
  return refused(engine, command, { code: 'CONFLICT', message, details: { order_id: orderId } }, now);
}

/** What the engine has no word in: it has its number all the same. */
function refused(engine: Engine, command: Command, refusal: Refusal, now: string): Worked {
  engine.pass(now);
  const { n, clock: at } = engine.position;
  return { n, at, command, refusal, order: null, trades: [], touched: [], moves: [] };
}
