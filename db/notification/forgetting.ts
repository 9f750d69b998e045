import { type Asked, deleteOldest, type Round } from '../operation/round.ts';
import { type Executor, sql } from '../pool.ts';

/** What becomes of notifications and pushes that nobody asks for any more. */

/** Pushes that ended, with what became of them on each device. */
export function deletePushes(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'pushes',
    age: sql.fragment`done_at`,
    also: sql.fragment`by_device AS (DELETE FROM deliveries WHERE push_id IN (SELECT id FROM old))`,
  });
}

/**
 * What was put away, taken back or never listed, with what caused it. None of it is in anybody's list, so nobody's counts
 * change.
 */
export function deleteNotifications(executor: Executor, asked: Asked): Promise<Round> {
  return deleteOldest(executor, asked, {
    from: 'notifications',
    age: sql.fragment`greatest(updated_at, archived_at, withdrawn_at)`,
    where: sql.fragment`(archived_at IS NOT NULL OR withdrawn_at IS NOT NULL OR NOT listed)
      AND NOT EXISTS (SELECT FROM pushes WHERE notification_id = notifications.id)`,
    also: sql.fragment`causes AS (DELETE FROM notification_triggers WHERE notification_id IN (SELECT id FROM old))`,
  });
}
