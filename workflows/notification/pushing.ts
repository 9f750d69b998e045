/** Whether a push that is due is carried out, to which devices, or why not. */
import { type Kind, kindFacts } from './kinds.ts';
import { offFor, type Preferences } from './preferences.ts';
import { quietUntil } from './quiet.ts';

/** A socket that is there has taken what it was sent by then, and a page has marked what it showed. */
export const GRACE_MS = 3_000;
/** How often one push is tried, its devices' quiet hours not counted. */
export const MAX_ATTEMPTS = 8;

/** What became of a push as a whole; those but `sent` and `failed` reached no device because of it. */
export const PUSH_OUTCOMES = [
  ...['sent', 'failed', 'taken_back', 'read', 'preference', 'socket_had_it', 'throttled', 'no_device', 'expired'],
  'not_asked_for',
] as const;
export type PushOutcome =
  | 'sent'
  | 'failed'
  | 'taken_back'
  | 'read'
  | 'preference'
  | 'socket_had_it'
  | 'throttled'
  | 'no_device'
  | 'expired'
  | 'not_asked_for';

/** What the log says of one device: `quiet_hours` and `later` are followed by another line. */
export const DEVICE_OUTCOMES = ['sent', 'quiet_hours', 'later', 'gone', 'failed', 'not_configured'] as const;
export type DeviceOutcome = (typeof DEVICE_OUTCOMES)[number];

export type DueDevice = {
  id: string;
  timeZone: string | null /** It has had its last word about this push. */;
  done: boolean;
};

export type DuePush = {
  kind: Kind;
  /** When it was asked for (ISO). */
  createdAt: string;
  attempts: number;
  /** The notification was taken back, read or put away meanwhile. */
  takenBack: boolean;
  attended: boolean;
  preferences: Preferences;
  socketHadIt: boolean;
  /** Pushes of the kind that went to this user within the throttle's time. */
  sentOfKind: number;
  devices: readonly DueDevice[];
};

export type PushPlan =
  | { do: 'end'; outcome: PushOutcome; why: string }
  | { do: 'send'; to: readonly string[]; quiet: readonly { id: string; until: string }[] };

/** Pure: `now` is ISO. Nothing of it changes a notification in the inbox. */
export function planPush(push: DuePush, now: string): PushPlan {
  const facts = kindFacts(push.kind);
  const end = (outcome: PushOutcome, why: string): PushPlan => ({ do: 'end', outcome, why });
  if (push.takenBack) return end('taken_back', 'what it was about was taken back');
  if (push.attended) return end('read', 'it was seen, read, snoozed or put away before');
  const off = offFor(push.kind, 'push', push.preferences);
  if (off) return end('preference', OFF_WORDS[off]);
  if (push.socketHadIt) return end('socket_had_it', 'a connected page or app has it');
  if (push.devices.length === 0) return end('no_device', 'no device is registered');
  if (Date.parse(now) - Date.parse(push.createdAt) > facts.livesMs) return end('expired', 'it came to be too old');
  const begun = push.attempts > 0 || push.devices.some(({ done }) => done);
  if (!begun && facts.throttle && push.sentOfKind >= facts.throttle.many) {
    return end('throttled', `${facts.throttle.many} of this kind were pushed shortly before`);
  }
  const open = push.devices.filter(({ done }) => !done);
  if (open.length === 0) return end('sent', 'every device has had it');
  if (push.attempts >= MAX_ATTEMPTS) return end('failed', `${MAX_ATTEMPTS} attempts were in vain`);
  const hours = facts.critical ? null : push.preferences.quiet_hours;
  const to: string[] = [];
  const quiet: { id: string; until: string }[] = [];
  for (const { id, timeZone } of open) {
    const until = hours && quietUntil({ ...hours, time_zone: timeZone ?? hours.time_zone }, now);
    if (until) quiet.push({ id, until });
    else to.push(id);
  }
  return { do: 'send', to, quiet };
}

const OFF_WORDS = {
  kind: 'this kind is not pushed',
  global: 'pushes are switched off',
  per_kind: 'pushes of this kind are switched off',
} as const;

/** Between attempts where the push service does not say when: doubled each time, at most an hour. */
export function backOffMs(attempts: number): number {
  return Math.min(10_000 * 2 ** Math.max(0, attempts - 1), 3_600_000);
}
