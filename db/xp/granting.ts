import { z } from 'zod';
import { BADGES, type Badge, badgesOf, grantOf, levelOf, type XpAction } from '#workflows/xp/level.ts';
import type { Announcement } from '../event/announce.ts';
import { type Executor, sql, type Transaction } from '../pool.ts';

export type Gain = {
  userId: string;
  action: XpAction;
  /** What it is about: nothing is granted twice for it. */
  about: string;
  /** Tokens, for rules by token; 1 else. */
  many: number;
};

/** A gain that is granted by a rule in force: so many points, within the day's cap. */
type Granted = Gain & { version: number; points: number };

const CODE = z.enum(Object.keys(BADGES) as [Badge]);

/**
 * Grants experience by the rules in force, each gain once for what it is about, in the caller's transaction: four round
 * trips, however many gains there are. The rows of people are locked in the order of their ids. What those who reached a
 * level or a badge are to be told.
 */
export async function grantXp(transaction: Transaction, gains: readonly Gain[], now: string): Promise<Announcement[]> {
  // Most of what is written in a chat is in a minute that was granted: nobody's row is locked for that.
  const some = (await lookAt(transaction, gains, now)).flatMap(({ gain, inForce }) => (inForce ? [gain] : []));
  if (some.length === 0) return [];
  const people = await lockPeople(transaction, some);
  // And again what may have changed while somebody was waited for: the day's cap is looked at by one after the other.
  const granted = within(await lookAt(transaction, some, now));
  const badges = granted.flatMap((gain) => badgesFor(gain, people, granted));
  const awarded = await write(transaction, { granted, badges, now });
  return tellings({ people, granted, awarded, now });
}

const looked = z.object({
  place: z.bigint().transform(Number),
  version: z.int(),
  points: z.int(),
  daily_cap: z.int().nullable(),
  today: z.bigint().transform(Number),
});
type Looked = { gain: Gain; inForce: z.infer<typeof looked> | undefined };

/** Of each gain the rule in force, and what was granted by it today; none for one that was granted before. */
async function lookAt(executor: Executor, gains: readonly Gain[], now: string): Promise<Looked[]> {
  const rows = await executor.any(sql.prepared('look_at_xp', looked)`
    SELECT gain.place, version, points, daily_cap, CASE WHEN daily_cap IS NULL THEN 0 ELSE (
        SELECT coalesce(sum(had.points), 0)::bigint FROM xp_grants AS had
        WHERE had.user_id = gain.user_id AND had.action = gain.action
          AND had.at >= date_trunc('day', ${now}::timestamptz, 'UTC')
      ) END AS today
    FROM unnest(${of(gains, ({ userId }) => userId, 'uuid')}, ${of(gains, ({ action }) => action, 'text')},
      ${of(gains, ({ about }) => about, 'text')}) WITH ORDINALITY AS gain (user_id, action, about, place)
    CROSS JOIN LATERAL (
      SELECT version, points, daily_cap, enabled FROM xp_rules
      WHERE xp_rules.action = gain.action AND effective_from <= ${now}::timestamptz ORDER BY version DESC LIMIT 1
    ) AS rule
    WHERE enabled AND NOT EXISTS (
      SELECT FROM xp_grants AS had
      WHERE had.user_id = gain.user_id AND had.action = gain.action AND had.about = gain.about
    )
  `);
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  return gains.map((gain, at) => ({ gain, inForce: byPlace.get(at + 1) }));
}

const person = z.object({ user_id: z.string(), xp: z.bigint().transform(Number) });

/** What each of them has, locked until the transaction ends; made where it is not there. */
async function lockPeople(executor: Executor, gains: readonly Gain[]): Promise<Map<string, number>> {
  const ids = [...new Set(gains.map(({ userId }) => userId))].sort();
  const rows = await executor.any(sql.prepared('lock_xp_people', person)`
    INSERT INTO xp_people (user_id, xp) SELECT id, 0 FROM unnest(${sql.array(ids, 'uuid')}) AS id
    ON CONFLICT (user_id) DO UPDATE SET xp = xp_people.xp RETURNING user_id, xp
  `);
  return new Map(rows.map(({ user_id, xp }) => [user_id, xp]));
}

/** What is granted of them, one after the other: what is about the same is granted once, and caps are of all together. */
function within(all: readonly Looked[]): Granted[] {
  const seen = new Set<string>();
  const granted: Granted[] = [];
  for (const { gain, inForce } of all) {
    const { userId, action, about, many } = gain;
    const key = JSON.stringify([userId, action, about]);
    if (!inForce || seen.has(key)) continue;
    seen.add(key);
    const today = granted
      .filter((before) => before.userId === userId && before.action === action)
      .reduce((sum, { points }) => sum + points, inForce.today);
    granted.push({ ...gain, version: inForce.version, points: grantOf(inForce, many, today) });
  }
  return granted;
}

const pointsOf = (userId: string, granted: readonly Granted[]): number =>
  granted.reduce((sum, gain) => (gain.userId === userId ? sum + gain.points : sum), 0);

type Awarded = { userId: string; code: Badge };

function badgesFor(
  { userId, action }: Granted,
  people: ReadonlyMap<string, number>,
  granted: readonly Granted[],
): Awarded[] {
  const level = levelOf((people.get(userId) ?? 0) + pointsOf(userId, granted));
  return badgesOf(action, level).map((code) => ({ userId, code }));
}

const awardedRow = z.object({ user_id: z.string(), code: CODE });

/** Grants, sums and badges by one statement. The badges that nobody had before. */
async function write(
  executor: Executor,
  { granted, badges, now }: { granted: readonly Granted[]; badges: readonly Awarded[]; now: string },
): Promise<readonly Awarded[]> {
  const rows = await executor.any(sql.prepared('grant_xp', awardedRow)`
    WITH granted AS (
      INSERT INTO xp_grants (user_id, action, about, version, points, at)
      SELECT user_id, action, about, version, points, ${now}::timestamptz FROM unnest(
        ${of(granted, ({ userId }) => userId, 'uuid')}, ${of(granted, ({ action }) => action, 'text')},
        ${of(granted, ({ about }) => about, 'text')}, ${of(granted, ({ version }) => version, 'int4')},
        ${of(granted, ({ points }) => points, 'int8')}
      ) AS granted (user_id, action, about, version, points)
      RETURNING user_id, points
    ), raised AS (
      UPDATE xp_people AS person SET xp = person.xp + gained.points
      FROM (SELECT user_id, sum(points)::bigint AS points FROM granted GROUP BY user_id) AS gained
      WHERE person.user_id = gained.user_id
    )
    INSERT INTO xp_badges (user_id, code, awarded_at)
    SELECT DISTINCT user_id, code, ${now}::timestamptz
    FROM unnest(${of(badges, ({ userId }) => userId, 'uuid')}, ${of(badges, ({ code }) => code, 'text')})
      AS badge (user_id, code)
    ON CONFLICT DO NOTHING RETURNING user_id, code
  `);
  return rows.map(({ user_id: userId, code }) => ({ userId, code }));
}

/** Levels and badges, person by person; badges in the order in which they are declared. */
function tellings(done: {
  people: ReadonlyMap<string, number>;
  granted: readonly Granted[];
  awarded: readonly Awarded[];
  now: string;
}): Announcement[] {
  const { people, granted, awarded, now } = done;
  return [...people].flatMap(([userId, before]) => {
    const xp = before + pointsOf(userId, granted);
    const level = levelOf(xp);
    const codes = (Object.keys(BADGES) as Badge[]).filter((code) =>
      awarded.some((badge) => badge.userId === userId && badge.code === code),
    );
    return [
      ...(level > levelOf(before) ? [{ user_id: userId, name: 'level_up' as const, data: { userId, level, xp } }] : []),
      ...codes.map((code) => ({
        ...{ user_id: userId, name: 'badge_awarded' as const },
        data: { userId, code, name: BADGES[code], awarded_at: now },
      })),
    ];
  });
}

function of<Row, Value extends string | number>(rows: readonly Row[], column: (row: Row) => Value, type: string) {
  return sql.array(rows.map(column), type);
}
