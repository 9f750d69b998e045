/** What travels of notifications: views, requests and events as zod schemas. */
import { z } from 'zod';
import { CHANNELS, KIND_NAMES } from './kinds.ts';
import { DEVICE_OUTCOMES, PUSH_OUTCOMES } from './pushing.ts';
import { isTimeZone } from './quiet.ts';

/** In lower case, as we write them. */
const id = z.uuid().toLowerCase();
const instant = z.iso.datetime();

export const kind = z.enum(KIND_NAMES).meta({ id: 'NotificationKind' });

const example = {
  id: '0198b0f6-2f4e-7c3a-9a51-0d8f6f0f4b11',
  kind: 'video_like',
  title: '3 people liked your video',
  body: 'ana, ben and cleo',
  data: { videoId: '456' },
  actor: { id: '0198b0f6-0000-7000-8000-0d8f6f0f4b11', handle: 'cleo' },
  target: { type: 'video', id: '456' },
  count: 3,
  position: 41,
  created_at: '2026-03-01T09:00:00.000Z',
  updated_at: '2026-03-01T09:03:10.000Z',
  seen_at: null,
  read_at: null,
  archived_at: null,
  snoozed_until: null,
} as const;

export const notification = z
  .object({
    id,
    kind,
    title: z.string(),
    body: z.string(),
    data: z.looseObject({}).describe('What it is about, as its kind says'),
    actor: z.object({ id, handle: z.string() }).nullable().describe('Who did it last'),
    target: z.object({ type: z.string(), id: z.string() }).nullable(),
    count: z.int().describe('So many of a kind about one target are folded into it'),
    position: z.int().describe('Its place in your inbox, newer above older; changes when another is folded into it'),
    created_at: instant,
    updated_at: instant,
    seen_at: instant.nullable().describe('When it was on your screen'),
    read_at: instant.nullable(),
    archived_at: instant.nullable(),
    snoozed_until: instant.nullable(),
  })
  .meta({ id: 'Notification', examples: [example] });
export type NotificationView = z.infer<typeof notification>;

export const counts = z
  .object({ unread: z.int(), unseen: z.int() })
  .meta({ id: 'NotificationCounts', examples: [{ unread: 4, unseen: 1 }] });
export type NotificationCounts = z.infer<typeof counts>;

const switches = z
  .strictObject({
    in_app: z.boolean().optional(),
    push: z.boolean().optional(),
    email: z.boolean().optional().describe('Reserved: nothing is sent by e-mail yet'),
  })
  .meta({ id: 'NotificationSwitches', examples: [{ push: false }] });

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day such as 22:30')
  .meta({ examples: ['22:30'] });

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'is not a time zone such as Asia/Kolkata')
  .meta({ examples: ['Asia/Kolkata'] });

const NIGHT = { from: '22:00', to: '07:30', time_zone: 'Asia/Kolkata' };

const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay, time_zone: timeZone })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'is the same as from' })
  .meta({ id: 'QuietHours', examples: [NIGHT] });

/** As they are kept, and sent to change them. */
export const preferencesRequest = z
  .strictObject({
    global: switches.optional().describe('A channel for every kind; it goes before what is said of one kind'),
    kinds: z.partialRecord(z.enum(KIND_NAMES), switches).optional().describe('By kind; critical ones cannot be chosen'),
    quiet_hours: quietHours.nullish().describe('No push is delivered then but critical ones; null for none'),
  })
  .meta({
    id: 'NotificationPreferencesRequest',
    examples: [{ kinds: { video_like: { push: false } }, quiet_hours: NIGHT }],
  });

export const preferencesView = z
  .object({
    global: z.object({ in_app: z.boolean(), push: z.boolean(), email: z.boolean() }),
    kinds: z.array(
      z.object({
        kind,
        label: z.string(),
        in_app: z.boolean().describe('As you chose; a channel that is off for all is off whatever stands here'),
        push: z.boolean(),
        email: z.boolean(),
        offered: z.array(z.enum(CHANNELS)).describe('What can be chosen'),
      }),
    ),
    quiet_hours: quietHours.nullable(),
  })
  .meta({ id: 'NotificationPreferences' });
export type PreferencesView = z.infer<typeof preferencesView>;

export const PLATFORMS = ['fcm', 'webpush'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Letters of base64url that stand for so many bytes, padded or not. */
const bytes = (many: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+={0,2}$/, 'is not base64url')
    .refine((text) => Math.floor((text.replace(/=+$/, '').length * 3) / 4) === many, `is not ${many} bytes`);

export const subscription = z
  .strictObject({
    endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
    expirationTime: z.number().nullish(),
    keys: z.strictObject({ p256dh: bytes(65), auth: bytes(16) }),
  })
  .meta({
    id: 'PushSubscription',
    description: 'What `PushManager.subscribe` gives a page, as JSON',
    examples: [
      {
        endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/gAAAA',
        expirationTime: null,
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      },
    ],
  });
export type Subscription = z.infer<typeof subscription>;

const deviceFields = {
  locale: z.string().min(2).max(35).optional().describe('BCP 47, such as en-IN'),
  time_zone: timeZone.optional().describe('Where the device is: quiet hours are by its clock'),
};

export const deviceRequest = z
  .discriminatedUnion('platform', [
    z
      .strictObject({ platform: z.literal('fcm'), token: z.string().min(10).max(4_096), ...deviceFields })
      .meta({ id: 'FcmDevice' }),
    z.strictObject({ platform: z.literal('webpush'), subscription, ...deviceFields }).meta({ id: 'WebPushDevice' }),
  ])
  .meta({ id: 'DeviceRequest', examples: [{ platform: 'fcm', token: 'dGhpcyBpcyBhIHRva2Vu', locale: 'en-IN' }] });
export type DeviceRequest = z.infer<typeof deviceRequest>;

export const device = z
  .object({
    id,
    platform: z.enum(PLATFORMS),
    locale: z.string().nullable(),
    time_zone: z.string().nullable(),
    created_at: instant,
    configured: z.boolean().describe('Whether this deployment can push to it'),
  })
  .meta({ id: 'Device' });

export const delivery = z
  .object({
    channel: z.enum(CHANNELS),
    platform: z.enum(PLATFORMS).nullable(),
    device_id: id.nullable(),
    outcome: z.enum(['listed', 'waiting', 'off', ...DEVICE_OUTCOMES, ...PUSH_OUTCOMES]),
    why: z.string(),
    at: instant,
  })
  .meta({
    id: 'NotificationDelivery',
    examples: [
      {
        channel: 'push',
        platform: null,
        device_id: null,
        outcome: 'socket_had_it',
        why: 'a connected page or app has it',
        at: '2026-03-01T09:00:03.000Z',
      },
    ],
  });
export type DeliveryView = z.infer<typeof delivery>;

/** Who an administrator writes to. */
export const AUDIENCES = ['all', 'viewer', 'creator', 'brand_owner', 'influencer', 'admin'] as const;
export type Audience = (typeof AUDIENCES)[number];
const MAX_NAMED = 500;

export const sendRequest = z
  .strictObject({
    user_ids: z.array(id).min(1).max(MAX_NAMED).optional(),
    role: z.enum(AUDIENCES).exclude(['all']).optional(),
    all: z.literal(true).optional(),
    title: z.string().trim().min(1).max(200),
    body: z.string().trim().max(2_000),
    data: z.record(z.string().max(60), z.unknown()).optional().describe('At most 2 KiB of JSON'),
    push: z.boolean().default(true),
    kind: z.enum(['announcement', 'security']).default('announcement').describe('`security` ignores preferences'),
  })
  .refine(
    ({ user_ids, role, all }) => [user_ids, role, all].filter((one) => one !== undefined).length === 1,
    'has exactly one of user_ids, role and all',
  )
  .refine(({ data }) => JSON.stringify(data ?? {}).length <= 2_048, { path: ['data'], message: 'is above 2 KiB' })
  .meta({
    id: 'SendNotificationRequest',
    examples: [{ role: 'creator', title: 'Monsoon week', body: 'Gifts count twice until Sunday.' }],
  });

export const broadcastView = z
  .object({
    id,
    state: z.enum(['sending', 'sent', 'stopped']),
    audience: z.enum(AUDIENCES),
    title: z.string(),
    told: z.int().describe('So many have it'),
    total: z.int().describe('So many there were when it was asked for'),
    started_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: 'Broadcast' });
export type BroadcastView = z.infer<typeof broadcastView>;

/** Durable events of notifications, by name, with the data each carries. */
export const NOTIFICATION_EVENTS = {
  // Without the names that schemas have in OpenAPI: a document of events has its own.
  new_notification: z
    .object({ ...notification.shape, kind: z.enum(KIND_NAMES) })
    .describe('You have a notification, or more were folded into one that you have'),
  notification: z
    .object({
      type: z.string().describe('The kind, or what moved the deal'),
      recipientIds: z.array(id).optional(),
      data: z.looseObject({}),
    })
    .describe('Something waits for you'),
  notification_withdrawn: z.object({ id }).describe('What a notification was about was taken back; show it no more'),
} as const;
