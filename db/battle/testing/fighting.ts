/** Battles on a real database, begun by the door as people do. */
import { ANSWER_MS } from '#workflows/battle/machine.ts';
import { SYSTEM } from '../../deal/testing/dealing.ts';
import type { Pool } from '../../pool.ts';
import { type DoorResult, takeStep } from '../../process/door.ts';
import { doorOf } from '../../process/testing/door.ts';
import { withTokens } from '../../stream/testing/live.ts';
import { openBattle } from '../battles.ts';

export type Fighting = {
  id: string;
  challenger: { id: string; handle: string };
  opponent: { id: string; handle: string };
};

/** Two people with a hundred tokens each, of whom one was asked. */
export async function newBattle(
  pool: Pool,
  asked: { now: string } & Partial<{
    stake: bigint;
    lasts: number;
    streamId: string | null;
    challenger: Fighting['challenger'];
    opponentId: string;
  }>,
): Promise<Fighting> {
  const { stake = 0n, lasts = 60_000, now, streamId = null } = asked;
  const challenger = asked.challenger ?? (await withTokens(pool, 100n, now));
  const opponent = asked.opponentId ? { id: asked.opponentId, handle: '' } : await withTokens(pool, 100n, now);
  const process = await pool.transaction((transaction) =>
    openBattle(transaction, {
      ...{ challenger, opponentId: opponent.id, stake, now },
      opened: { stream_id: streamId, lasts, answer_within: ANSWER_MS },
    }),
  );
  return { id: process.id, challenger, opponent };
}

/** What somebody does with it, by the door. */
export function doAs(
  pool: Pool,
  id: string,
  accountId: string,
  on: string,
  now: string,
  roles: readonly string[] = [],
): Promise<DoorResult> {
  return takeStep(doorOf(pool, { now: () => new Date(now), systemUserId: SYSTEM }), {
    ...{ processId: id, kind: 'battle', caller: { accountId, roles } },
    ...{ on, data: {}, via: {}, key: null },
  });
}
