import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import type { Action } from '#workflows/reward/actions.ts';
import { dayOf, type Verdict } from '#workflows/reward/judge.ts';
import { localDay, type Streak, streakOn } from '#workflows/reward/streak.ts';
import { sql, type Transaction } from '../pool.ts';
import { insertActs } from './acts.ts';
import { collectOwn } from './collecting.ts';
import { getRule } from './rules.ts';
import { ofMine } from './watching.ts';

/** What a page says that somebody did: only where the rule says that a page may. */

export type Triggered = { userId: string; action: Action; targetId: string | null; now: string };

const WEEK = 7;

/** FORBIDDEN for what no page may say; FLOW_STATE_INVALID for a profile that is not complete. `streak`: days in a row. */
export async function trigger(
  transaction: Transaction,
  { userId, action, targetId, now }: Triggered,
): Promise<{ verdict: Verdict; streak: number | null }> {
  const rule = await getRule(transaction, action);
  if (!rule.client) throw new Failure('FORBIDDEN', 'This is not for a page to say.');
  if (action === 'profile_completed') await requireProfile(transaction, userId);
  const streak = action === 'daily_login' ? await goOn(transaction, userId, now) : null;
  const target = streak?.lastDay ?? (action === 'profile_completed' ? 'profile' : (targetId ?? dayOf(now)));
  const act = { actorId: userId, creatorId: userId, now };
  await insertActs(transaction, [
    { ...act, action, target },
    ...(streak && streak.days > 0 && streak.days % WEEK === 0
      ? [{ ...act, action: 'streak_week' as const, target: streak.lastDay ?? target }]
      : []),
  ]);
  const verdict = ofMine(await collectOwn(transaction, userId, now), { action, target });
  return { verdict, streak: streak?.days ?? null };
}

const personRow = z.object({
  streak: z.int(),
  longest: z.int(),
  streak_day: z.string().nullable(),
  time_zone: z.string(),
});

/** The streak after somebody came by: by the calendar of their own zone, under the lock of their row. */
async function goOn(transaction: Transaction, userId: string, now: string): Promise<Streak> {
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_people (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING
  `);
  const before = await transaction.one(sql.type(personRow)`
    SELECT streak, longest, streak_day, time_zone FROM reward_people JOIN users ON users.id = user_id
    WHERE user_id = ${userId} FOR NO KEY UPDATE OF reward_people
  `);
  const next = streakOn(
    { days: before.streak, longest: before.longest, lastDay: before.streak_day },
    localDay(now, before.time_zone),
  );
  await transaction.query(sql.typeAlias('void')`
    UPDATE reward_people SET streak = ${next.days}, longest = ${next.longest}, streak_day = ${next.lastDay}::date
    WHERE user_id = ${userId}
  `);
  return next;
}

const profileRow = z.object({ complete: z.boolean() });

async function requireProfile(transaction: Transaction, userId: string): Promise<void> {
  const { complete } = await transaction.one(sql.type(profileRow)`
    SELECT display_name IS NOT NULL AND bio IS NOT NULL AND avatar_url IS NOT NULL AS complete
    FROM users WHERE id = ${userId}
  `);
  if (complete) return;
  throw new Failure('FLOW_STATE_INVALID', 'A profile is complete with a name, a picture and a bio.', {
    details: { current_state: 'incomplete', required_state: 'complete' },
  });
}
