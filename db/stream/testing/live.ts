/** Streams on a real database, begun by the door as their creators do. */
import { randomUUID } from 'node:crypto';
import { SYSTEM } from '../../deal/testing/dealing.ts';
import { accounts, transfer } from '../../money/ledger.ts';
import { balanceOf } from '../../money/walletEvents.ts';
import type { Pool } from '../../pool.ts';
import { takeStep } from '../../process/door.ts';
import { doorOf } from '../../process/testing/door.ts';
import { newPeople } from '../../talk/testing/crowd.ts';
import { getStream, openStream, type StreamRow } from '../streams.ts';

const FIRST_HOUR = Date.parse('2026-11-25T09:00:00.000Z');
/** So many hours into the day of a test. */
export const atHour = (hours: number): string => new Date(FIRST_HOUR + hours * 3_600_000).toISOString();

/** What its creator does with a stream, by the door. */
async function doAsCreator(
  pool: Pool,
  { id, creatorId, now }: { id: string; creatorId: string; now: string },
  on: 'start' | 'end' | 'archive',
): Promise<void> {
  await takeStep(doorOf(pool, { now: () => new Date(now), systemUserId: SYSTEM }), {
    ...{ processId: id, kind: 'stream', caller: { accountId: creatorId, roles: ['creator'] } },
    ...{ on, data: {}, via: {}, key: null },
  });
}

/** Has a stream that is on air ended and put away. */
export async function archivedStream(pool: Pool, { id, creator_id }: StreamRow, now: string): Promise<void> {
  for (const on of ['end', 'archive'] as const) await doAsCreator(pool, { id, creatorId: creator_id, now }, on);
}

/** A stream on air, as somebody reads it who may watch it. */
export async function liveStream(pool: Pool, now: string): Promise<StreamRow> {
  const { id: creatorId } = await withTokens(pool, 0n, now);
  const id = await pool.transaction((transaction) =>
    openStream(transaction, {
      ...{ creatorId, title: 'Monsoon cooking', category: 'food', tags: [], visibility: 'public' },
      ...{ ticketEventId: null, scheduledAt: null, watched: false, now },
    }),
  );
  await doAsCreator(pool, { id, creatorId, now }, 'start');
  return getStream(pool, id, { id: creatorId, isAdmin: false });
}

/** Somebody with just so many tokens, whatever a new account is given. */
export async function withTokens(pool: Pool, tokens: bigint, now: string): Promise<{ id: string; handle: string }> {
  const [id = ''] = await newPeople(pool, 1);
  const { available } = await balanceOf(pool, id, 'TOKEN', now);
  if (available === tokens) return { id, handle: 'somebody' };
  await transfer(pool, {
    ...{ key: `given_${randomUUID()}`, reason: 'test_money', conversationId: null, occurredAt: now },
    legs: [
      { account: accounts.issuance('TOKEN'), amount: available - tokens },
      { account: accounts.wallet(id, 'TOKEN'), amount: tokens - available },
    ],
  });
  return { id, handle: 'somebody' };
}
