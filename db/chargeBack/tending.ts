import { chargeBackMachine } from '#workflows/chargeBack/machine.ts';
import { asChargeBack, type ChargeBack } from '#workflows/chargeBack/terms.ts';
import { tellOfTransfer } from '../money/walletEvents.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { lockProcess } from '../process/processes.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { type ChargeBackRow, getChargeBack } from './chargeBacks.ts';
import { collect, resolve, writeOff } from './recovering.ts';

/** Losses with something to be done: money came in that is owed, what was paid for went on, or the time is up. */
async function listToRecover(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT charge_backs.process_id AS id
    FROM charge_backs
    JOIN processes ON processes.id = charge_backs.process_id AND processes.state = 'lost'
    JOIN disputes ON disputes.id = charge_backs.dispute_id
    LEFT JOIN ledger_accounts ON code = 'wallet/' || payee_id AND ledger_accounts.asset = charge_backs.asset
    WHERE (owed > 0 AND coalesce(balance, 0) > 0) OR disputes.lost > settled OR deadline <= ${now}::timestamptz
    ORDER BY charge_backs.process_id LIMIT ${limit}
  `);
}

/** Does what there is to do for losses, the oldest first: one step a transaction, each made once. Answers how many. */
export async function recoverLosses(pool: Pool, origin: Origin, limit = 200): Promise<number> {
  let steps = 0;
  for (const id of await listToRecover(pool, origin.now, limit)) {
    for (const work of [collectDebt, resolvePending, writeOffDebt]) {
      const done = await pool.transaction(async (transaction) => {
        const stored = await lockProcess(transaction, id);
        if (stored?.process.state !== 'lost') return false;
        return work(transaction, stored, await getChargeBack(transaction, id), origin);
      });
      if (done) steps += 1;
    }
  }
  return steps;
}

type Work = (transaction: Transaction, stored: StoredProcess, row: ChargeBackRow, origin: Origin) => Promise<boolean>;

const numberOf = ({ process }: StoredProcess): number => process.version + 1;

const collectDebt: Work = async (transaction, stored, row, origin) => {
  const collected = await collect(transaction, row, numberOf(stored), origin.now);
  if (!collected) return false;
  const data = { amount: collected.amount.toString() };
  await appendOwnStep(transaction, stored, { on: 'collected', by: 'system', data }, origin);
  await tellOfTransfer(transaction, collected.move);
  return true;
};

const resolvePending: Work = async (transaction, stored, row, origin) => {
  const pending = BigInt(asChargeBack(stored.process).terms.pending);
  if (pending === 0n) return false;
  const amount = await resolve(transaction, row, { pending, n: numberOf(stored), now: origin.now });
  if (amount === 0n) return false;
  await appendOwnStep(
    transaction,
    stored,
    { on: 'resolved', by: 'system', data: { amount: amount.toString() } },
    origin,
  );
  return true;
};

const writeOffDebt: Work = async (transaction, stored, row, origin) => {
  if (row.owed === 0n || !isOver(asChargeBack(stored.process), origin.now)) return false;
  await writeOff(transaction, row, numberOf(stored), origin.now);
  await appendOwnStep(transaction, stored, { on: 'written_off', by: 'system', data: {} }, origin);
  return true;
};

function isOver(chargeBack: ChargeBack, now: string): boolean {
  const deadline = chargeBackMachine.deadlineOf(chargeBack);
  return deadline !== null && deadline <= now;
}
