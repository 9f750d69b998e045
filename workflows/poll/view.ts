/** How a poll's process is seen by who gave it a command. */
import type { PollStanding } from './contract.ts';
import type { Poll } from './terms.ts';

export function viewStanding({ id, state, entered_at, terms }: Poll): PollStanding {
  return { id, status: state, since: entered_at, ended_by: terms.ended_by, counts: terms.counts && [...terms.counts] };
}
