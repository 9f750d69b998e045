/** What travels of experience. */
import { z } from 'zod';
import { id, instant } from '../deal/contract.ts';
import { words } from '../talk/contract.ts';
import { BADGES, XP_ACTIONS } from './level.ts';

const AT = '2026-11-28T12:00:00.000Z';
const ASHA = '0190a000-0000-7000-8000-00000000000a';
const code = z.enum(Object.keys(BADGES) as [keyof typeof BADGES]);

const badge = z.object({ code, name: z.string(), awarded_at: instant }).meta({
  ...{ id: 'Badge', examples: [{ code: 'first_gift', name: 'First gift given', awarded_at: AT }] },
});

export const xpView = z
  .object({
    xp: z.int().nonnegative(),
    level: z.int().positive(),
    next_level_at: z.int().describe('Experience at which the next level begins'),
    badges: z.array(badge),
  })
  .meta({ id: 'Xp', examples: [{ xp: 120, level: 2, next_level_at: 300, badges: [] }] });

export const XP_EVENTS = {
  level_up: z
    .object({ userId: id, level: z.int(), xp: z.int() })
    .describe('A level was reached')
    .meta({ id: 'LevelUp', examples: [{ userId: ASHA, level: 2, xp: 120 }] }),
  badge_awarded: z
    .object({ userId: id, code, name: z.string(), awarded_at: instant })
    .describe('A badge was awarded')
    .meta({
      id: 'BadgeAwarded',
      examples: [{ userId: ASHA, code: 'first_gift', name: 'First gift given', awarded_at: AT }],
    }),
} as const;

export const xpRule = z
  .object({
    action: z.enum(XP_ACTIONS),
    version: z.int(),
    points: z.int(),
    per: z.enum(['token', 'minute', 'once']),
    daily_cap: z.int().nullable(),
    enabled: z.boolean(),
    effective_from: instant,
    why: z.string().nullable(),
  })
  .meta({
    id: 'XpRule',
    examples: [
      {
        ...{ action: 'chat', version: 1, points: 5, per: 'minute', daily_cap: 500, enabled: true },
        ...{ effective_from: AT, why: null },
      },
    ],
  });

export const xpRuleChange = z
  .strictObject({
    points: z.int().min(1).max(1_000_000).optional(),
    daily_cap: z.int().min(1).max(1_000_000_000).nullish(),
    enabled: z.boolean().optional(),
    why: words(500),
  })
  .meta({ id: 'XpRuleChange', examples: [{ points: 10, why: 'Chats are quiet' }] });
