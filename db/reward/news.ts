import { formatDecimal } from '#workflows/money.ts';
import { type Action, actionFacts, isLykLuk } from '#workflows/reward/actions.ts';
import { type Verdict, videoOf } from '#workflows/reward/judge.ts';
import type { Announcement } from '../event/announce.ts';
import { viewBalance } from '../money/walletEvents.ts';
import type { Posted } from './posting.ts';

/** How somebody hears of what they earned: in the words of LykLuk and in those of Softchat, from the same facts. */

/** Awards that are told of as one: of one action, about one thing. */
type Group = { action: Action; target: string; first: Verdict; many: number; points: bigint };

const numberOf = (units: bigint) => Number(formatDecimal(units, 'LYK'));

export function eventsOf(
  posted: Posted,
  { titles, now }: { titles: ReadonlyMap<string, string>; now: string },
): Announcement[] {
  const { userId, points, repaid, balance } = posted;
  const groups = groupsOf(posted.verdicts);
  const events = balanceEvents(posted, groups, now);
  let before = balance.available + repaid - points;
  for (const group of groups) {
    const after = before + group.points;
    const title = titles.get(videoOf(group.first.act) ?? '') ?? '';
    events.push(...earned(userId, group, { before, after, title, now }));
    before = after;
  }
  if (repaid > 0n) events.push(paidBack(userId, { repaid, before, now }));
  return events;
}

function groupsOf(verdicts: readonly Verdict[]): Group[] {
  const groups = Map.groupBy(verdicts, ({ act }) => `${act.action} ${videoOf(act) ?? act.target}`);
  return [...groups.values()].map((theirs) => {
    const first = theirs[0] as Verdict;
    const points = theirs.reduce((sum, { rule }) => sum + rule.points, 0n);
    return { action: first.act.action, target: first.act.target, first, many: theirs.length, points };
  });
}

function balanceEvents({ userId, key, points, repaid, balance }: Posted, groups: Group[], now: string): Announcement[] {
  const view = viewBalance(balance);
  const memo = groups.length === 1 && groups[0] ? reasonOf(groups[0]) : null;
  return [
    { user_id: userId, name: 'balance_update', data: { userId, balance: view } },
    {
      user_id: userId,
      name: 'transaction_complete',
      data: {
        transactionId: key,
        details: {
          ...{ kind: 'reward', asset: 'LYK', amount: formatDecimal(points - repaid, 'LYK') },
          ...{ balance_after: view.available, counterparty_id: null, memo, occurred_at: now },
        },
      },
    },
  ];
}

function reasonOf({ action, many }: Group): string {
  return actionFacts(action).reason(many);
}

function earned(
  userId: string,
  group: Group,
  { before, after, title, now }: { before: bigint; after: bigint; title: string; now: string },
): Announcement[] {
  const { action, first, many } = group;
  const { side, total } = actionFacts(action);
  const id = first.act.id.toString();
  const said = { points: numberOf(group.points), newBalance: numberOf(after), reason: reasonOf(group), timestamp: now };
  const events: Announcement[] = [];
  if (isLykLuk(action)) {
    const metadata = {
      ...{ videoId: first.act.target, videoTitle: title, userType: side, rewardId: id },
      ...(total === undefined ? {} : { [total]: many }),
    };
    const data = { userId, action, ...said, previousBalance: numberOf(before), metadata };
    events.push({
      user_id: userId,
      name: 'points_earned',
      data: { type: 'points_earned', eventType: 'wallet:points:earned', recipientIds: [userId], data },
    });
  }
  const reward = { id, action, ...said, targetId: group.target, many };
  events.push({ user_id: userId, name: 'reward_earned', data: { userId, reward } });
  return events;
}

/** What was earned paid for what was earned wrongly. */
function paidBack(
  userId: string,
  { repaid, before, now }: { repaid: bigint; before: bigint; now: string },
): Announcement {
  return {
    user_id: userId,
    name: 'points_deducted',
    data: {
      type: 'points_deducted',
      eventType: 'wallet:points:deducted',
      recipientIds: [userId],
      data: {
        ...{ userId, action: 'penalty', points: numberOf(repaid), newBalance: numberOf(before - repaid) },
        ...{ previousBalance: numberOf(before), reason: 'Pays for points that were taken back', timestamp: now },
        metadata: {},
      },
    },
  };
}
