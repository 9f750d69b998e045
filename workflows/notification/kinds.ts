/**
 * Every kind of notification, declared once: where it may appear, how it folds, how often it may disturb. Preferences,
 * the list's filter, words and pushes are made from it; a kind that is not here does not exist.
 */

export const CHANNELS = ['in_app', 'push', 'email'] as const;
export type Channel = (typeof CHANNELS)[number];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type KindFacts = {
  /** What a page calls it in the preferences. */
  label: string;
  /** Where the kind itself may appear; off here is off for everybody. `email` is reserved: nothing sends any yet. */
  channels: Readonly<Record<Channel, boolean>>;
  /** Preferences and quiet hours do not count, and are not offered. */
  critical: boolean;
  /** It stays in the inbox whatever its reader prefers: something waits for an answer there. */
  keepsInApp: boolean;
  /**
   * Several of one kind about one target are one notification: the window opens with the first, is that long, and is
   * pushed about when it closes. Null: each for itself, pushed about at once.
   */
  digestMs: number | null;
  /** It asks its reader something: it goes when what it asks is taken back, whenever that is. */
  asks: boolean;
  /** So many pushes of the kind for one user in that time; what is more is in the inbox alone. */
  throttle: { many: number; perMs: number } | null;
  /** How a device is to take it. */
  urgency: 'high' | 'normal' | 'low';
  /** After that a push is worth nothing, and a push service need not keep it. */
  livesMs: number;
  /** After who did it: "ana and ben liked your video". Null where the notification brings its own title. */
  did: string | null;
};

const EVERYWHERE = { in_app: true, push: true, email: false } as const;
const PUSH_ALONE = { in_app: false, push: true, email: false } as const;

const ORDINARY = {
  channels: EVERYWHERE,
  critical: false,
  keepsInApp: false,
  digestMs: null,
  asks: false,
  throttle: { many: 20, perMs: HOUR },
  urgency: 'normal',
  livesMs: DAY,
  did: null,
} as const satisfies Omit<KindFacts, 'label'>;

export const KINDS = {
  profile_followed: { ...ORDINARY, label: 'New followers', digestMs: 5 * MINUTE, did: 'followed you' },
  follow_request: { ...ORDINARY, label: 'Requests to follow you', asks: true, did: 'asked to follow you' },
  video_like: {
    ...ORDINARY,
    label: 'Likes of your videos',
    digestMs: 5 * MINUTE,
    throttle: { many: 6, perMs: HOUR },
    urgency: 'low',
    did: 'liked your video',
  },
  video_comment: {
    ...ORDINARY,
    label: 'Comments on your videos',
    digestMs: MINUTE,
    did: 'commented on your video',
  },
  live_stream_started: {
    ...ORDINARY,
    label: 'Streams of those you follow',
    throttle: { many: 5, perMs: HOUR },
    urgency: 'high',
    livesMs: HOUR,
    did: 'is live',
  },
  live_stream_soon: {
    ...ORDINARY,
    label: 'Streams that begin soon, of those you follow',
    throttle: { many: 5, perMs: HOUR },
    livesMs: HOUR,
  },
  battle_challenged: {
    ...ORDINARY,
    label: 'Battles that you are asked to',
    keepsInApp: true,
    urgency: 'high',
    // There is a minute to answer.
    livesMs: MINUTE,
    did: 'challenged you to a battle',
  },
  battle_accepted: {
    ...ORDINARY,
    label: 'Battles of yours that begin',
    urgency: 'high',
    livesMs: 5 * MINUTE,
    did: 'accepted your battle',
  },
  battle_ended: { ...ORDINARY, label: 'How your battles ended' },
  message: {
    ...ORDINARY,
    label: 'Messages while you are away',
    channels: PUSH_ALONE,
    digestMs: 5 * SECOND,
    throttle: { many: 60, perMs: HOUR },
    urgency: 'high',
    did: 'wrote to you',
  },
  mention: {
    ...ORDINARY,
    label: 'Messages that name you',
    throttle: { many: 60, perMs: HOUR },
    urgency: 'high',
    did: 'mentioned you',
  },
  deal_moved: {
    ...ORDINARY,
    label: 'Deals that moved on or wait for you',
    keepsInApp: true,
    throttle: { many: 60, perMs: HOUR },
    urgency: 'high',
    livesMs: 7 * DAY,
  },
  wallet_credited: { ...ORDINARY, label: 'Money that arrived', keepsInApp: true },
  wallet_debited: { ...ORDINARY, label: 'Money that left', keepsInApp: true },
  points_expiring: { ...ORDINARY, label: 'Points that are about to expire', urgency: 'low', livesMs: 7 * DAY },
  payout_changed: { ...ORDINARY, label: 'Your payouts', keepsInApp: true, urgency: 'high', livesMs: 7 * DAY },
  tip: { ...ORDINARY, label: 'Tips', keepsInApp: true, urgency: 'high', did: 'tipped you' },
  creator_milestone: { ...ORDINARY, label: 'Milestones you reach', livesMs: 7 * DAY },
  announcement: { ...ORDINARY, label: 'Announcements', throttle: { many: 3, perMs: DAY }, urgency: 'low' },
  security: {
    ...ORDINARY,
    label: 'Your account’s security',
    critical: true,
    keepsInApp: true,
    throttle: null,
    urgency: 'high',
    livesMs: 7 * DAY,
  },
} as const satisfies Record<string, KindFacts>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as [Kind, ...Kind[]];

/** Kinds whose notifications go with what they ask. */
export const ASKING_KINDS = KIND_NAMES.filter((kind) => KINDS[kind].asks);

export function kindFacts(kind: Kind): KindFacts {
  return KINDS[kind];
}

/** Kinds whose channels a person may choose. */
export const OFFERED_KINDS = KIND_NAMES.filter((kind) => !kindFacts(kind).critical);
