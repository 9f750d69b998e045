/** Payouts on a real database: opened as the API opens them, with a provider that says whatever a test has it say. */
import { v7 as uuid } from 'uuid';
import type { Asset } from '#workflows/money.ts';
import type { PayoutState } from '#workflows/payment/fact.ts';
import { accounts, transfer } from '../../money/ledger.ts';
import { setPapers } from '../../payment/payees.ts';
import { beginAttempt, claimPayout, endAttempt, settlePayout } from '../../payment/payouts.ts';
import { createAccount } from '../../people/accounts.ts';
import type { Pool } from '../../pool.ts';
import type { Origin } from '../../process/stored.ts';
import { insertDestination, setChecked } from '../destinations.ts';
import { openPayout, type PayoutSettings } from '../payouts.ts';

export const SETTINGS: PayoutSettings = {
  feeBps: 100,
  limitsPercent: 100,
  holdFor: 'PT10M',
  holdForNew: 'PT1H',
  leastAt: () => 1n,
};

/** Somebody with so much in the wallet, papers in order and somewhere to be paid. */
export async function newPayee(
  pool: Pool,
  now: string,
  amount = 100_000n,
  asset: Asset = 'INR',
): Promise<{ userId: string; destinationId: string }> {
  const userId = uuid();
  const handle = `y${userId.replaceAll('-', '').slice(-20)}`;
  await createAccount(pool, {
    id: userId,
    handle,
    passwordHash: null,
    roles: ['viewer'],
    externalSubject: null,
    at: now,
  });
  const origin: Origin = { now, systemUserId: userId, correlationId: null };
  const destination = await pool.transaction(async (transaction) => {
    await setPapers(
      transaction,
      { userId, provider: 'sandbox', accountId: `sandbox_${userId}`, kyc: VERIFIED },
      origin,
    );
    return insertDestination(transaction, {
      userId,
      provider: 'sandbox',
      details: { kind: 'sandbox', account: 'ok' },
      label: 'sandbox: ok',
      now,
    });
  });
  await setChecked(pool, destination.id, { status: 'valid', name: 'Asha Rao', checkId: null, reason: null }, now);
  await transfer(pool, {
    key: `given_${userId}`,
    reason: 'test_money',
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: accounts.issuance(asset, userId), amount: -amount },
      { account: accounts.wallet(userId, asset), amount },
    ],
  });
  return { userId, destinationId: destination.id };
}

const VERIFIED = {
  status: 'verified' as const,
  currently_due: [],
  past_due: [],
  eventually_due: [],
  deadline: null,
  disabled_reason: null,
};

export async function openPayoutOf(
  pool: Pool,
  payee: { userId: string; destinationId: string },
  gross: bigint,
  now: string,
  settings: PayoutSettings = SETTINGS,
): Promise<string> {
  const asked = { ...payee, asset: 'INR' as const, gross, net: null, now };
  const { payout } = await pool.transaction((transaction) => openPayout(transaction, asked, settings));
  return payout.id;
}

/** Its provider is asked, and says this. */
export async function answerWith(pool: Pool, id: string, state: PayoutState, origin: Origin): Promise<void> {
  if (!(await claimPayout(pool, id))) return;
  const n = await beginAttempt(pool, id, origin.now);
  if (n === null) return;
  await endAttempt(pool, { processId: id, n, outcome: state, detail: null, now: origin.now });
  await settlePayout(pool, id, { state, payoutId: `pout_${id}`, reason: null, destinationFailed: false }, origin);
}
