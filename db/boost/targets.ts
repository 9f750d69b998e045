import { z } from 'zod';
import type { Target } from '#workflows/boost/terms.ts';
import { Failure } from '#workflows/failures.ts';
import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { hasOwner } from '../people/accounts.ts';
import { brokenConstraint, type Executor, sql } from '../pool.ts';

/** What can be boosted: people's profiles, gigs, clans. */

export const BOOSTS_OF = {
  profile: sql.identifier(['user_boost_events']),
  gig: sql.identifier(['gig_boost_events']),
  clan: sql.identifier(['clan_boost_events']),
} as const;

const idRow = z.object({ id: z.string() });

/** Of those that there are, the ones to be seen: not the system's own account, nor what is somebody's who left. */
const SEEN = {
  profile: sql.fragment`roles <> '{}'`,
  gig: hasOwner('owner_id'),
  clan: hasOwner('leader_id'),
} as const;

/** Whose it is; null where there is none. */
export async function findOwner(executor: Executor, target: Target, id: string): Promise<string | null> {
  const owners = {
    profile: sql.type(idRow)`SELECT id FROM users WHERE id = ${id} AND ${SEEN.profile}`,
    gig: sql.type(idRow)`SELECT owner_id AS id FROM gigs WHERE id = ${id} AND ${SEEN.gig}`,
    clan: sql.type(idRow)`SELECT leader_id AS id FROM clans WHERE id = ${id} AND ${SEEN.clan}`,
  };
  return (await executor.maybeOne(owners[target]))?.id ?? null;
}

export type Gig = {
  id: string;
  owner_id: string;
  title: string;
  description: string;
  category: string;
  created_at: string;
};
export type Clan = { id: string; leader_id: string; name: string; description: string; created_at: string };

export async function insertGig(executor: Executor, gig: Gig): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO gigs (id, owner_id, title, description, category, created_at)
    VALUES (${gig.id}, ${gig.owner_id}, ${gig.title}, ${gig.description}, ${gig.category}, ${gig.created_at}::timestamptz)
  `);
}

/** CONFLICT where the name is taken. */
export async function insertClan(executor: Executor, clan: Clan): Promise<void> {
  try {
    await executor.query(sql.typeAlias('void')`
      INSERT INTO clans (id, leader_id, name, description, created_at)
      VALUES (${clan.id}, ${clan.leader_id}, ${clan.name}, ${clan.description}, ${clan.created_at}::timestamptz)
    `);
  } catch (error) {
    if (brokenConstraint(error) !== 'clans_name_unique') throw error;
    throw new Failure('CONFLICT', 'This name is taken.', { details: { field: 'name' }, cause: error });
  }
}

const score = { score: z.bigint().transform(Number), boosts: z.int(), boosted_until: z.string().nullable() };
const rows = {
  profile: z.object({
    id: z.string(),
    handle: z.string(),
    roles: z.array(z.string()),
    created_at: z.string(),
    ...score,
  }),
  gig: z.object({
    id: z.string(),
    owner_id: z.string(),
    title: z.string(),
    description: z.string(),
    category: z.string(),
    created_at: z.string(),
    ...score,
  }),
  clan: z.object({
    id: z.string(),
    leader_id: z.string(),
    name: z.string(),
    description: z.string(),
    created_at: z.string(),
    contributed: z.bigint().transform(Number),
    ...score,
  }),
} as const;
export type Listed<Of extends Target> = z.infer<(typeof rows)[Of]>;

const COLUMNS = {
  profile: sql.fragment`users.id, handle, roles, created_at`,
  gig: sql.fragment`gigs.id, owner_id, title, description, category, created_at`,
  clan: sql.fragment`clans.id, leader_id, name, description, created_at,
    coalesce((SELECT balance FROM ledger_accounts WHERE code = 'clan/' || clans.id AND asset = 'CREDIT'), 0) AS contributed`,
} as const;
const FROM = {
  profile: sql.fragment`users`,
  gig: sql.fragment`gigs`,
  clan: sql.fragment`clans`,
} as const;

const boosted = (target: Target) => sql.fragment`
  SELECT target_id, sum(points)::bigint AS score, count(*)::integer AS boosts, max(expires_at) AS boosted_until
  FROM ${BOOSTS_OF[target]} WHERE ended_at IS NULL`;

/** Where a ranked page goes on: after the one with this score and id. */
export type RankedAfter = { score: number; id: string };

/** By what boosts give them, the highest first, and then those without by age. */
export async function listRanked<Of extends Target>(
  executor: Executor,
  target: Of,
  limit: number,
  after: RankedAfter | null,
): Promise<readonly Listed<Of>[]> {
  const id = sql.identifier([target === 'profile' ? 'users' : `${target}s`, 'id']);
  const row = rows[target] as unknown as z.ZodType<Listed<Of>>;
  // Two arms, so that those without a boost, who may be millions, are read by their key and not sorted.
  return executor.any(sql.type(row)`
    WITH boosted AS (${boosted(target)} GROUP BY target_id),
    ranked AS (
      SELECT ${COLUMNS[target]}, score, boosts, boosted_until FROM boosted JOIN ${FROM[target]} ON ${id} = target_id
      WHERE ${SEEN[target]} AND (${after?.id ?? null}::uuid IS NULL
        OR (score, target_id) < (${after?.score ?? null}::bigint, ${after?.id ?? null}::uuid))
      ORDER BY score DESC, target_id DESC LIMIT ${limit}
    ), others AS (
      SELECT ${COLUMNS[target]}, 0::bigint AS score, 0 AS boosts, NULL::timestamptz AS boosted_until FROM ${FROM[target]}
      WHERE ${SEEN[target]} AND NOT EXISTS (SELECT FROM boosted WHERE target_id = ${id})
        AND (${after?.id ?? null}::uuid IS NULL OR ${after?.score ?? 1} > 0 OR ${id} < ${after?.id ?? null}::uuid)
      ORDER BY ${id} DESC LIMIT ${limit}
    )
    SELECT * FROM (SELECT * FROM ranked UNION ALL SELECT * FROM others) AS page
    ORDER BY score DESC, id DESC LIMIT ${limit}
  `);
}

/** The newest first, by their ids. */
export async function listNewest<Of extends Target>(
  executor: Executor,
  target: Of,
  limit: number,
  before: string | null,
): Promise<readonly Listed<Of>[]> {
  const id = sql.identifier([target === 'profile' ? 'users' : `${target}s`, 'id']);
  const row = rows[target] as unknown as z.ZodType<Listed<Of>>;
  return executor.any(sql.type(row)`
    SELECT ${COLUMNS[target]}, coalesce(score, 0) AS score, coalesce(boosts, 0) AS boosts, boosted_until
    FROM (
      SELECT * FROM ${FROM[target]} WHERE ${SEEN[target]} AND (${before}::uuid IS NULL OR id < ${before}::uuid)
      ORDER BY id DESC LIMIT ${limit}
    ) AS ${sql.identifier([target === 'profile' ? 'users' : `${target}s`])}
    LEFT JOIN LATERAL (${boosted(target)} AND target_id = ${id} GROUP BY target_id) AS lifted ON true
    ORDER BY ${id} DESC
  `);
}

/** One with its score; null where there is none. */
export async function findTarget<Of extends Target>(
  executor: Executor,
  target: Of,
  id: string,
): Promise<Listed<Of> | null> {
  const own = sql.identifier([target === 'profile' ? 'users' : `${target}s`, 'id']);
  const row = rows[target] as unknown as z.ZodType<Listed<Of>>;
  return executor.maybeOne(sql.type(row)`
    SELECT ${COLUMNS[target]}, coalesce(score, 0) AS score, coalesce(boosts, 0) AS boosts, boosted_until
    FROM ${FROM[target]}
    LEFT JOIN LATERAL (${boosted(target)} AND target_id = ${own} GROUP BY target_id) AS lifted ON true
    WHERE ${own} = ${id} AND ${SEEN[target]}
  `);
}

/** Somebody looks at it: counted once a person and hour. True when it counted. */
export async function noteView(
  executor: Executor,
  { target, targetId, viewerId, now }: { target: Target; targetId: string; viewerId: string; now: string },
): Promise<boolean> {
  const { rowCount } = await executor.query(sql.typeAlias('void')`
    INSERT INTO target_views (target, target_id, hour, viewer_id, seen_at)
    VALUES (${target}, ${targetId}, date_trunc('hour', ${now}::timestamptz, 'UTC'), ${viewerId}, ${now}::timestamptz)
    ON CONFLICT DO NOTHING
  `);
  return rowCount === 1;
}

/** Forgets views from before an instant. */
export function deleteViews(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'target_views',
    age: sql.fragment`seen_at`,
  });
}
