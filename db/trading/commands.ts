import { z } from 'zod';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import type { FillView, OrderView } from '#workflows/trading/contract.ts';
import type { Bodies, Command, CommandKind } from '#workflows/trading/journal.ts';
import { type Executor, sql } from '../pool.ts';

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

/** JSON has no whole numbers of any size. */
export function bodyText({ body }: Command): string {
  return JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function readBody(kind: CommandKind, body: unknown): Written {
  if (kind !== 'place') return { kind, body } as Written;
  const order = body as Bodies['place'] & { maxSpend: string | null };
  return { kind, body: { ...order, maxSpend: order.maxSpend === null ? null : BigInt(order.maxSpend) } };
}

const keyRow = z.object({ user_id: z.string(), key: z.string(), id: z.bigint(), body_hash: z.string() });

/**
 * Has commands carried out, each once for its key: answers their ids in the same order, of one that was given before the
 * one it has. A Failure stands in place of an id where the key was used with another body.
 */
export async function giveCommands(executor: Executor, all: readonly Given[]): Promise<(bigint | Failure)[]> {
  const [keyed, keyless] = [all.filter(({ key }) => key !== null), all.filter(({ key }) => key === null)];
  const ids = [...(await insertCommands(executor, keyless))];
  if (keyed.length === 0) return ids;
  await insertCommands(executor, keyed);
  const known = new Map((await listByKeys(executor, keyed)).map((row) => [`${row.user_id} ${row.key}`, row] as const));
  return all.map(({ command, key }) => {
    if (key === null) return ids.shift() as bigint;
    const row = known.get(`${command.userId} ${key.key}`);
    if (!row) throw new Error('a command that was given is gone');
    if (row.body_hash === key.bodyHash) return row.id;
    return new Failure('IDEMPOTENCY_MISMATCH', 'This Idempotency-Key was used with another body.');
  });
}

/** The ids of those that are new, in their order. */
async function insertCommands(executor: Executor, all: readonly Given[]): Promise<readonly bigint[]> {
  if (all.length === 0) return [];
  const rows = all.map(({ pairId, command, key }, at) => ({
    ...{ at, pair_id: pairId, user_id: command.userId, order_id: command.orderId, kind: command.kind },
    ...{ body: bodyText(command), key: key?.key ?? null, body_hash: key?.bodyHash ?? null },
  }));
  return executor.anyFirst(sql.prepared('insert_trading_commands', z.object({ id: z.bigint() }))`
    INSERT INTO trading_commands (pair_id, user_id, order_id, kind, body, key, body_hash)
    SELECT pair_id, user_id, order_id, kind, body::json, key, decode(body_hash, 'hex')
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (at integer, pair_id text, user_id uuid, order_id uuid,
      kind text, body text, key text, body_hash text)
    ORDER BY at
    ON CONFLICT (user_id, key) DO NOTHING
    RETURNING id
  `);
}

async function listByKeys(executor: Executor, all: readonly Given[]): Promise<readonly z.infer<typeof keyRow>[]> {
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
