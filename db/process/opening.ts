import { traceparent } from '#program/trace.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { Asset } from '#workflows/money.ts';
import type { Leg, Process } from '#workflows/process/machine.ts';
import { transfer } from '../money/ledger.ts';
import { sql, type Transaction } from '../pool.ts';
import { accountsOf } from './places.ts';

export type ProcessOpening = {
  id: string;
  kind: string;
  variant: string | null;
  /** What the opening fixes, as its machine takes it. */
  opened: unknown;
  seats: Readonly<Record<string, string>>;
  held: string;
  asset: Asset;
  /** What the opening's own transaction sets aside, so that it is refused where it is not there. */
  legs?: readonly Leg[];
  now: string;
};

/**
 * Opens a process in its opening's own transaction: row, seats, the row by which its workflow is told, and the hold.
 * INSUFFICIENT_FUNDS where that is not there. What the kind has beside it, its table, words and events, is the kind's to
 * write, events last.
 */
export async function openProcess(transaction: Transaction, opening: ProcessOpening): Promise<Process> {
  const { id, kind, variant, opened, seats, held, asset, legs = [], now } = opening;
  const machine = machineOf(kind);
  const process = machine.opening({ id, variant, opened, held, asset, at: now });
  const deadline = machine.deadlineOf(process);
  await transaction.query(sql.typeAlias('void')`
    WITH opened AS (
      INSERT INTO processes (id, kind, variant, state, terms, entered_at, stepped_at, deadline, held, asset, opened,
        opened_at)
      VALUES (${id}, ${kind}, ${variant}, ${process.state}, ${JSON.stringify(process.terms)}, ${now}::timestamptz,
        ${now}::timestamptz, ${deadline}::timestamptz, ${held}::bigint, ${asset}, ${JSON.stringify(opened)},
        ${now}::timestamptz)
      RETURNING id
    ), seated AS (
      INSERT INTO seats (process_id, role, user_id)
      SELECT opened.id, role, user_id FROM opened, unnest(
        ${sql.array(Object.keys(seats), 'text')}, ${sql.array(Object.values(seats), 'uuid')}
      ) AS seat (role, user_id)
    )
    INSERT INTO relays (process_id, kind, deadline, look_at, traceparent)
    SELECT id, ${kind}, ${deadline}::timestamptz, ${deadline}::timestamptz, ${traceparent()} FROM opened
  `);
  if (legs.length > 0) {
    await transfer(transaction, {
      key: `opened_${id}`,
      reason: `${kind}_opened`,
      conversationId: id,
      occurredAt: now,
      legs: accountsOf(legs, { process, seats }),
    });
  }
  return process;
}
