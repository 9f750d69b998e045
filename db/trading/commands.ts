import { z } from 'zod';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import type { FillView, OrderView } from '#workflows/trading/contract.ts';
import type { Bodies, Command, CommandKind } from '#workflows/trading/journal.ts';
import { type Executor, type Pool, sql } from '../pool.ts';

/** The journal's front: what is asked of a pair waits here until the pair's writer carries it out. */

/** What came of a command, as its giver is told. */
export type Outcome =
  | { refusal: { code: FailureCode; message: string; details: Record<string, unknown> } }
  | { order: OrderView; fills: FillView[] }
  | { cancelled: number }
  | { done: true };

export type Given = {
  pairId: string;
  command: Command;
  /** The Idempotency-Key with its path and the body's hash in hex. */
  key: { key: string; bodyHash: string } | null;
};

type Written<Kind extends CommandKind = CommandKind> = { [Each in Kind]: { kind: Each; body: Bodies[Each] } }[Kind];

/** JSON has no whole numbers of any size: of all bodies one has one. */
export function bodyText({ kind, body }: Command): string {
  return JSON.stringify(kind === 'place' ? { ...body, maxSpend: body.maxSpend?.toString() ?? null } : body);
}

export function readBody(kind: CommandKind, body: unknown): Written {
  if (kind !== 'place') return { kind, body } as Written;
  const order = body as Bodies['place'] & { maxSpend: string | null };
  return { kind, body: { ...order, maxSpend: order.maxSpend === null ? null : BigInt(order.maxSpend) } };
}

const insertedRow = z.object({ user_id: z.string().nullable(), key: z.string().nullable(), id: z.bigint() });
const keyRow = z.object({ user_id: z.string(), key: z.string(), id: z.bigint(), body_hash: z.string() });

/**
 * Has commands carried out, each once for its key: answers their ids in the same order, of one that was given before the
 * one it has. A Failure stands in place of an id where the key was used with another body. Nobody waits for the disk here:
 * what is written later, and waited for, is what came of it, and that is on the disk no sooner than this. So it is part of
 * no transaction, which would not wait for the disk either.
 */
export async function giveCommands(pool: Pool, all: readonly Given[]): Promise<(bigint | Failure)[]> {
  if (all.length === 0) return [];
  const inserted = await insertCommands(pool, all);
  const keyless = inserted.filter(({ key }) => key === null).map(({ id }) => id);
  const known = await listKnown(pool, all, inserted);
  return all.map(({ command, key }) => {
    if (key === null) return keyless.shift() as bigint;
    const row = known.get(`${command.userId} ${key.key}`);
    if (!row) throw new Error('a command that was given is gone');
    if (row.bodyHash === key.bodyHash) return row.id;
    return new Failure('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.');
  });
}

/** Those that are new, in their order. */
async function insertCommands(pool: Pool, all: readonly Given[]): Promise<readonly z.infer<typeof insertedRow>[]> {
  const rows = all.map(({ pairId, command, key }, at) => ({
    ...{ at, pair_id: pairId, user_id: command.userId, order_id: command.orderId, kind: command.kind },
    ...{ body: bodyText(command), key: key?.key ?? null, body_hash: key?.bodyHash ?? null },
  }));
  return pool.any(sql.prepared('insert_trading_commands', insertedRow)`
    WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS done)
    INSERT INTO trading_commands (pair_id, user_id, order_id, kind, body, key, body_hash)
    SELECT pair_id, user_id, order_id, kind, body::json, key, decode(body_hash, 'hex')
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (at integer, pair_id text, user_id uuid, order_id uuid,
      kind text, body text, key text, body_hash text)
    WHERE (SELECT done FROM quick) IS NOT NULL
    ORDER BY at
    ON CONFLICT (user_id, key) WHERE key IS NOT NULL DO NOTHING
    RETURNING user_id, key, id
  `);
}

type Known = ReadonlyMap<string, { id: bigint; bodyHash: string }>;

/** What each key stands for: of one that is new the first of these, else what was given under it before. */
async function listKnown(
  executor: Executor,
  all: readonly Given[],
  inserted: readonly z.infer<typeof insertedRow>[],
): Promise<Known> {
  const nameOf = ({ command, key }: Given) => `${command.userId} ${key?.key}`;
  const ids = new Map(inserted.flatMap(({ user_id, key, id }) => (key === null ? [] : [[`${user_id} ${key}`, id]])));
  const known = new Map<string, { id: bigint; bodyHash: string }>();
  const before: Given[] = [];
  for (const given of all) {
    if (given.key === null || known.has(nameOf(given))) continue;
    const id = ids.get(nameOf(given));
    if (id === undefined) before.push(given);
    else known.set(nameOf(given), { id, bodyHash: given.key.bodyHash });
  }
  for (const { user_id, key, id, body_hash } of await listByKeys(executor, before))
    known.set(`${user_id} ${key}`, { id, bodyHash: body_hash });
  return known;
}

async function listByKeys(executor: Executor, all: readonly Given[]): Promise<readonly z.infer<typeof keyRow>[]> {
  if (all.length === 0) return [];
  const users = all.map(({ command }) => command.userId as string);
  const keys = all.map(({ key }) => key?.key as string);
  return executor.any(sql.type(keyRow)`
    SELECT command.user_id, command.key, id, encode(body_hash, 'hex') AS body_hash
    FROM unnest(${sql.array(users, 'uuid')}, ${sql.array(keys, 'text')}) AS given (user_id, key)
    JOIN trading_commands AS command ON command.user_id = given.user_id AND command.key = given.key
  `);
}

const outcomeRow = z.object({ id: z.bigint(), outcome: z.custom<Outcome>() });

/** Of these commands those that were carried out. */
export function listOutcomes(
  executor: Executor,
  ids: readonly bigint[],
): Promise<readonly z.infer<typeof outcomeRow>[]> {
  return executor.any(sql.type(outcomeRow)`
    SELECT id, outcome FROM trading_commands WHERE id = ANY(${sql.array([...ids], 'int8')}) AND n IS NOT NULL
  `);
}

/** Pairs with commands that wait. */
export function listAskedPairs(executor: Executor): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT pair_id AS id FROM trading_commands WHERE n IS NULL GROUP BY pair_id
  `);
}
