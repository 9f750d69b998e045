/** Errands on a real database: opened with what is held for them, given to the door as deals are. */
import { v7 as uuid } from 'uuid';
import { accounts, transfer } from '../../money/ledger.ts';
import type { Pool } from '../../pool.ts';
import { openProcess } from '../../process/opening.ts';

const REWARD = 2_500n;

/** An errand of the one for the other, with its reward held; `within` is how long the runner has. */
export async function openErrand(
  pool: Pool,
  pair: { brand_owner: string; influencer: string },
  now: string,
  within = 'P1D',
): Promise<string> {
  const id = uuid();
  const held = REWARD.toString();
  await pool.transaction(async (transaction) => {
    await transfer(transaction, {
      key: `given_${id}`,
      reason: 'test_money',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.issuance('CREDIT'), amount: -REWARD },
        { account: accounts.wallet(pair.brand_owner, 'CREDIT'), amount: REWARD },
      ],
    });
    await openProcess(transaction, {
      id,
      kind: 'errand',
      by: pair.brand_owner,
      variant: null,
      opened: { within },
      seats: { giver: pair.brand_owner, runner: pair.influencer },
      held,
      asset: 'CREDIT',
      legs: [
        { place: 'wallet:giver', amount: `-${held}` },
        { place: 'hold:giver', amount: held },
      ],
      now,
    });
  });
  return id;
}
