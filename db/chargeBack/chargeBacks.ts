import { z } from 'zod';
import type { State } from '#workflows/chargeBack/states.ts';
import type { Terms } from '#workflows/chargeBack/terms.ts';
import type { Asset } from '#workflows/money.ts';
import { type Executor, sql } from '../pool.ts';
import { findProcess, type ListedProcess } from '../process/processes.ts';

const chargeBackRow = z.object({
  process_id: z.string(),
  dispute_id: z.string(),
  payment_process_id: z.string().nullable(),
  payee_id: z.string().nullable(),
  provider: z.string(),
  currency: z.string(),
  asset: z.custom<Asset>(),
  reason: z.string().nullable(),
  due: z.bigint(),
  taken: z.bigint(),
  owed: z.bigint(),
  written_off: z.bigint(),
  settled: z.bigint(),
  borne: z.bigint(),
});
export type ChargeBackRow = z.infer<typeof chargeBackRow>;

/** What its loss came to: whose part is where. All zero while nothing is lost. */
export type Reckoned = Pick<ChargeBackRow, 'due' | 'taken' | 'owed' | 'written_off' | 'settled' | 'borne'>;
export const NOTHING_LOST: Reckoned = { due: 0n, taken: 0n, owed: 0n, written_off: 0n, settled: 0n, borne: 0n };

const SELECT = sql.fragment`
  SELECT process_id, dispute_id, payment_process_id, payee_id, provider, currency, asset, reason, due, taken, owed,
    written_off, settled, borne
  FROM charge_backs`;

export async function findOfDispute(executor: Executor, disputeId: string): Promise<ChargeBackRow | null> {
  return executor.maybeOne(sql.type(chargeBackRow)`${SELECT} WHERE dispute_id = ${disputeId}`);
}

/** Under its process's lock, which is that of the row. */
export async function getChargeBack(executor: Executor, processId: string): Promise<ChargeBackRow> {
  return executor.one(sql.type(chargeBackRow)`${SELECT} WHERE process_id = ${processId}`);
}

export async function setReckoned(executor: Executor, processId: string, reckoned: Reckoned): Promise<void> {
  const { due, taken, owed, written_off, settled, borne } = reckoned;
  await executor.query(sql.typeAlias('void')`
    UPDATE charge_backs SET due = ${due}, taken = ${taken}, owed = ${owed}, written_off = ${written_off},
      settled = ${settled}, borne = ${borne}
    WHERE process_id = ${processId}
  `);
}

const shown = z.object({
  process_id: z.string(),
  dispute_id: z.string(),
  payment_process_id: z.string().nullable(),
  reason: z.string().nullable(),
  payer_id: z.string().nullable(),
  payee_id: z.string().nullable(),
  opened_at: z.string(),
});
export type ChargeBackDetails = z.infer<typeof shown>;

/** What charge-backs have beside their processes, by their ids. */
export async function listChargeBackDetails(
  executor: Executor,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ChargeBackDetails>> {
  const rows = await executor.any(sql.type(shown)`
    SELECT charge_backs.process_id, disputes.dispute_id, payment_process_id, reason, opened_at,
      (SELECT user_id FROM seats WHERE seats.process_id = charge_backs.process_id AND role = 'payer') AS payer_id,
      (SELECT user_id FROM seats WHERE seats.process_id = charge_backs.process_id AND role = 'payee') AS payee_id
    FROM charge_backs JOIN disputes ON disputes.id = charge_backs.dispute_id
    WHERE charge_backs.process_id = ANY(${sql.array([...ids], 'uuid')})
  `);
  return new Map(rows.map((row) => [row.process_id, row]));
}

const debt = z.object({ asset: z.custom<Asset>(), owed: z.bigint(), charge_back_id: z.string(), since: z.string() });
export type Debt = z.infer<typeof debt>;

/** What somebody owes, the oldest first. */
export async function listDebts(executor: Executor, userId: string): Promise<readonly Debt[]> {
  return executor.any(sql.type(debt)`
    SELECT charge_backs.asset, owed, process_id AS charge_back_id, entered_at AS since
    FROM charge_backs JOIN processes ON processes.id = process_id
    WHERE payee_id = ${userId} AND owed > 0 ORDER BY process_id LIMIT 100
  `);
}

/** What somebody owes of one asset. */
export async function debtOf(executor: Executor, userId: string, asset: string): Promise<bigint> {
  return executor.oneFirst(sql.type(z.object({ owed: z.bigint() }))`
    SELECT coalesce(sum(owed), 0)::bigint AS owed FROM charge_backs
    WHERE payee_id = ${userId} AND asset = ${asset} AND owed > 0
  `);
}

/** Of everybody, the newest first, as an administrator sees them. */
export async function listAllChargeBacks(
  executor: Executor,
  state: string | null,
  limit: number,
  before: string | null,
): Promise<readonly ListedProcess[]> {
  const ids = await executor.anyFirst(sql.typeAlias('id')`
    SELECT process_id AS id FROM charge_backs JOIN processes ON processes.id = process_id
    WHERE (${state}::text IS NULL OR state = ${state}) AND (${before}::uuid IS NULL OR process_id < ${before}::uuid)
    ORDER BY process_id DESC LIMIT ${limit}
  `);
  const found: ListedProcess[] = [];
  for (const id of ids) {
    const stored = await findProcess(executor, id);
    if (stored)
      found.push({ process: stored.process, role: 'admin', deadline: null, openedAt: stored.process.entered_at });
  }
  return found;
}

const ofPayment = z.object({ id: z.string(), status: z.custom<State>(), terms: z.custom<Terms>() });

/** The last charge-back of what a process was paid by. */
export async function findChargeBackOf(
  executor: Executor,
  paymentProcessId: string,
): Promise<z.infer<typeof ofPayment> | null> {
  return executor.maybeOne(sql.type(ofPayment)`
    SELECT process_id AS id, state AS status, terms FROM charge_backs JOIN processes ON processes.id = process_id
    WHERE payment_process_id = ${paymentProcessId} ORDER BY process_id DESC LIMIT 1
  `);
}
