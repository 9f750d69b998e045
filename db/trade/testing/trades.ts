/** Trades on a real database, opened by a seller who was given what is sold. */

import type { Party } from '#workflows/trade/parties.ts';
import { DEFAULT_POLICY, type Policy } from '#workflows/trade/policy.ts';
import { accounts, transfer } from '../../money/ledger.ts';
import type { Pool } from '../../pool.ts';
import { openTrade } from '../trades.ts';

/** An odd number, so that no split of it is even. */
const SOLD = 1_001n;

export async function openFundedTrade(
  pool: Pool,
  seats: Record<Party, string>,
  now: string,
  policy: Partial<Policy> = {},
): Promise<string> {
  const { id } = await pool.transaction(async (transaction) => {
    await transfer(transaction, {
      key: crypto.randomUUID(),
      reason: 'faucet',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.issuance('USDT'), amount: -SOLD },
        { account: accounts.wallet(seats.seller, 'USDT'), amount: SOLD },
      ],
    });
    return openTrade(transaction, {
      seats,
      by: 'seller',
      asset: 'USDT',
      amount: SOLD,
      opened: { policy: { ...DEFAULT_POLICY, ...policy }, price: '2150', currency: 'INR', payment_method: 'UPI' },
      paymentDetails: 'seller@bank',
      now,
    });
  });
  return id;
}
