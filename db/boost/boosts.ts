import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { pointsOf } from '#workflows/boost/score.ts';
import { asBoost, type BoostOpening, expiresAt, type Target } from '#workflows/boost/terms.ts';
import { boostEventOf, eventIdOf } from '#workflows/boost/view.ts';
import { Failure } from '#workflows/failures.ts';
import type { Process } from '#workflows/process/machine.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { publish } from '../event/publications.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { openProcess } from '../process/opening.ts';
import { lockProcess } from '../process/processes.ts';
import { expireIfDue } from '../process/step.ts';
import type { Origin } from '../process/stored.ts';
import { BOOSTS_OF, findOwner } from './targets.ts';

export type NewBoost = {
  boosterId: string;
  /** Whole credits. */
  amount: bigint;
  opened: BoostOpening;
  now: string;
};

/**
 * Opens a boost with its credits set aside in the same transaction, and tells who boosts, whose the target is, and other
 * services. INSUFFICIENT_FUNDS where there are not that many; NOT_FOUND for a target that is none.
 */
export async function openBoost(transaction: Transaction, boost: NewBoost): Promise<Process> {
  const { boosterId, amount, opened, now } = boost;
  const { target, target_id, duration, lasts } = opened;
  const owner = await findOwner(transaction, target, target_id);
  if (!owner) throw new Failure('NOT_FOUND', `There is no such ${target}.`);
  const process = await openProcess(transaction, {
    id: uuid(),
    kind: 'boost',
    by: boosterId,
    variant: null,
    opened,
    seats: { booster: boosterId, ...(owner !== boosterId && { owner }) },
    held: amount.toString(),
    asset: 'CREDIT',
    legs: [
      { place: 'wallet:booster', amount: `-${amount}` },
      { place: 'hold:booster', amount: amount.toString() },
    ],
    now,
  });
  const event = boostEventOf(asBoost(process), boosterId, now);
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO ${BOOSTS_OF[target]} (process_id, target_id, booster_id, event_id, amount, duration, points, starts_at,
      expires_at)
    VALUES (${process.id}, ${target_id}, ${boosterId}, ${eventIdOf(process.id)}, ${amount}, ${duration}::float8,
      ${pointsOf(amount, lasts)}, ${now}::timestamptz, ${expiresAt(asBoost(process).terms)}::timestamptz)
  `);
  await publish(transaction, [{ routingKey: 'boost.event', about: `${target}/${target_id}`, event }]);
  const hearers = [...new Set([boosterId, owner])];
  await announce(
    transaction,
    hearers.map((user_id) => ({ user_id, name: event.type, data: event }) as Announcement),
  );
  return process;
}

const overdue = z.object({ id: z.string() });

/** Boosts whose time is up and that have not ended, though their workflows should have seen to it; the oldest first. */
async function listOverdue(executor: Executor, now: string, limit: number): Promise<readonly { id: string }[]> {
  return executor.any(sql.type(overdue)`
    SELECT process_id AS id FROM relays
    WHERE kind = 'boost' AND look_at IS NOT NULL AND deadline <= ${now}::timestamptz
    ORDER BY deadline LIMIT ${limit}
  `);
}

/**
 * The same where their time was up not long ago, and long enough for their workflows to have come to it; without a look
 * at all that are open: a process whose deadline has passed is looked at again within seconds for some minutes
 * (`relays.look_at`).
 */
async function listJustOver(executor: Executor, now: string, limit: number): Promise<readonly { id: string }[]> {
  return executor.any(sql.type(overdue)`
    SELECT process_id AS id FROM relays
    WHERE kind = 'boost' AND look_at <= ${now}::timestamptz + ${LOOKED_AT_WITHIN}
      AND deadline <= ${now}::timestamptz - ${LEFT_TO_WORKFLOWS}
    ORDER BY look_at LIMIT ${limit}
  `);
}
const LOOKED_AT_WITHIN = sql.fragment`interval '5 minutes'`;
const LEFT_TO_WORKFLOWS = sql.fragment`interval '500 ms'`;

/** Transactions side by side. */
const LANES = 4;

/** Ends boosts whose time was up before now and whom nobody ended, each by its own step. Answers their ids. */
export async function expireOverdue(
  pool: Pool,
  origin: Origin,
  limit: number,
  which: 'all' | 'just_over' = 'all',
): Promise<readonly string[]> {
  const left = [...(await (which === 'all' ? listOverdue : listJustOver)(pool, origin.now, limit))].reverse();
  const ended: string[] = [];
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      try {
        if (await expire(pool, next.id, origin)) ended.push(next.id);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  // Those that ended are to be rung for; what failed is found again.
  if (ended.length === 0 && failures.length > 0) throw failures[0];
  return ended;
}

function expire(pool: Pool, id: string, origin: Origin): Promise<boolean> {
  return pool.transaction(async (transaction) => {
    const stored = await lockProcess(transaction, id);
    return stored !== null && expireIfDue(transaction, stored, origin);
  });
}

const timesRow = z.object({
  starts_at: z.string(),
  expires_at: z.string(),
  ended_at: z.string().nullable(),
  points: z.bigint().transform(Number),
});
export type BoostTimes = z.infer<typeof timesRow>;

/** When a boost began and ended, or will. */
export async function getBoostTimes(executor: Executor, target: Target, id: string): Promise<BoostTimes> {
  return executor.one(sql.type(timesRow)`
    SELECT starts_at, expires_at, ended_at, points FROM ${BOOSTS_OF[target]} WHERE process_id = ${id}
  `);
}

const effect = z.object({
  views: z.bigint().transform(Number),
  deals: z.bigint().transform(Number),
  credits: z.bigint().transform(Number),
});
export type Effect = z.infer<typeof effect>;

/**
 * What happened to a target from one instant until another: people who looked at it, an hour each; deals (of a profile
 * what its owner opened or was asked for, of a gig its payments, of a clan contributions), and the credits in them.
 */
export async function measureEffect(
  executor: Executor,
  { target, targetId, from, until }: { target: Target; targetId: string; from: string; until: string },
): Promise<Effect> {
  const within = (column: 'seen_at' | 'occurred_at' | 'opened_at') => sql.fragment`
    ${sql.identifier([column])} >= ${from}::timestamptz AND ${sql.identifier([column])} < ${until}::timestamptz`;
  const views = sql.fragment`
    SELECT count(*) FROM target_views WHERE target = ${target} AND target_id = ${targetId} AND ${within('seen_at')}`;
  if (target === 'profile') {
    return executor.one(sql.type(effect)`
      SELECT (${views}) AS views,
        (SELECT count(*) FROM seats JOIN processes ON processes.id = process_id
          WHERE user_id = ${targetId} AND processes.kind IN ('deal', 'trade') AND ${within('opened_at')}) AS deals,
        (SELECT coalesce(sum(amount), 0)::bigint FROM user_credit_events
          WHERE subject_id = ${targetId} AND type = 'credit_earned' AND ${within('occurred_at')}) AS credits
    `);
  }
  const [table, type] =
    target === 'gig' ? ['gig_credit_events', 'gig_payment'] : ['clan_credit_events', 'clan_contribution'];
  return executor.one(sql.type(effect)`
    SELECT (${views}) AS views, count(*) AS deals, coalesce(sum(amount), 0)::bigint AS credits
    FROM ${sql.identifier([table as string])}
    WHERE subject_id = ${targetId} AND type = ${type as string} AND ${within('occurred_at')}
  `);
}
