/**
 * The one way to tell somebody something: the notification, its events on sockets and the push that it may need are
 * written in the caller's transaction, or none of them.
 */
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ASKING_KINDS, type Kind, kindFacts } from '#workflows/notification/kinds.ts';
import { NO_PREFERENCES, offFor, type Preferences } from '#workflows/notification/preferences.ts';
import { GRACE_MS } from '#workflows/notification/pushing.ts';
import { type Folded, NAMED, wordsOf } from '#workflows/notification/words.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { sql, type Transaction } from '../pool.ts';
import { listWithDevice } from './devices.ts';
import {
  FROM_NOTIFICATIONS,
  lockInboxes,
  NOTIFICATION,
  type NotificationRow,
  notificationRow,
  viewOf,
} from './inbox.ts';
import { listPreferences } from './preferences.ts';

/** What one person is to be told. */
export type Note = {
  userId: string;
  kind: Kind;
  /** What set it off, the same however often it is sent: one key is one notification for one reader. */
  key: string;
  /** Who did it; null where nobody did. Nobody is told of what they did themselves. */
  actorId: string | null;
  /** What it is about; several of a kind about one thing may fold. */
  target: { type: string; id: string } | null;
  /** Needed of kinds that bring their own words, left out of others. */
  title?: string;
  body?: string;
  data?: Record<string, unknown>;
  /** `type` of the event `notification`, where it says more than the kind. */
  type?: string;
  /** False: the inbox alone. */
  push?: boolean;
  /**
   * The number of the reader's event that it is made of: a socket that took that needs no push. The event stands for the
   * notice `notification` too, which is not said again.
   */
  seq?: number;
};

/** What was written for one reader: its id, and whether it is another or more of one that was there. */
export type Notified = { userId: string; notificationId: string; folded: boolean };

/**
 * Tells people, each note once for its key. To be called last in a transaction, as `announce` is: it locks inboxes and
 * counters until the commit; what else is to be announced goes with it in `beside`. Ring the users' bell after the
 * commit. `now` is ISO. Throws where a user is not there.
 */
export async function notify(
  transaction: Transaction,
  notes: readonly Note[],
  { now, beside = [] }: { now: string; beside?: readonly Announcement[] },
): Promise<Notified[]> {
  const wanted = firstOfKeys(notes.filter(({ userId, actorId }) => userId !== actorId));
  if (wanted.length === 0) {
    await announce(transaction, beside);
    return [];
  }
  const userIds = [...new Set(wanted.map(({ userId }) => userId))];
  const positions = new Map(await lockInboxes(transaction, userIds));
  const known = await listKnown(transaction, wanted);
  const fresh = wanted.filter((note) => !known.has(keyOf(note)));
  const preferences = await listPreferences(transaction, userIds);
  const handles = await handlesOf(
    transaction,
    fresh.flatMap(({ actorId }) => actorId ?? []),
  );
  const open = await listOpen(transaction, fresh, now);

  const made: NotificationRow[] = [];
  const grown = new Map<string, NotificationRow>();
  const triggers: Trigger[] = [];
  const types = new Map<string, string>();
  const heardAs = new Map<string, number>();
  const unpushed = new Set<string>();
  for (const note of fresh) {
    const place = placeOf(note);
    const { digestMs } = kindFacts(note.kind);
    let row = digestMs === null ? undefined : open.get(place);
    if (row) grown.set(row.id, row);
    else {
      row = newRow(note, now, preferences.get(note.userId) ?? NO_PREFERENCES, handles);
      made.push(row);
      if (digestMs !== null) open.set(place, row);
    }
    triggers.push({ user_id: note.userId, key: note.key, notification_id: row.id, actor_id: note.actorId });
    if (note.type) types.set(row.id, note.type);
    if (note.push === false) unpushed.add(row.id);
    if (note.seq !== undefined) heardAs.set(row.id, Math.max(note.seq, heardAs.get(row.id) ?? 0));
  }
  const touched = [...new Set([...made, ...grown.values()])];
  for (const row of touched) {
    row.position = (positions.get(row.user_id) ?? 0) + 1;
    positions.set(row.user_id, row.position);
  }
  await insertNotifications(transaction, made);
  await insertTriggers(transaction, triggers, now);
  for (const row of await refold(transaction, [...grown.values()], now)) {
    const mine = touched.findIndex(({ id }) => id === row.id);
    if (mine !== -1) touched[mine] = row;
  }
  await setPositions(transaction, positions);

  const said = (row: NotificationRow) =>
    eventsOf(row, types.get(row.id)).filter(({ name }) => name !== 'notification' || !heardAs.has(row.id));
  await announce(transaction, [...beside, ...touched.flatMap(said)]);
  await schedule(transaction, made, grown, { preferences, unpushed, heardAs, now });
  return touched.map((row) => ({ userId: row.user_id, notificationId: row.id, folded: grown.has(row.id) }));
}

/**
 * Takes back what set a notification off, as an unlike does: inside its window that leaves nothing, or one less; after
 * it nothing changes, and the same key tells nobody anew. What asks something is taken back whenever that is. Whether
 * anything changed. Last in a transaction, as `notify`.
 */
export async function takeBack(
  transaction: Transaction,
  { userId, key, now }: { userId: string; key: string; now: string },
): Promise<boolean> {
  await lockInboxes(transaction, [userId]);
  const row = await transaction.maybeOne(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS}
    WHERE notification.id = (
        SELECT notification_id FROM notification_triggers WHERE user_id = ${userId} AND key = ${key}
      )
      AND (open_until > ${now} OR kind = ANY(${sql.array(ASKING_KINDS, 'text')})) AND withdrawn_at IS NULL
  `);
  if (!row) return false;
  await transaction.query(sql.typeAlias('void')`
    DELETE FROM notification_triggers WHERE user_id = ${userId} AND key = ${key}
  `);
  if (row.count > 1) {
    await refold(transaction, [row], now);
    return true;
  }
  await transaction.query(sql.typeAlias('void')`
    WITH gone AS (UPDATE notifications SET withdrawn_at = ${now} WHERE id = ${row.id})
    UPDATE pushes SET outcome = 'taken_back', why = 'what it was about was taken back', done_at = ${now}
    WHERE notification_id = ${row.id} AND outcome IS NULL
  `);
  if (row.listed) {
    await announce(transaction, [{ user_id: userId, name: 'notification_withdrawn', data: { id: row.id } }]);
  }
  return true;
}

/** Events of one notification: the name and form of each seed's frontend. */
export function eventsOf(row: NotificationRow, type: string = row.kind): Announcement[] {
  if (!row.listed) return [];
  const { id, user_id, title, body, count, data, actor_id, actor_handle } = row;
  return [
    {
      user_id,
      name: 'notification',
      data: {
        type,
        recipientIds: [user_id],
        data: { ...data, notification_id: id, title, body, count, actorId: actor_id, actorUsername: actor_handle },
      },
    },
    // The last: whoever has acknowledged this one has both.
    { user_id, name: 'new_notification', data: viewOf(row) },
  ];
}

type Trigger = { user_id: string; key: string; notification_id: string; actor_id: string | null };

const keyOf = ({ userId, key }: Note): string => `${userId} ${key}`;
const objectOf = ({ target }: Note): string => (target ? `${target.type}/${target.id}` : '');
const placeOf = (note: Note): string => `${note.userId} ${note.kind} ${objectOf(note)}`;

function firstOfKeys(notes: readonly Note[]): Note[] {
  const byKey = new Map<string, Note>();
  for (const note of notes) if (!byKey.has(keyOf(note))) byKey.set(keyOf(note), note);
  return [...byKey.values()];
}

function newRow(
  note: Note,
  now: string,
  preferences: Preferences,
  handles: ReadonlyMap<string, string>,
): NotificationRow {
  const { kind, actorId } = note;
  const handle = actorId === null ? undefined : handles.get(actorId);
  const words = wordsOf(kind, { people: 1, names: handle === undefined ? [] : [handle] });
  const title = note.title ?? words?.title;
  if (title === undefined) throw new TypeError(`a notification of ${kind} needs a title`);
  const { digestMs } = kindFacts(kind);
  return {
    id: uuid(),
    user_id: note.userId,
    kind,
    object: objectOf(note),
    title,
    body: note.body ?? words?.body ?? '',
    data: note.data ?? {},
    actor_id: actorId,
    actor_handle: handle ?? null,
    count: 1,
    position: 0,
    listed: offFor(kind, 'in_app', preferences) === null,
    created_at: now,
    updated_at: now,
    open_until: digestMs === null ? null : later(now, digestMs),
    seen_at: null,
    read_at: null,
    archived_at: null,
    snoozed_until: null,
    withdrawn_at: null,
  };
}

function later(now: string, ms: number): string {
  return new Date(Date.parse(now) + ms).toISOString();
}

async function listKnown(transaction: Transaction, notes: readonly Note[]): Promise<ReadonlySet<string>> {
  const rows = await transaction.any(sql.type(z.object({ user_id: z.string(), key: z.string() }))`
    SELECT user_id, key FROM notification_triggers
    WHERE (user_id, key) IN (
      SELECT * FROM unnest(
        ${sql.array(
          notes.map(({ userId }) => userId),
          'uuid',
        )},
        ${sql.array(
          notes.map(({ key }) => key),
          'text',
        )}
      )
    )
  `);
  return new Set(rows.map(({ user_id, key }) => `${user_id} ${key}`));
}

async function handlesOf(transaction: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await transaction.any(sql.type(z.object({ id: z.string(), handle: z.string() }))`
    SELECT id, handle FROM users WHERE id = ANY(${sql.array([...new Set(ids)], 'uuid')})
  `);
  return new Map(rows.map(({ id, handle }) => [id, handle]));
}

/** Those that others of today fold into: nobody has read them, and their window is open. */
async function listOpen(
  transaction: Transaction,
  notes: readonly Note[],
  now: string,
): Promise<Map<string, NotificationRow>> {
  const folding = notes.filter(({ kind }) => kindFacts(kind).digestMs !== null);
  if (folding.length === 0) return new Map();
  const rows = await transaction.any(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS}
    WHERE (user_id, kind, object) IN (
      SELECT * FROM unnest(
        ${sql.array(
          folding.map(({ userId }) => userId),
          'uuid',
        )},
        ${sql.array(
          folding.map(({ kind }) => kind),
          'text',
        )},
        ${sql.array(folding.map(objectOf), 'text')}
      )
    )
      AND open_until > ${now} AND read_at IS NULL AND archived_at IS NULL AND withdrawn_at IS NULL
      AND snoozed_until IS NULL
  `);
  return new Map(rows.map((row) => [`${row.user_id} ${row.kind} ${row.object}`, row]));
}

/** In one statement, however many: an administrator's page has hundreds. */
async function insertNotifications(transaction: Transaction, rows: readonly NotificationRow[]): Promise<void> {
  if (rows.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO notifications (id, user_id, kind, object, title, body, data, actor_id, position, listed, created_at,
      updated_at, open_until)
    SELECT id, user_id, kind, object, title, body, data, actor_id, position, listed, created_at, updated_at, open_until
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS made (id uuid, user_id uuid, kind text, object text,
      title text, body text, data json, actor_id uuid, position bigint, listed boolean, created_at timestamptz,
      updated_at timestamptz, open_until timestamptz)
  `);
}

async function insertTriggers(transaction: Transaction, triggers: readonly Trigger[], now: string): Promise<void> {
  if (triggers.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO notification_triggers (user_id, key, notification_id, actor_id, at)
    SELECT user_id, key, notification_id, actor_id, ${now}
    FROM json_to_recordset(${JSON.stringify(triggers)}::json)
      AS made (user_id uuid, key text, notification_id uuid, actor_id uuid)
  `);
}

const foldedRow = z.object({
  id: z.string(),
  count: z.int(),
  people: z.int(),
  names: z.array(z.string()),
  last_actor: z.string().nullable(),
});

/** Brings notifications up to what was folded into them, with words that say so; with their `position`, unseen. */
async function refold(transaction: Transaction, rows: readonly NotificationRow[], now: string) {
  if (rows.length === 0) return [];
  const ids = sql.array(
    rows.map(({ id }) => id),
    'uuid',
  );
  const folds = await transaction.any(sql.type(foldedRow)`
    SELECT notification_id AS id, count(*)::integer AS count, count(DISTINCT actor_id)::integer AS people,
      coalesce((array_agg(DISTINCT handle) FILTER (WHERE handle IS NOT NULL))[1:${NAMED}::integer], '{}') AS names,
      (array_agg(actor_id ORDER BY at DESC, key DESC))[1] AS last_actor
    FROM notification_triggers LEFT JOIN users ON users.id = actor_id
    WHERE notification_id = ANY(${ids})
    GROUP BY notification_id
  `);
  const byId = new Map(folds.map((fold) => [fold.id, fold]));
  const told = rows.flatMap((row) => {
    const fold = byId.get(row.id);
    if (!fold) return [];
    const folded: Folded = { people: Math.max(1, fold.people), names: fold.names };
    const words = wordsOf(row.kind, folded) ?? { title: row.title, body: row.body };
    return [{ id: row.id, position: row.position, count: fold.count, actor_id: fold.last_actor, ...words }];
  });
  await transaction.query(sql.typeAlias('void')`
    UPDATE notifications AS kept
    SET count = made.count, title = made.title, body = made.body, actor_id = made.actor_id, updated_at = ${now},
      seen_at = CASE WHEN kept.position = made.position THEN seen_at END, position = made.position
    FROM json_to_recordset(${JSON.stringify(told)}::json)
      AS made (id uuid, position bigint, count integer, actor_id uuid, title text, body text)
    WHERE kept.id = made.id
  `);
  return transaction.any(sql.type(notificationRow)`
    SELECT ${NOTIFICATION} FROM ${FROM_NOTIFICATIONS} WHERE notification.id = ANY(${ids})
  `);
}

async function setPositions(transaction: Transaction, positions: ReadonlyMap<string, number>): Promise<void> {
  await transaction.query(sql.typeAlias('void')`
    UPDATE inboxes SET position = moved.position
    FROM unnest(
      ${sql.array([...positions.keys()], 'uuid')}, ${sql.array([...positions.values()], 'int8')}
    ) AS moved (user_id, position)
    WHERE inboxes.user_id = moved.user_id
  `);
}

/**
 * A push a notification, due when its window closes. Whether it may disturb is looked at then; what can be said now is
 * written as said, so that nobody is woken for it.
 */
async function schedule(
  transaction: Transaction,
  made: readonly NotificationRow[],
  grown: ReadonlyMap<string, NotificationRow>,
  {
    preferences,
    unpushed,
    heardAs,
    now,
  }: {
    preferences: ReadonlyMap<string, Preferences>;
    unpushed: ReadonlySet<string>;
    /** Of notifications that are made of an event, its number. */
    heardAs: ReadonlyMap<string, number>;
    now: string;
  },
): Promise<void> {
  const userIds = [...new Set([...made, ...grown.values()].map(({ user_id }) => user_id))];
  const reachable = await listWithDevice(transaction, userIds);
  const pushes = made.map((row) => {
    const off = offFor(row.kind, 'push', preferences.get(row.user_id) ?? NO_PREFERENCES);
    const said = unpushed.has(row.id)
      ? { outcome: 'not_asked_for', why: 'whoever sent it asked for none' }
      : off
        ? { outcome: 'preference', why: 'pushes of this kind are off' }
        : reachable.has(row.user_id)
          ? null
          : { outcome: 'no_device', why: 'no device is registered' };
    return {
      id: uuid(),
      notification_id: row.id,
      user_id: row.user_id,
      kind: row.kind,
      // A page has as long to say that it has the last of it as to say that it has the first.
      due: row.open_until === null || heardAs.has(row.id) ? later(row.open_until ?? now, GRACE_MS) : row.open_until,
      outcome: said?.outcome ?? null,
      why: said?.why ?? null,
      done_at: said && now,
    };
  });
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO pushes (id, notification_id, user_id, kind, cause, created_at, due, outcome, why, done_at)
    SELECT id, notification_id, user_id, kind, 'new', ${now}, due, outcome, why, done_at
    FROM json_to_recordset(${JSON.stringify(pushes)}::json) AS made (id uuid, notification_id uuid, user_id uuid,
      kind text, due timestamptz, outcome text, why text, done_at timestamptz)
  `);
  const told = [...made, ...grown.values()];
  await noteSeq(
    transaction,
    told.filter(({ listed }) => listed).map(({ id }) => id),
  );
  const unlisted = told.filter(({ id, listed }) => !listed && heardAs.has(id));
  await noteHeardAs(
    transaction,
    unlisted.map(({ id }) => ({ id, seq: heardAs.get(id) as number })),
  );
}

/** What is in no inbox is on no socket by an event of its own: whoever took the one that it is made of has it. */
async function noteHeardAs(transaction: Transaction, heard: readonly { id: string; seq: number }[]) {
  if (heard.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    UPDATE pushes SET seq = made.seq FROM json_to_recordset(${JSON.stringify(heard)}::json) AS made (id uuid, seq bigint)
    WHERE notification_id = made.id AND outcome IS NULL
  `);
}

/** Until the commit the counters are ours: the last number of each is that of what was announced here, or after it. */
export async function noteSeq(transaction: Transaction, notificationIds: readonly string[]): Promise<void> {
  if (notificationIds.length === 0) return;
  await transaction.query(sql.typeAlias('void')`
    UPDATE pushes SET seq = last_seq FROM user_sequences
    WHERE user_sequences.user_id = pushes.user_id AND outcome IS NULL
      AND notification_id = ANY(${sql.array([...notificationIds], 'uuid')})
  `);
}
