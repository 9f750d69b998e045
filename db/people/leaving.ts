import { Failure } from '#workflows/failures.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { takeTargets } from '../boost/leaving.ts';
import { takeFiles } from '../chargeBack/leaving.ts';
import { takeOffers } from '../market/leaving.ts';
import { givePointsBack, lockAccounts, POINTS, takeAddresses, takePages } from '../money/leaving.ts';
import { listBalances } from '../money/ledger.ts';
import { forgetTold, takeDevices } from '../notification/leaving.ts';
import { takeDestinations, takePayee } from '../payout/leaving.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { takeStreams } from '../stream/leaving.ts';
import { leaveRooms, takeMessages } from '../talk/leaving.ts';
import { endOffers, takeTrades } from '../trading/leaving.ts';
import { takeVideos } from '../video/leaving.ts';
import { endSessionsOfUser } from './sessions.ts';
import { endTies } from './ties.ts';

/** What keeps somebody from leaving; at most so many processes are named. */
export type Kept = {
  balances: { asset: string; available: string; held: string }[];
  processes: readonly string[];
};
const NAMED = 20;

/** Money and open processes that are somebody's. */
async function listKept(executor: Executor, userId: string): Promise<Kept> {
  const balances = await listBalances(executor, userId);
  const processes = await executor.anyFirst(sql.typeAlias('id')`
    SELECT DISTINCT processes.id FROM seats
    JOIN processes ON processes.id = seats.process_id
    JOIN machine_states ON machine_states.kind = processes.kind AND machine_states.state = processes.state
    WHERE seats.user_id = ${userId} AND (
      NOT ends OR held <> 0 OR EXISTS (SELECT FROM promises WHERE promises.process_id = processes.id AND done_at IS NULL)
    )
    LIMIT ${NAMED}
  `);
  return {
    balances: balances
      .filter(({ asset, available, held }) => held !== 0n || (available !== 0n && !POINTS.includes(asset)))
      .map(({ asset, available, held }) => ({
        asset,
        available: formatDecimal(available, asset as Asset),
        held: formatDecimal(held, asset as Asset),
      })),
    processes,
  };
}

/**
 * Takes somebody's name, texts, details, links and logins away, for good, as `kept.ts` says of every column; what the law
 * of a ledger keeps stays, under a name that says nothing. CONFLICT, naming it, while money or an open process is theirs.
 * Answers their sessions, to be ended.
 */
export async function leave(transaction: Transaction, userId: string, now: string): Promise<readonly string[]> {
  await refuseKept(transaction, userId);
  // Before the row that everything refers to: whoever has these goes on to that.
  await takePayee(transaction, userId);
  await endOffers(transaction, userId, now);
  // Nobody opens anything with them meanwhile, which refers to this row. Then all else in the order of locks.
  await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM users WHERE id = ${userId} FOR UPDATE`);
  await leaveRooms(transaction, userId);
  await takeWords(transaction, userId, now);
  await endTies(transaction, userId);
  await takePages(transaction, userId);
  await takeDestinations(transaction, userId, now);
  await takeTrades(transaction, userId);
  await lockAccounts(transaction, userId);
  // Again: what came in between.
  await refuseKept(transaction, userId);
  await givePointsBack(transaction, userId, now);
  await takeAddresses(transaction, userId);
  // Before the counters, as who notifies of a session that ended has it so.
  const sessions = await endSessionsOfUser(transaction, userId, 'logout', now);
  await forgetTold(transaction, userId);
  await forgetEvents(transaction, userId);
  await takeName(transaction, userId, now);
  return sessions;
}

async function refuseKept(transaction: Transaction, userId: string): Promise<void> {
  const kept = await listKept(transaction, userId);
  if (kept.balances.length === 0 && kept.processes.length === 0) return;
  throw new Failure('CONFLICT', 'Money or an open process is yours: take out the one and end the other first.', {
    details: kept,
  });
}

async function takeWords(transaction: Transaction, userId: string, now: string): Promise<void> {
  await takeMessages(transaction, userId, now);
  await takeVideos(transaction, userId, now);
  await takeStreams(transaction, userId, now);
  await takeOffers(transaction, userId);
  await takeTargets(transaction, userId);
  await takeFiles(transaction, userId);
  await takeDevices(transaction, userId);
  await transaction.query(sql.typeAlias('void')`UPDATE reviews SET text = '' WHERE author_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    WITH barred AS (DELETE FROM barred_people WHERE user_id = ${userId})
    DELETE FROM staff_notes WHERE user_id = ${userId}
  `);
}

/** What they were told and answered has others' words in it too; it is theirs alone, and nobody reads it any more. */
async function forgetEvents(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`DELETE FROM answers WHERE account_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    WITH gone AS (DELETE FROM outbox WHERE user_id = ${userId})
    DELETE FROM user_sequences WHERE user_id = ${userId}
  `);
}

/** They are called by a name that says nothing; where somebody took theirs while that could be, by another such. */
async function takeName(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO left_subjects (hash, left_at)
    SELECT sha256(convert_to(external_subject, 'UTF8')), ${now}::timestamptz FROM users
    WHERE id = ${userId} AND external_subject IS NOT NULL
    ON CONFLICT (hash) DO UPDATE SET left_at = EXCLUDED.left_at
  `);
  const handle = `deleted-${userId.replaceAll('-', '')}`;
  await transaction.query(sql.typeAlias('void')`
    UPDATE users SET handle = CASE
        WHEN EXISTS (SELECT FROM users AS other WHERE lower(other.handle) = ${handle} AND other.id <> users.id)
        THEN 'deleted-' || replace(gen_random_uuid()::text, '-', '') ELSE ${handle} END,
      password_hash = NULL, external_subject = NULL, roles = '{}', display_name = NULL, avatar_url = NULL, bio = NULL,
      private = false, time_zone = 'UTC', deleted_at = ${now}
    WHERE id = ${userId}
  `);
}
