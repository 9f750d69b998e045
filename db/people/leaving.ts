import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import { DELETED_WORDS } from '#workflows/talk/preview.ts';
import { accounts, listBalances, transfer } from '../money/ledger.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';
import { changeCounts } from './counts.ts';
import { endSessionsOfUser } from './sessions.ts';

/**
 * Points, which are given back to whoever issued them when their owner leaves. Everything else is money, and nobody
 * leaves money behind.
 */
const POINTS = ['TOKEN', 'CREDIT', 'LYK'];

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
 * Takes somebody's name, texts, links and logins away, for good; what the law of a ledger keeps stays, under a name that
 * says nothing. CONFLICT, naming it, while money or an open process is theirs. Answers their sessions, to be ended.
 */
export async function leave(transaction: Transaction, userId: string, now: string): Promise<readonly string[]> {
  await refuseKept(transaction, userId);
  // Nobody opens anything with them meanwhile, which refers to this row. Then all else in the order of locks.
  await transaction.maybeOne(sql.typeAlias('id')`SELECT id FROM users WHERE id = ${userId} FOR UPDATE`);
  await leaveRooms(transaction, userId);
  await takeWords(transaction, userId, now);
  await endTies(transaction, userId);
  await lockAccounts(transaction, userId);
  // Again: what came in between.
  await refuseKept(transaction, userId);
  await givePointsBack(transaction, userId, now);
  // Before the counters, as who notifies of a session that ended has it so.
  const sessions = await endSessionsOfUser(transaction, userId, 'logout', now);
  await forgetEvents(transaction, userId);
  await transaction.query(sql.typeAlias('void')`
    UPDATE users SET handle = ${`deleted-${userId.replaceAll('-', '')}`}, password_hash = NULL, external_subject = NULL,
      roles = '{}', display_name = NULL, avatar_url = NULL, bio = NULL, private = false, deleted_at = ${now}
    WHERE id = ${userId}
  `);
  return sessions;
}

async function refuseKept(transaction: Transaction, userId: string): Promise<void> {
  const kept = await listKept(transaction, userId);
  if (kept.balances.length === 0 && kept.processes.length === 0) return;
  throw new Failure('CONFLICT', 'Money or an open process is yours: take out the one and end the other first.', {
    details: kept,
  });
}

/** Nobody pays them meanwhile. In the order in which accounts are locked. */
async function lockAccounts(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM ledger_accounts WHERE owner_id = ${userId} ORDER BY code, asset FOR UPDATE
  `);
}

/** Rooms go on without them. In the order of ids, as all conversations are locked. */
async function leaveRooms(transaction: Transaction, userId: string): Promise<void> {
  const rooms = await transaction.anyFirst(sql.typeAlias('id')`
    SELECT conversations.id FROM conversations JOIN rooms ON rooms.id = conversations.id
    JOIN members ON members.conversation_id = conversations.id
    WHERE members.user_id = ${userId} ORDER BY conversations.id FOR NO KEY UPDATE OF conversations
  `);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO former_members (conversation_id, user_id)
    SELECT id, ${userId} FROM unnest(${sql.array([...rooms], 'uuid')}) AS id ON CONFLICT DO NOTHING
  `);
  await transaction.query(sql.typeAlias('void')`
    WITH gone AS (
      DELETE FROM members WHERE user_id = ${userId} AND conversation_id = ANY(${sql.array([...rooms], 'uuid')})
    )
    UPDATE rooms SET many = many - 1 WHERE id = ANY(${sql.array([...rooms], 'uuid')})
  `);
  // A statement of its own, which sees that they are gone.
  await transaction.query(sql.typeAlias('void')`
    UPDATE members SET role = 'owner' FROM (
      SELECT DISTINCT ON (conversation_id) conversation_id, user_id FROM members AS oldest
      WHERE conversation_id = ANY(${sql.array([...rooms], 'uuid')}) AND NOT EXISTS (
        SELECT FROM members AS owner WHERE owner.conversation_id = oldest.conversation_id AND owner.role = 'owner'
      )
      ORDER BY conversation_id, joined_at, user_id
    ) AS next
    WHERE members.conversation_id = next.conversation_id AND members.user_id = next.user_id
  `);
}

/** What they said freely. Lines of a deal are its papers, and stay. */
async function takeWords(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE messages SET message = ${DELETED_WORDS}, media_url = NULL, content = 'text',
      deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE sender_id = ${userId} AND content IS NOT NULL AND conversation_id IN (
      SELECT conversation_id FROM members WHERE user_id = ${userId}
      UNION SELECT conversation_id FROM former_members WHERE user_id = ${userId}
    )
  `);
  await transaction.query(sql.typeAlias('void')`DELETE FROM reactions WHERE user_id = ${userId}`);
  await takeVideos(transaction, userId, now);
  await takeStreams(transaction, userId, now);
  await transaction.query(sql.typeAlias('void')`UPDATE reviews SET text = '' WHERE author_id = ${userId}`);
}

/** Their videos, and what they said of others': that somebody did stays counted. */
async function takeVideos(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE videos SET title = '', description = '', media_url = '', thumbnail_url = NULL, tags = '{}', ads = '[]',
      deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE video_comments SET text = '' WHERE user_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`UPDATE tips SET message = NULL WHERE sender_id = ${userId}`);
}

/** Their streams, and what they said in others': that somebody did, and gave, stays counted. */
async function takeStreams(transaction: Transaction, userId: string, now: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_segments SET media_url = '', title = '', deleted_at = coalesce(deleted_at, ${now}::timestamptz)
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId})
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE streams SET title = '', tags = '{}', theme = NULL, overlays = '[]' WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE challenges SET reward = NULL WHERE creator_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_messages SET text = '', removed_at = coalesce(removed_at, ${now}::timestamptz),
      removed_by = coalesce(removed_by, ${userId})
    WHERE user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE polls SET question = '', options = array_fill(''::text, ARRAY[cardinality(options)])
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId})
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE stream_openings SET word_data = '{}'
    WHERE stream_id IN (SELECT process_id FROM streams WHERE creator_id = ${userId}) AND word IS NOT NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE questions SET text = '', status = CASE WHEN status = 'asked' THEN 'dismissed' ELSE status END,
      moved_at = coalesce(moved_at, ${now}::timestamptz), moved_by = coalesce(moved_by, ${userId})
    WHERE user_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE gift_events SET message = NULL WHERE from_user_id = ${userId} AND message IS NOT NULL
  `);
  await transaction.query(sql.typeAlias('void')`
    UPDATE subscription_tiers SET name = '', perks = '{}', retired_at = coalesce(retired_at, ${now}::timestamptz)
    WHERE creator_id = ${userId}
  `);
  await transaction.query(sql.typeAlias('void')`UPDATE ticket_events SET title = '' WHERE creator_id = ${userId}`);
}

/** What they were told has others' words in it too; it is theirs alone, and nobody reads it any more. */
async function forgetEvents(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`DELETE FROM recommendation_pages WHERE user_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`DELETE FROM answers WHERE account_id = ${userId}`);
  await transaction.query(sql.typeAlias('void')`
    WITH gone AS (DELETE FROM outbox WHERE user_id = ${userId})
    DELETE FROM user_sequences WHERE user_id = ${userId}
  `);
}

const tie = z.object({ follower_id: z.string(), followed_id: z.string() });

async function endTies(transaction: Transaction, userId: string): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    WITH asked AS (DELETE FROM follow_requests WHERE requester_id = ${userId} OR asked_id = ${userId})
    DELETE FROM blocks WHERE blocker_id = ${userId} OR blocked_id = ${userId}
  `);
  const ties = await transaction.any(sql.type(tie)`
    DELETE FROM follows WHERE follower_id = ${userId} OR followed_id = ${userId} RETURNING follower_id, followed_id
  `);
  await changeCounts(
    transaction,
    ties.flatMap(({ follower_id, followed_id }) => [
      { userId: follower_id, followers: 0, following: -1 },
      { userId: followed_id, followers: -1, following: 0 },
    ]),
  );
}

async function givePointsBack(transaction: Transaction, userId: string, now: string): Promise<void> {
  for (const { asset, available } of await listBalances(transaction, userId)) {
    if (available === 0n || !POINTS.includes(asset)) continue;
    await transfer(transaction, {
      key: `leave_${userId}_${asset}`,
      reason: 'account_deleted',
      conversationId: null,
      occurredAt: now,
      legs: [
        { account: accounts.wallet(userId, asset), amount: -available },
        { account: accounts.issuance(asset), amount: available },
      ],
    });
  }
}
