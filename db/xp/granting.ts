import { z } from 'zod';
import { BADGES, type Badge, firstOf, LEVEL_BADGES, levelOf, type XpAction } from '#workflows/xp/level.ts';
import type { Announcement } from '../event/announce.ts';
import { sql, type Transaction } from '../pool.ts';

export type Gain = {
  userId: string;
  action: XpAction;
  /** What it is about: nothing is granted twice for it. */
  about: string;
  /** Tokens, for rules by token; 1 else. */
  many: number;
};

const CODES = Object.keys(BADGES) as [Badge];
const whole = z.bigint().transform(Number);
const grantedRow = z.object({ person: z.string(), had: whole, has: whole, awarded: z.array(z.enum(CODES)) });
type Granted = z.infer<typeof grantedRow>;

/**
 * Grants experience by the rules in force, each gain once for what it is about, in the caller's transaction: one round
 * trip, however many gains there are. The rows of people are locked in the order of their ids. What those who reached a
 * level or a badge are to be told.
 */
export async function grantXp(transaction: Transaction, gains: readonly Gain[], now: string): Promise<Announcement[]> {
  if (gains.length === 0) return [];
  const granted = await transaction.any(sql.prepared('grant_xp', grantedRow)`
    SELECT person, had, has, awarded FROM grant_xp(${of(gains, ({ userId }) => userId, 'uuid')},
      ${of(gains, ({ action }) => action, 'text')}, ${of(gains, ({ about }) => about, 'text')},
      ${of(gains, ({ many }) => many, 'int8')}, ${of(gains, ({ action }) => firstOf(action), 'text')},
      false, ${now}::timestamptz, ${badgeColumns()})
  `);
  return granted.flatMap((one) => tellings(one, now));
}

/** Badges in the order in which they are declared, and from how much experience on there are those for a level. */
export function badgeColumns() {
  return sql.fragment`${sql.array(CODES, 'text')}, ${of(CODES, beginsOf, 'int8')}`;
}

const beginsOf = (badge: Badge) => LEVEL_BADGES.find(({ code }) => code === badge)?.begins ?? null;

/** Of one person their level and badges; badges in the order in which they are declared. */
function tellings({ person: userId, had, has: xp, awarded }: Granted, now: string): Announcement[] {
  const level = levelOf(xp);
  const codes = CODES.filter((code) => awarded.includes(code));
  return [
    ...(level > levelOf(had) ? [{ user_id: userId, name: 'level_up' as const, data: { userId, level, xp } }] : []),
    ...codes.map((code) => ({
      ...{ user_id: userId, name: 'badge_awarded' as const },
      data: { userId, code, name: BADGES[code], awarded_at: now },
    })),
  ];
}

function of<Row, Value extends string | number | null>(
  rows: readonly Row[],
  column: (row: Row) => Value,
  type: string,
) {
  return sql.array(rows.map(column), type);
}
