/** What there is to know of a stream beside its process's columns. */
import type { Process } from '../process/machine.ts';

export const STATES = ['scheduled', 'live', 'ended', 'archived', 'cancelled'] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['creator'] as const;

/** Who may watch. */
export const VISIBILITIES = ['public', 'followers', 'subscribers', 'ticket'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export type StreamOpening = {
  /** When it is to begin; null where nobody said. ISO. */
  starts_at: string | null;
  /** Whether a media server says if pictures come. Where none does, a stream lasts until somebody ends it. */
  watched: boolean;
};

export type Terms = StreamOpening & {
  started_at: string | null;
  /** Since when no pictures come; null while they do, and where nobody watches. */
  silent_since: string | null;
};

/** A stream's process, with the words that its table has for its state. */
export type Stream = Omit<Process<Terms>, 'state'> & { state: State };

/** A process of this kind, which its table keeps to these states. */
export function asStream(process: Process<Terms> | Process): Stream {
  return process as Stream;
}
