import { shareOf } from '#workflows/subscription/terms.ts';
import { accounts, type Transfer } from '../money/ledger.ts';

export type Charge = {
  subscriptionId: string;
  /** Counted from the day it began: no month is paid for twice. */
  month: number;
  payerId: string;
  creatorId: string;
  /** TOKEN. */
  price: bigint;
  shareBps: number;
  now: string;
};

/** A month's price, from who pays to the creator and us, in one transfer. */
export function chargeOf({ subscriptionId, month, payerId, creatorId, price, shareBps, now }: Charge): Transfer {
  const share = shareOf(price, shareBps);
  return {
    ...{
      key: `subscription_${subscriptionId}_${month}`,
      reason: 'subscription',
      conversationId: null,
      occurredAt: now,
    },
    legs: [
      { account: accounts.wallet(payerId, 'TOKEN'), amount: -price },
      { account: accounts.wallet(creatorId, 'TOKEN'), amount: share },
      { account: accounts.fee(subscriptionId, 'TOKEN'), amount: price - share },
    ],
  };
}
