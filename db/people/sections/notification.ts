import { sql } from '../../pool.ts';

/** What somebody was told, where, and what they want to hear of. */
export function notificationSections(userId: string) {
  return {
    devices: sql.fragment`
      SELECT id, platform, locale, time_zone, created_at FROM devices WHERE user_id = ${userId} ORDER BY created_at, id`,
    notification_preferences: sql.fragment`
      SELECT preferences, changed_at FROM notification_preferences WHERE user_id = ${userId}`,
    notifications: sql.fragment`
      SELECT id, kind, object, title, body, data, count, created_at, seen_at, read_at, archived_at
      FROM notifications WHERE user_id = ${userId} ORDER BY position`,
    pushes: sql.fragment`
      SELECT pushes.id, notification_id, cause, pushes.created_at, outcome, why, done_at
      FROM notifications JOIN pushes ON notification_id = notifications.id
      WHERE notifications.user_id = ${userId} ORDER BY pushes.id`,
  };
}
