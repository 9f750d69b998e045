/** When a deal's state ends by itself, and from when work is late. */
import { after } from '../durations.ts';
import { oncePer } from '../oncePer.ts';
import { STATE_ENTRIES } from './stateEntries.ts';
import type { Deal } from './terms.ts';

/** The instant at which the state ends by itself; null where it has none. Kept with the deal: a step asks four times. */
export const deadlineOf = oncePer((deal: Deal): string | null => {
  const within = STATE_ENTRIES[deal.state]?.within;
  return within ? after(deal.entered_at, ...within(deal.terms.policy)) : null;
});

/** The instant from which the brand owner may cancel late work; null where there is none under way. */
export function lateFrom({ state, entered_at, terms: { policy } }: Deal): string | null {
  return state === 'work_in_progress' ? after(entered_at, policy.deliver_within, policy.grace) : null;
}

/** An instant at which something about a deal changes by itself. */
export type Instant = { name: 'due' | 'late_from' | 'ends'; at: string };

/** Every instant that the deal's state has, in their order: when work is due, may be cancelled for being late, and the end. */
export function instantsOf(deal: Deal): Instant[] {
  const { policy } = deal.terms;
  const due = deal.state === 'work_in_progress' ? after(deal.entered_at, policy.deliver_within) : null;
  const instants = { due, late_from: lateFrom(deal), ends: deadlineOf(deal) };
  return (Object.keys(instants) as Instant['name'][]).flatMap((name) => {
    const at = instants[name];
    return at === null ? [] : [{ name, at }];
  });
}
