import type { Client } from 'pg';
import { countNotifications, listNotifications } from '#db/notification/inbox.ts';
import { listDuePushes } from '#db/notification/pushes.ts';
import type { Hot } from './asking.ts';
import { AGENCY, inPieces, type Size } from './size.ts';

/** What people were told on their devices, and what is asked of it. */

/** To each deal, so that an agency has a hundredth of them. */
const NOTES_EACH = 5;

export async function fillInboxes(client: Client, { open }: Size, people: number): Promise<string> {
  const notes = 2 * open * NOTES_EACH;
  await inPieces(notes, 20_000, (from, to) => client.query(NOTES, [from, to, people]));
  await client.query(
    'INSERT INTO inboxes (user_id, position) SELECT user_id, max(position) FROM notifications GROUP BY user_id',
  );
  return `${notes} notifications`;
}

/** Of ten one is unread. Each was pushed, and a thousandth of the pushes is due. */
const NOTES = `
  WITH note AS MATERIALIZED (
    SELECT n, growth_id(growth_at(n), 6000000000 + n) AS id, growth_at(n) AS at, n % 10 > 0 AS is_read,
      growth_person(CASE WHEN n % ${AGENCY} = 0 THEN 0 ELSE n % $3::int END) AS user_id
    FROM generate_series($1::bigint, $2::bigint) AS n
  ), pushed AS (
    INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due, told_at, outcome, done_at)
    SELECT id, id, user_id, 'video_comment', 'new', at, at, at, CASE WHEN n % 1000 > 0 THEN 'sent' END, CASE WHEN n % 1000 > 0 THEN at END
    FROM note
  )
  INSERT INTO notifications (id, user_id, kind, object, title, body, data, count, position, listed, created_at, updated_at, seen_at, read_at)
  SELECT id, user_id, 'video_comment', 'video/' || n, 'A comment', 'Somebody wrote something', '{}', 1, n + 1, true, at, at,
    CASE WHEN is_read THEN at END, CASE WHEN is_read THEN at END
  FROM note ORDER BY at`;

const page = (now: string) => ({ unread: false, kind: null, archived: false, before: null, limit: 51, now });

export const INBOXES: readonly Hot[] = [
  {
    name: 'notifications of an agency',
    used: 'every page',
    ask: (pool, { agency, now }) => listNotifications(pool, agency, page(now)),
  },
  {
    name: 'notifications of an agency that are put away',
    used: 'rarely',
    ask: (pool, { agency, now }) => listNotifications(pool, agency, { ...page(now), archived: true }),
  },
  {
    name: 'unread notifications of an agency',
    used: 'every page',
    ask: (pool, { agency, now }) => countNotifications(pool, agency, now),
  },
  { name: 'pushes that are due', used: 'every second', ask: (pool, { now }) => listDuePushes(pool, now, 100) },
];
