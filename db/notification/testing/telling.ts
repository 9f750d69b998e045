/** Notifications told and pushed through the functions of this folder, on a real database: no HTTP, no workflow. */
import { v7 as uuid } from 'uuid';
import type { NotificationView } from '#workflows/notification/contract.ts';
import { newUser } from '../../deal/testing/dealing.ts';
import { listEvents } from '../../event/outbox.ts';
import type { Pool } from '../../pool.ts';
import { type DeviceRow, registerDevice } from '../devices.ts';
import { countNotifications, listNotifications, viewOf } from '../inbox.ts';
import { type Note, type Notified, notify, takeBack } from '../notify.ts';
import { type ClaimedPush, claimPush, listDuePushesOf } from '../pushes.ts';

export type Telling = {
  pool: Pool;
  clock: { now: Date };
  now(): string;
  pass(ms: number): void;
  user(): Promise<string>;
  tell(...notes: (Partial<Note> & { userId: string })[]): Promise<Notified[]>;
  like(userId: string, actorId: string, video?: string): Promise<Notified[]>;
  unlike(userId: string, actorId: string, video?: string): Promise<boolean>;
  list(userId: string): Promise<NotificationView[]>;
  /** The list and what the counts say of it. */
  counts(userId: string): Promise<{ unread: number; unseen: number }>;
  /** Names of the events told, in order. */
  events(userId: string): Promise<string[]>;
  device(userId: string, device?: Partial<DeviceRow>): Promise<DeviceRow>;
  /** Claims what is due. */
  due(userId: string, socketHadIt?: boolean): Promise<(ClaimedPush | null)[]>;
};

const LONGEST = 1_000;

export function startTelling(pool: Pool): Telling {
  const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
  const now = () => clock.now.toISOString();
  const likeKey = (actorId: string, video: string) => `like_${actorId}_${video}`;
  return {
    pool,
    clock,
    now,
    pass(ms) {
      clock.now = new Date(clock.now.getTime() + ms);
    },
    user: () => newUser(pool, 'influencer'),
    tell: (...notes) =>
      pool.transaction((transaction) =>
        notify(
          transaction,
          notes.map((note) => ({
            kind: 'announcement',
            key: uuid(),
            actorId: null,
            target: null,
            ...(note.kind === undefined || note.kind === 'announcement' ? { title: 'Monsoon', body: 'Read on' } : {}),
            ...note,
          })),
          { now: now() },
        ),
      ),
    like: (userId, actorId, video = 'one') =>
      pool.transaction((transaction) =>
        notify(
          transaction,
          [
            {
              userId,
              kind: 'video_like',
              key: likeKey(actorId, video),
              actorId,
              target: { type: 'video', id: video },
              data: { videoId: video },
            },
          ],
          { now: now() },
        ),
      ),
    unlike: (userId, actorId, video = 'one') =>
      pool.transaction((transaction) => takeBack(transaction, { userId, key: likeKey(actorId, video), now: now() })),
    async list(userId) {
      const asked = { unread: false, archived: false, kind: null, before: null, limit: LONGEST, now: now() };
      return (await listNotifications(pool, userId, asked)).map(viewOf);
    },
    counts: (userId) => countNotifications(pool, userId, now()),
    events: async (userId) => (await listEvents(pool, userId, 0, LONGEST)).map(({ name }) => name),
    device: (userId, device = {}) =>
      registerDevice(pool, {
        id: uuid(),
        user_id: userId,
        platform: 'fcm',
        token: `token ${uuid()}`,
        keys: null,
        locale: null,
        time_zone: null,
        session_id: null,
        created_at: now(),
        ...device,
      }),
    async due(userId, socketHadIt = false) {
      const claimed: (ClaimedPush | null)[] = [];
      for (const pushId of await listDuePushesOf(pool, userId, now(), LONGEST)) {
        const claim = await claimPush(pool, { pushId, socketHadIt, now: now() });
        claimed.push('push' in claim ? claim.push : null);
      }
      return claimed;
    },
  };
}
