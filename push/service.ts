import type { Platform, Subscription } from '#workflows/notification/contract.ts';

/** The one port to every push service: a message goes out, and what came of it is one of four things. */
export type PushService = {
  readonly platform: Platform;
  /** Never throws for what the service or the line to it does. Sent again, a device may show it once or twice. */
  send(target: PushTarget, message: PushMessage): Promise<PushAnswer>;
};

/** Where to: an FCM registration token, or a browser's subscription. */
export type PushTarget = { token: string; keys: Subscription['keys'] | null };

export type PushMessage = {
  title: string;
  body: string;
  /** For the app; texts, as FCM takes no others. */
  data: Record<string, string>;
  /** Of messages with one key a device shows the last alone. */
  collapseKey: string;
  /** The service forgets it when the device was away for that long. */
  ttlSeconds: number;
  urgency: 'high' | 'normal' | 'low';
};

export type PushAnswer =
  /** The service took it; `why` is its id of it. */
  | { outcome: 'sent'; why: string }
  /** The device does not have the app any more: its token is to be forgotten. */
  | { outcome: 'gone'; why: string }
  /** It will not take this message, however often it is sent; the token may be good. */
  | { outcome: 'refused'; why: string }
  /** Not now; `afterMs` where it said when. */
  | { outcome: 'later'; why: string; afterMs: number | null };
