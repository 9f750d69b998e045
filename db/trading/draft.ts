import { z } from 'zod';
import type { Asset } from '#workflows/money.ts';
import type { Engine } from '#workflows/trading/engine.ts';
import type { Command, CommandKind, Refusal, Worked } from '#workflows/trading/journal.ts';
import type { Order } from '#workflows/trading/order.ts';
import type { Pair } from '#workflows/trading/pair.ts';
import { Wallets } from '#workflows/trading/till.ts';
import { type Pool, sql } from '../pool.ts';
import type { Numbered } from './batch.ts';
import { readBody } from './commands.ts';

/** What was worked out of a book in memory and is not written yet: the next batch, while it still grows. */
export class Draft {
  readonly worked: Numbered[] = [];
  /** Where the journal stood before it. */
  readonly from: number;
  /** What it moves in wallets, and the ids of clients that its orders have. */
  readonly #moved = new Map<string, bigint>();
  readonly #clientIds = new Map<string, string>();

  constructor(from: number) {
    this.from = from;
  }

  get ids(): bigint[] {
    return this.worked.flatMap(({ id }) => (id === null ? [] : [id]));
  }

  moved(userId: string, asset: string): bigint {
    return this.#moved.get(`${userId} ${asset}`) ?? 0n;
  }

  /** The order that has a client's id since this draft. */
  orderOf(userId: string | null, clientId: string): string | null {
    return this.#clientIds.get(`${userId} ${clientId}`) ?? null;
  }

  add(id: bigint | null, worked: Worked): void {
    this.worked.push(numbered(id, worked));
    for (const { account, userId, asset, amount } of worked.moves) {
      if (account === 'wallet') this.#moved.set(`${userId} ${asset}`, this.moved(userId as string, asset) + amount);
    }
    const { command, refusal } = worked;
    if (command.kind !== 'place' || refusal !== null || command.body.clientOrderId === null) return;
    this.#clientIds.set(`${command.userId} ${command.body.clientOrderId}`, command.body.id);
  }
}

/** How orders stand later is not how they stood after this command. */
export function numbered(id: bigint | null, worked: Worked): Numbered {
  const stood = new Map<string, Order>();
  for (const order of worked.touched) stood.set(order.id, { ...order });
  if (worked.order && !stood.has(worked.order.id)) stood.set(worked.order.id, { ...worked.order });
  return { id, worked, stood };
}

const waitingRow = z.object({
  n: z.bigint().transform(Number),
  id: z.bigint(),
  kind: z.custom<CommandKind>(),
  user_id: z.string().nullable(),
  order_id: z.string().nullable(),
  body: z.unknown(),
  base_free: z.bigint().nullable(),
  quote_free: z.bigint().nullable(),
  same_client_id: z.string().nullable(),
});
type Waiting = z.infer<typeof waitingRow>;

/** Commands of a pair that wait and are in no draft yet, the first of them first; `n` is where the journal stood then. */
export function readWaiting(
  pool: Pool,
  { id, base, quote }: Pair,
  { limit, drawn }: { limit: number; drawn: readonly bigint[] },
): Promise<readonly Waiting[]> {
  return pool.any(sql.prepared('read_trading_commands', waitingRow)`
    SELECT * FROM read_trading_commands(${id}, ${base}, ${quote}, ${limit}, ${sql.array([...drawn], 'int8')})
  `);
}

/**
 * Works commands out, after those of the draft. `before` is a batch whose writing was under way when they were read: what
 * it moves was in the wallets by then, or is to be added to what they say.
 */
export function workInto(
  draft: Draft,
  engine: Engine,
  { waiting, before, now }: { waiting: readonly Waiting[]; before: Draft | null; now: string },
): void {
  const wallets = walletsOf(waiting, engine.pair, { draft, before });
  for (const row of waiting) {
    const command = { ...readBody(row.kind, row.body), userId: row.user_id, orderId: row.order_id } as Command;
    const taken = row.same_client_id ?? takenBy(command, [draft, before]);
    draft.add(row.id, taken === null ? engine.work(command, wallets, now) : alreadyTaken(engine, command, taken, now));
  }
}

function walletsOf(waiting: readonly Waiting[], { base, quote }: Pair, drafts: { draft: Draft; before: Draft | null }) {
  const { draft, before } = drafts;
  const wallets = new Wallets();
  for (const { n, user_id: userId, base_free, quote_free } of waiting) {
    if (userId === null) continue;
    // It was written in between: what was read is what it left.
    const unwritten = before && n <= before.from ? before : null;
    const set = (asset: Asset, free: bigint | null) => {
      const under = (unwritten?.moved(userId, asset) ?? 0n) + draft.moved(userId, asset);
      wallets.set(userId, asset, (free ?? 0n) + under);
    };
    set(base, base_free);
    set(quote, quote_free);
  }
  return wallets;
}

/** The order that took a client's id in a batch that is not written, as far as is known. */
function takenBy(command: Command, drafts: readonly (Draft | null)[]): string | null {
  if (command.kind !== 'place' || command.body.clientOrderId === null) return null;
  const { clientOrderId } = command.body;
  for (const each of drafts) {
    const order = each?.orderOf(command.userId, clientOrderId) ?? null;
    if (order !== null) return order;
  }
  return null;
}

export function alreadyTaken(engine: Engine, command: Command, orderId: string, now: string): Worked {
  const message = 'You have an order with this clientOrderId.';
  return refused(engine, command, { code: 'CONFLICT', message, details: { order_id: orderId } }, now);
}

/** What the engine has no word in: it has its number all the same. */
export function refused(engine: Engine, command: Command, refusal: Refusal, now: string): Worked {
  engine.pass(now);
  const { n, clock: at } = engine.position;
  return { n, at, command, refusal, order: null, trades: [], touched: [], moves: [] };
}
