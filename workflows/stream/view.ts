/** How a stream's process is seen by who gave it a command. */
import type { StreamStanding } from './contract.ts';
import { streamMachine } from './machine.ts';
import type { Stream } from './terms.ts';

export function viewStanding(stream: Stream): StreamStanding {
  const { id, state, entered_at, terms } = stream;
  return {
    ...{ id, status: state, since: entered_at, deadline: streamMachine.deadlineOf(stream) },
    silent_since: state === 'live' ? terms.silent_since : null,
  };
}
