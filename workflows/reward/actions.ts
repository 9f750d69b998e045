/** Everything that can be earned by, declared once: whose it is, how it is told. How much it is worth is a rule's to say. */

export type ActionFacts = {
  /** Who earns by it: whoever does it, or whose thing it is done with. */
  side: 'viewer' | 'creator';
  /** It is done with another's thing: with one's own nothing is earned. */
  withAnother: boolean;
  /** Others do it, maybe very many: it is posted gathered. */
  gathered: boolean;
  /** Told of as LykLuk's frontend knows it. */
  lykluk: boolean;
  /** Why points came, of so many of it. */
  reason(many: number): string;
  /** `metadata` says how many it were, by this name. */
  total?: string;
};

const OWN = { side: 'viewer', withAnother: false, gathered: false, lykluk: false } as const;
const VIEWER = { ...OWN, withAnother: true, lykluk: true } as const;
const CREATOR = { side: 'creator', withAnother: true, gathered: true, lykluk: true } as const;

const some = (many: number, one: string, more: string) => (many === 1 ? one : more.replace('#', String(many)));

const ACTIONS = {
  video_liked: { ...VIEWER, reason: (many) => some(many, 'Liked a video', 'Liked # videos') },
  video_viewed: { ...VIEWER, reason: (many) => some(many, 'Viewed a video', 'Viewed # videos') },
  video_shared: { ...VIEWER, reason: (many) => some(many, 'Shared a video', 'Shared # videos') },
  comment_posted: { ...VIEWER, reason: (many) => some(many, 'Commented on a video', 'Commented on # videos') },
  video_uploaded: {
    ...OWN,
    side: 'creator',
    lykluk: true,
    reason: (many) => some(many, 'Uploaded a video', 'Uploaded # videos'),
  },
  like_received: {
    ...CREATOR,
    reason: (many) => some(many, 'Your video received a like', 'Your video received # likes'),
    total: 'totalLikes',
  },
  view_received: {
    ...CREATOR,
    reason: (many) => some(many, 'Your video received a view', 'Your video received # views'),
    total: 'totalViews',
  },
  share_received: {
    ...CREATOR,
    reason: (many) => some(many, 'Your video received a share', 'Your video received # shares'),
    total: 'totalShares',
  },
  watch_milestone: { ...OWN, withAnother: true, reason: () => 'Watched that much of a video' },
  ad_view: { ...OWN, withAnother: true, reason: () => 'Watched an ad' },
  daily_login: { ...OWN, reason: () => 'Came by today' },
  streak_week: { ...OWN, reason: () => 'Came by seven days in a row' },
  profile_completed: { ...OWN, reason: () => 'Completed your profile' },
  post_shared: { ...OWN, reason: () => 'Shared a post' },
} as const satisfies Record<string, ActionFacts>;

export type Action = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as [Action, ...Action[]];

export function actionFacts(action: Action): ActionFacts {
  return ACTIONS[action];
}

/** Those that LykLuk's frontend has a name for. */
export const LYKLUK_ACTIONS = [
  ...(['video_liked', 'video_viewed', 'video_shared', 'comment_posted'] as const),
  ...(['video_uploaded', 'like_received', 'view_received', 'share_received'] as const),
] as const satisfies readonly Action[];

export type LykLukAction = (typeof LYKLUK_ACTIONS)[number];

export function isLykLuk(action: Action): action is LykLukAction {
  return ACTIONS[action].lykluk;
}
