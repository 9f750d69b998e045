import { listReached } from '#db/reward/history.ts';
import { listRules } from '#db/reward/rules.ts';
import { countsOf, getVideo, listLiked, type VideoRow } from '#db/video/videos.ts';
import { formatDecimal } from '#workflows/money.ts';
import { type Rule, ruleAt } from '#workflows/reward/judge.ts';
import type { VideoView } from '#workflows/video/contract.ts';
import { MILESTONES } from '#workflows/video/watch.ts';
import type { Deps } from '../deps.ts';
import type { Account } from '../people/account.ts';

/** A video that the caller may see; NOT_FOUND for others. */
export function seeVideo({ pool }: Pick<Deps, 'pool'>, id: string, account: Account): Promise<VideoRow> {
  return getVideo(pool, id, account.id, account.roles.includes('admin'));
}

/** Videos as their reader has them: with counts, what is liked, and what may be earned by watching. */
export async function viewVideos(
  { pool, now }: Pick<Deps, 'pool' | 'now'>,
  rows: readonly VideoRow[],
  readerId: string,
): Promise<VideoView[]> {
  const ids = rows.map(({ id }) => id);
  const [counts, liked, reached, rules] = await Promise.all([
    countsOf(pool, ids),
    listLiked(pool, ids, readerId),
    listReached(pool, ids, readerId),
    listRules(pool),
  ]);
  const at = now().toISOString();
  const worth = { ad: worthOf(ruleAt(rules, 'ad_view', at)), milestone: worthOf(ruleAt(rules, 'watch_milestone', at)) };
  return rows.map(({ creator_handle, duration_ms, ads, ...row }) => ({
    ...row,
    creator: { id: row.creator_id, handle: creator_handle },
    duration_seconds: duration_ms / 1_000,
    counts: counts.get(row.id) ?? { views: 0, likes: 0, shares: 0, comments: 0 },
    liked_by_me: liked.has(row.id),
    ads: ads.map((ad) => ({ ...ad, reward: worth.ad })),
    milestones: MILESTONES.map((percent) => ({
      percent,
      reward: worth.milestone,
      reached: reached.has(`${row.id}/${percent}`),
    })),
  }));
}

function worthOf(rule: Rule): number {
  return rule.enabled ? Number(formatDecimal(rule.points, 'LYK')) : 0;
}
