/** What a person wants to hear of, and where. */
import { type Channel, KINDS, type Kind, type KindFacts } from './kinds.ts';

export type Switches = Partial<Record<Channel, boolean>>;

/** Times of day as `HH:MM` of the zone; a night goes over midnight. */
export type QuietHours = { from: string; to: string; time_zone: string };

export type Preferences = {
  /** A channel for everything. */
  global: Switches;
  kinds: Partial<Record<Kind, Switches>>;
  quiet_hours: QuietHours | null;
};

export const NO_PREFERENCES: Preferences = { global: {}, kinds: {}, quiet_hours: null };

/** Who switched a channel off: the kind for everybody, the person for every kind, or the person for this kind. */
export type Off = 'kind' | 'global' | 'per_kind';

/** Why a channel is closed to a kind for somebody; null where it is open. */
export function offFor(kind: Kind, channel: Channel, preferences: Preferences): Off | null {
  return offOf(KINDS[kind], channel, preferences.global, preferences.kinds[kind]);
}

/**
 * In this order: what the kind itself has off, what its reader has off for all, what its reader has off for this kind.
 * What is critical goes to every channel the kind has.
 */
export function offOf(facts: KindFacts, channel: Channel, global: Switches, ofKind: Switches = {}): Off | null {
  if (!facts.channels[channel]) return 'kind';
  if (facts.critical || (channel === 'in_app' && facts.keepsInApp)) return null;
  if (global[channel] === false) return 'global';
  return ofKind[channel] === false ? 'per_kind' : null;
}
