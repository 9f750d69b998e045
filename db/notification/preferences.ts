import { z } from 'zod';
import { NO_PREFERENCES, type Preferences } from '#workflows/notification/preferences.ts';
import { type Executor, sql } from '../pool.ts';

/** As it was checked when it was kept; kinds that are no longer there say nothing. */
const kept = z.object({ user_id: z.string(), preferences: z.custom<Preferences>() });

/** What one wants; what is kept of nobody is everything. */
export async function findPreferences(executor: Executor, userId: string): Promise<Preferences> {
  return (await listPreferences(executor, [userId])).get(userId) ?? NO_PREFERENCES;
}

/** Of those who have said something. */
export async function listPreferences(
  executor: Executor,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Preferences>> {
  const rows = await executor.any(sql.type(kept)`
    SELECT user_id, preferences FROM notification_preferences WHERE user_id = ANY(${sql.array([...userIds], 'uuid')})
  `);
  return new Map(rows.map(({ user_id, preferences }) => [user_id, preferences]));
}

export async function setPreferences(
  executor: Executor,
  userId: string,
  preferences: Preferences,
  now: string,
): Promise<void> {
  await executor.query(sql.typeAlias('void')`
    INSERT INTO notification_preferences (user_id, preferences, changed_at)
    VALUES (${userId}, ${JSON.stringify(preferences)}, ${now})
    ON CONFLICT (user_id) DO UPDATE SET preferences = EXCLUDED.preferences, changed_at = EXCLUDED.changed_at
  `);
}
