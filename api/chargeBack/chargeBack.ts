import { type ChargeBackDetails, listChargeBackDetails } from '#db/chargeBack/chargeBacks.ts';
import type { Executor } from '#db/pool.ts';
import { roleIn } from '#db/process/door.ts';
import { findProcess, listSteps } from '#db/process/processes.ts';
import type { ChargeBackView } from '#workflows/chargeBack/contract.ts';
import { asChargeBack, type ChargeBackStep } from '#workflows/chargeBack/terms.ts';
import {
  type ChargeBackStanding,
  evidenceFor,
  historyOf,
  standingFor,
  type Viewer,
} from '#workflows/chargeBack/view.ts';
import { Failure } from '#workflows/failures.ts';
import type { Account } from '../people/account.ts';

const HISTORY_AT_MOST = 200;

/** What a command was answered with: how the charge-back stood after it, and the number of its last step then. */
export type StandingAt = { n: number; standing: ChargeBackStanding };

/** A charge-back as its caller may see it. NOT_FOUND for strangers. */
export async function viewChargeBack(
  executor: Executor,
  id: string,
  account: Account,
  at: StandingAt | null = null,
): Promise<ChargeBackView> {
  const stored = await findProcess(executor, id);
  if (stored?.process.kind !== 'chargeBack') throw new Failure('NOT_FOUND', 'There is no such charge-back.');
  const viewer = roleIn(stored, { accountId: account.id, roles: account.roles }) as Viewer;
  const details = (await listChargeBackDetails(executor, [id])).get(id);
  if (!details) throw new Error(`charge-back ${id} has no row of its own`);
  const steps = (await listSteps(executor, id, 0, HISTORY_AT_MOST)) as ChargeBackStep[];
  const shown = steps.filter(({ n }) => n <= (at?.n ?? n));
  return {
    ...listedChargeBack(details, at?.standing ?? standingFor(viewer, asChargeBack(stored.process))),
    evidence: evidenceFor(viewer, shown),
    history: shown.map(historyOf),
  };
}

export function listedChargeBack(
  details: ChargeBackDetails,
  standing: ChargeBackStanding,
): Omit<ChargeBackView, 'history' | 'evidence'> {
  const { process_id: id, dispute_id, payment_process_id, reason, payer_id, payee_id, opened_at } = details;
  return {
    id,
    payer_id,
    payee_id,
    process_id: payment_process_id,
    dispute_id,
    reason,
    ...standing,
    created_at: opened_at,
  };
}
