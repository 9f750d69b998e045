import type { ChatRow } from '#db/stream/chat.ts';
import type { PlayRow, SegmentRow } from '#db/stream/segments.ts';
import type { Reader, StreamRow } from '#db/stream/streams.ts';
import type { ChatHeard, StreamView } from '#workflows/stream/contract.ts';
import type { Account } from '../people/account.ts';

export const readerOf = ({ id, roles }: Pick<Account, 'id' | 'roles'>): Reader => ({
  ...{ id, isAdmin: roles.includes('admin') },
});

export function viewStream(row: StreamRow): StreamView {
  const { creator_id, creator_handle, slow_mode_seconds, followers_only_minutes, subscribers_only, ...said } = row;
  return {
    ...said,
    creator: { id: creator_id, handle: creator_handle },
    chat: { slow_mode_seconds, followers_only_minutes, subscribers_only },
  };
}

export function viewSegment({ duration_ms, at_seconds, ...row }: SegmentRow) {
  return { ...row, duration_seconds: duration_ms / 1_000, at: at_seconds };
}

export function viewPlay({ segment_id, media_url, title, began_at, ends_at }: PlayRow) {
  return { segment_id, media_url, title, began_at, ends_at };
}

export function heardOf(streamId: string, { id, user_id, handle, text, at }: ChatRow): ChatHeard {
  return { streamId, id, userId: user_id, handle, text, at };
}
