import { traceparent } from '#program/trace.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { Asset } from '#workflows/money.ts';
import type { Leg, Process } from '#workflows/process/machine.ts';
import { transfer } from '../money/ledger.ts';
import { refuseLeft } from '../people/accounts.ts';
import { sql, type Transaction } from '../pool.ts';
import { accountsOf } from './places.ts';
import { countAgain, quotaOf, takePlace } from './quotas.ts';

export type ProcessOpening = {
  id: string;
  kind: string;
  /** The account that opens it, which may have so many of a kind open; null where nobody does. */
  by: string | null;
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
 * INSUFFICIENT_FUNDS where that is not there; LIMIT_REACHED where its account has as many open as it may; NOT_FOUND where
 * somebody it is with has left. What the kind has beside it, its table, words and events, is the kind's to write, events
 * last.
 */
export async function openProcess(transaction: Transaction, opening: ProcessOpening): Promise<Process> {
  const { id, kind, by, variant, opened, seats, held, asset, legs = [], now } = opening;
  const process = machineOf(kind).opening({ id, variant, opened, held, asset, at: now });
  const place = { id, kind, by, max: quotaOf(transaction, kind) };
  if (!(await insert(transaction, opening, process, place))) {
    await countAgain(transaction, place);
    await insert(transaction, opening, process, place);
  }
  // Seats refer to their people: from here on nobody of them leaves before this is over. What a provider opens is opened.
  if (by !== null) await refuseLeft(transaction, Object.values(seats));
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

/** False where there was no place for it. */
async function insert(
  transaction: Transaction,
  { id, kind, by, variant, opened, seats, held, asset, now }: ProcessOpening,
  process: Process,
  place: Parameters<typeof takePlace>[0],
): Promise<boolean> {
  const deadline = machineOf(kind).deadlineOf(process);
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    WITH place AS (${takePlace(place)}
    ), opened AS (
      INSERT INTO processes (id, kind, variant, state, terms, entered_at, stepped_at, deadline, held, asset, opened,
        opened_at, opened_by)
      SELECT ${id}::uuid, ${kind}, ${variant}, ${process.state}, ${JSON.stringify(process.terms)}::json, ${now}::timestamptz,
        ${now}::timestamptz, ${deadline}::timestamptz, ${held}::bigint, ${asset}, ${JSON.stringify(opened)}::json,
        ${now}::timestamptz, ${by}::uuid
      FROM place
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
  return rowCount > 0;
}
