import { z } from 'zod';
import { type Verdict, videoOf } from '#workflows/reward/judge.ts';
import { accounts, type Balance, balancesOf, type Leg, type Transfer, transferTogether } from '../money/ledger.ts';
import { lockInboxes } from '../notification/inbox.ts';
import { type Note, notify } from '../notification/notify.ts';
import { sql, type Transaction } from '../pool.ts';
import { likeKey } from '../video/liking.ts';
import { eventsOf } from './news.ts';

/** What one person is given at once. */
export type Posting = {
  userId: string;
  /** The transfer's. */
  key: string;
  verdicts: readonly Verdict[];
  points: bigint;
};

/** What is given, with what of it pays a debt. */
export type Posted = Posting & { repaid: bigint; balance: Balance };

/**
 * Moves what was earned out of the day's budget, a transfer a person, and tells of it. Creators are told in the same
 * transaction who likes their videos: `verdicts` are all acts, earned by or not. Last in its transaction.
 */
export async function post(
  transaction: Transaction,
  postings: readonly Posting[],
  { verdicts, day, now }: { verdicts: readonly Verdict[]; day: string; now: string },
): Promise<void> {
  const debts = await repay(transaction, postings);
  const moves = postings.map((posting) => moveOf(posting, { repaid: debts.get(posting.userId) ?? 0n, day, now }));
  await transferTogether(transaction, moves);
  const userIds = postings.map(({ userId }) => userId);
  const balances = await balancesOf(transaction, userIds, { asset: 'LYK', now });
  const posted = postings.map((posting) => ({
    ...posting,
    repaid: debts.get(posting.userId) ?? 0n,
    balance: balances.get(posting.userId) ?? { asset: 'LYK', available: 0n, held: 0n },
  }));
  const titles = await titlesOf(transaction, verdicts);
  const beside = posted.flatMap((each) => eventsOf(each, { titles, now }));
  await notify(transaction, await notesOfLikes(transaction, verdicts, titles), { now, beside });
}

function moveOf(
  { userId, key, points }: Posting,
  { repaid, day, now }: { repaid: bigint; day: string; now: string },
): Transfer {
  const legs: Leg[] = [
    { account: accounts.budget(day, 'LYK'), amount: -points },
    { account: accounts.issuance('LYK', userId), amount: repaid },
    { account: accounts.wallet(userId, 'LYK'), amount: points - repaid },
  ];
  return { key, reason: 'reward', conversationId: null, occurredAt: now, legs };
}

const debtRow = z.object({ user_id: z.string(), repaid: z.bigint() });

/** What of each posting pays what its owner owes, under the locks of their rows. */
async function repay(transaction: Transaction, postings: readonly Posting[]): Promise<ReadonlyMap<string, bigint>> {
  const rows = postings.map(({ userId, points }) => ({ user_id: userId, points: points.toString() }));
  const repaid = await transaction.any(sql.type(debtRow)`
    UPDATE reward_people AS person SET debt = person.debt - LEAST(person.debt, given.points)
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS given (user_id uuid, points bigint)
    JOIN reward_people AS before ON before.user_id = given.user_id
    WHERE person.user_id = given.user_id AND person.debt > 0
    RETURNING person.user_id, LEAST(before.debt, given.points) AS repaid
  `);
  return new Map(repaid.map((row) => [row.user_id, row.repaid]));
}

const titleRow = z.object({ id: z.string(), title: z.string() });

async function titlesOf(transaction: Transaction, verdicts: readonly Verdict[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(verdicts.flatMap(({ act }) => videoOf(act) ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await transaction.any(sql.type(titleRow)`
    SELECT id, title FROM videos WHERE id = ANY(${sql.array(ids, 'uuid')})
  `);
  return new Map(rows.map(({ id, title }) => [id, title]));
}

const likeRow = z.object({ video_id: z.string(), user_id: z.string() });

/**
 * Who likes whose videos, as far as they still do. Looked at under the locks of the creators' inboxes, which an unlike
 * takes as well: so it either takes back what was told, or nothing is told of it.
 */
async function notesOfLikes(
  transaction: Transaction,
  verdicts: readonly Verdict[],
  titles: ReadonlyMap<string, string>,
): Promise<Note[]> {
  const likes = verdicts
    .filter(({ act, refused }) => act.action === 'like_received' && refused !== 'self' && refused !== 'blocked')
    .map(({ act }) => act);
  if (likes.length === 0) return [];
  await lockInboxes(transaction, [...new Set(likes.map(({ userId }) => userId))]);
  const asked = likes.map(({ target, actorId }) => ({ video_id: target, user_id: actorId }));
  const rows = await transaction.any(sql.type(likeRow)`
    SELECT video_id, user_id
    FROM json_to_recordset(${JSON.stringify(asked)}::json) AS asked (video_id uuid, user_id uuid)
    JOIN video_likes USING (video_id, user_id)
  `);
  const there = new Set(rows.map(({ video_id, user_id }) => likeKey(user_id, video_id)));
  return likes
    .filter(({ actorId, target }) => there.has(likeKey(actorId, target)))
    .map(({ userId, actorId, target }) => ({
      userId,
      kind: 'video_like' as const,
      key: likeKey(actorId, target),
      actorId,
      target: { type: 'video', id: target },
      data: { videoId: target, videoTitle: titles.get(target) ?? '' },
    }));
}
