/** What a reader gets next, whatever was fetched for it: each event once, in order, without a gap. Pure. */

export interface Advance<Event> {
  /** To be sent now, in this order. */
  readonly events: readonly Event[];
  /** The number of the last event sent. */
  readonly cursor: number;
  /** True when the next event was not among those offered although later ones were: it is not kept any more. */
  readonly gap: boolean;
}

/** `offered` ascends; events at or below `cursor` were sent before and are passed over. */
export function advance<Event extends { readonly seq: number }>(
  cursor: number,
  offered: readonly Event[],
): Advance<Event> {
  const events: Event[] = [];
  let at = cursor;
  for (const event of offered) {
    if (event.seq <= at) continue;
    if (event.seq !== at + 1) return { events, cursor: at, gap: true };
    events.push(event);
    at = event.seq;
  }
  return { events, cursor: at, gap: false };
}
