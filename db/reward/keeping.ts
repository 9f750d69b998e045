import { dayOf, otherOf, type Verdict, videoOf } from '#workflows/reward/judge.ts';
import { sql, type Transaction } from '../pool.ts';
import type { Posting } from './posting.ts';

/** Writing what became of acts: each by itself, and the sums that caps and reads need. */

export async function keepVerdicts(
  transaction: Transaction,
  verdicts: readonly Verdict[],
  { now, postings }: { now: string; postings: readonly Posting[] },
): Promise<void> {
  const keys = new Map(postings.map(({ userId, key }) => [userId, key]));
  await insertRewards(transaction, verdicts, { now, keys });
  await addToDays(transaction, verdicts);
  await addToPairs(transaction, verdicts);
  await addToVideos(transaction, verdicts);
  await addToTotals(transaction, verdicts);
  await addToPeople(transaction, postings);
}

async function insertRewards(
  transaction: Transaction,
  verdicts: readonly Verdict[],
  { now, keys }: { now: string; keys: ReadonlyMap<string, string> },
): Promise<void> {
  const rows = verdicts.map(({ act, rule, onceDay, refused }) => ({
    id: act.id.toString(),
    user_id: act.userId,
    action: act.action,
    version: rule.version,
    actor_id: act.actorId,
    creator_id: act.creatorId,
    target: act.target,
    once_day: onceDay,
    points: refused === null ? rule.points.toString() : '0',
    refused,
    at: act.at,
    posting: refused === null ? keys.get(act.userId) : null,
  }));
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO rewards (id, user_id, action, version, actor_id, creator_id, target, once_day, points, refused, at, day,
      judged_at, posting)
    SELECT id, user_id, action, version, actor_id, creator_id, target, once_day, points, refused, at,
      (at AT TIME ZONE 'UTC')::date, ${now}, posting
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS made (id bigint, user_id uuid, action text, version integer,
      actor_id uuid, creator_id uuid, target text, once_day date, points bigint, refused text, at timestamptz, posting text)
  `);
}

const pointsOf = ({ refused, rule }: Verdict) => (refused === null ? rule.points : 0n);

/** Sums of verdicts by a key, in the keys' order, which is the order of locks. */
function sumsOf(verdicts: readonly Verdict[], keyOf: (verdict: Verdict) => readonly string[]) {
  const groups = Map.groupBy(verdicts, (verdict) => keyOf(verdict).join(' '));
  return [...groups]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, theirs]) => {
      const granted = theirs.filter(({ refused }) => refused === null);
      return {
        key: keyOf(theirs[0] as Verdict),
        points: theirs.reduce((sum, verdict) => sum + pointsOf(verdict), 0n),
        granted: granted.length,
        refused: theirs.length - granted.length,
        all: theirs,
      };
    });
}

async function addToDays(transaction: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const rows = sumsOf(verdicts, ({ act }) => [act.userId, dayOf(act.at), act.action]).map(
    ({ key: [user_id, day, action], points, granted, refused }) => ({
      ...{ user_id, day, action, granted, refused, points: points.toString() },
    }),
  );
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_days AS kept (user_id, day, action, points, granted, refused)
    SELECT user_id, day, action, points, granted, refused
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS made (user_id uuid, day date, action text, points bigint, granted integer, refused integer)
    ON CONFLICT (user_id, day, action) DO UPDATE SET points = kept.points + EXCLUDED.points,
      granted = kept.granted + EXCLUDED.granted, refused = kept.refused + EXCLUDED.refused
  `);
}

/** Only what has a cap by pair is summed by pair: a popular video has as many pairs as viewers. */
async function addToPairs(transaction: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const capped = verdicts.filter(({ refused, rule }) => refused === null && rule.pairCap !== null);
  const rows = sumsOf(capped, ({ act }) => [act.userId, dayOf(act.at), act.action, otherOf(act)]).map(
    ({ key: [user_id, day, action, other_id], points }) => ({
      ...{ user_id, day, action, other_id, points: points.toString() },
    }),
  );
  if (rows.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_pairs AS kept (user_id, day, action, other_id, points)
    SELECT user_id, day, action, other_id, points
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS made (user_id uuid, day date, action text, other_id uuid, points bigint)
    ON CONFLICT (user_id, day, action, other_id) DO UPDATE SET points = kept.points + EXCLUDED.points
  `);
}

async function addToVideos(transaction: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const granted = verdicts.filter((verdict) => verdict.refused === null && videoOf(verdict.act) !== null);
  const rows = sumsOf(granted, ({ act }) => [videoOf(act) ?? '', dayOf(act.at)]).map(
    ({ key: [video_id, day], all }) => {
      const sum = (mine: boolean) =>
        all
          .filter(({ act }) => (act.userId === act.creatorId) === mine)
          .reduce((points, verdict) => points + pointsOf(verdict), 0n);
      return { video_id, day, creator_points: sum(true).toString(), viewer_points: sum(false).toString() };
    },
  );
  if (rows.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_videos AS kept (video_id, day, creator_points, viewer_points)
    SELECT video_id, day, creator_points, viewer_points
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS made (video_id uuid, day date, creator_points bigint, viewer_points bigint)
    ON CONFLICT (video_id, day) DO UPDATE SET creator_points = kept.creator_points + EXCLUDED.creator_points,
      viewer_points = kept.viewer_points + EXCLUDED.viewer_points
  `);
}

async function addToTotals(transaction: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const outcomeOf = ({ refused }: Verdict) => refused ?? 'granted';
  const rows = sumsOf(verdicts, (verdict) => [dayOf(verdict.act.at), verdict.act.action, outcomeOf(verdict)]).map(
    ({ key: [day, action, outcome], points, all }) => ({
      ...{ day, action, outcome, many: all.length, points: points.toString() },
    }),
  );
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_totals AS kept (day, action, outcome, many, points)
    SELECT day, action, outcome, many, points
    FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS made (day date, action text, outcome text, many bigint, points bigint)
    ON CONFLICT (day, action, outcome) DO UPDATE SET many = kept.many + EXCLUDED.many, points = kept.points + EXCLUDED.points
  `);
}

async function addToPeople(transaction: Transaction, postings: readonly Posting[]): Promise<void> {
  const rows = postings.map(({ userId, points }) => ({ user_id: userId, points: points.toString() }));
  await transaction.query(sql.typeAlias('void')`
    UPDATE reward_people SET earned = earned + made.points
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS made (user_id uuid, points bigint)
    WHERE reward_people.user_id = made.user_id
  `);
}
