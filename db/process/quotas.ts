import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { machineOf } from '#workflows/kinds.ts';
import { OPEN_AT_ONCE } from '#workflows/process/machine.ts';
import { allowed } from '../allowance.ts';
import { sql, type Transaction } from '../pool.ts';

/** How many processes of a kind an account may have open that it opened itself. */
export function quotaOf(transaction: Transaction, kind: string): number {
  return allowed(transaction, machineOf(kind).openAtOnce ?? OPEN_AT_ONCE);
}

type Place = { id: string; kind: string; by: string | null; max: number };

/**
 * Takes a place for what is being opened, as a part of the statement that opens it: a row where there was one. Two who
 * ask at once are counted one after the other, as the row is locked, also where there is no place.
 */
export function takePlace({ id, kind, by, max }: Place) {
  if (by === null) return sql.fragment`SELECT`;
  return sql.fragment`
    INSERT INTO quotas AS mine (user_id, kind, counted, since) VALUES (${by}, ${kind}, 1, ${earlier(id)})
    ON CONFLICT (user_id, kind) DO UPDATE SET counted = mine.counted + 1 WHERE mine.counted < ${max}
    RETURNING user_id`;
}

const openRow = z.object({ open: z.bigint().transform(Number), first: z.string().nullable() });

/**
 * After there was no place, whose row is locked since: leaves the processes that have ended uncounted. LIMIT_REACHED
 * where there is none all the same.
 */
export async function countAgain(transaction: Transaction, { id, kind, by, max }: Place): Promise<void> {
  // A statement of its own, which sees what was committed before the row's lock was had.
  const { open, first } = await transaction.one(sql.type(openRow)`
    SELECT count(*) AS open, min(processes.id::text) AS first
    FROM quotas
    JOIN seats ON seats.user_id = quotas.user_id AND seats.process_id >= quotas.since
    JOIN processes ON processes.id = seats.process_id AND processes.kind = quotas.kind AND opened_by = quotas.user_id
    JOIN machine_states ON machine_states.kind = processes.kind AND machine_states.state = processes.state
    WHERE quotas.user_id = ${by} AND quotas.kind = ${kind} AND NOT ends
  `);
  if (open >= max) {
    throw new Failure('LIMIT_REACHED', `At most ${max} that one account opened are open at once.`, {
      details: { limit: 'open_at_once', kind, max, open },
    });
  }
  await transaction.query(sql.typeAlias('void')`
    UPDATE quotas SET counted = ${open}, since = ${earlier(first ?? id)} WHERE user_id = ${by} AND kind = ${kind}
  `);
}

/** Ids are made before a transaction has its place, by clocks that differ a little. */
const MARGIN_MS = 60_000;

/** Below every id of version 7 that was made from a minute before this one on. */
function earlier(id: string): string {
  const made = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  const hex = Math.max(0, made - MARGIN_MS)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
