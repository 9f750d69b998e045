import { asStream, type Stream } from '#workflows/stream/terms.ts';
import { viewStanding } from '#workflows/stream/view.ts';
import type { KindRows } from '../process/kind.ts';

/**
 * A stream's steps write nothing beside themselves: its row, what its followers are to be told and what ends with it are
 * written by `follow_stream` and `remind_followers` in the same transaction, and the room is told by the worker.
 */
export const streamRows: KindRows = {
  besideOf: () => ({ speech: null, events: [], told: false, orders: [], tasks: [], closes: null }),
  tells: {},
  rules: null,
  answerOf: ({ process }) => answer(asStream(process)),
  unchangedOf: (process) => answer(asStream(process)),
  // Followers are reminded, by `remind_followers`.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function answer(stream: Stream) {
  return { status: 200, body: { success: true, data: { stream: viewStanding(stream) } } };
}
