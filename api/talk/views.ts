import type { ConversationSummary } from '#db/talk/conversations.ts';
import type { CountedReaction } from '#db/talk/editing.ts';
import type { MessageRow } from '#db/talk/messages.ts';
import type { ChatMessageView, RoomMessageView, RoomView } from '#workflows/talk/contract.ts';
import { contentOf } from '#workflows/talk/preview.ts';

/** Messages in the forms of the frontends that ask for them. */

function takenAs({ position }: MessageRow, counted: readonly CountedReaction[]) {
  return counted.filter((each) => each.position === position).map(({ emoji, count, mine }) => ({ emoji, count, mine }));
}

/** As LykLuk's frontend has it. */
export function chatMessageView(row: MessageRow, counted: readonly CountedReaction[]): ChatMessageView {
  return {
    id: row.id,
    messageId: row.id,
    conversationId: row.conversation_id,
    senderId: row.sender_id,
    senderUsername: row.handle,
    senderProfilePic: row.avatar_url,
    content: row.message,
    messageType: row.content ?? contentOf(row.media_url),
    mediaUrl: row.media_url,
    timestamp: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    seen: row.seen,
    reactions: takenAs(row, counted),
  };
}

/** As rooms have it: with who wrote it. */
export function roomMessageView(row: MessageRow, counted: readonly CountedReaction[]): RoomMessageView {
  const { position: _, content, handle, display_name, avatar_url, ...message } = row;
  return {
    ...message,
    // What a deal asks is asked in its own conversation, of the side it is for.
    action_data: null,
    content_type: content ?? contentOf(row.media_url),
    sender: { id: row.sender_id, handle, display_name, avatar_url },
    reactions: takenAs(row, counted),
  };
}

export function roomView(row: ConversationSummary): RoomView {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    member_count: row.many,
    my_role: row.role,
    unread_count: row.unread_count,
    last_message: row.last_message && roomMessageView(row.last_message, []),
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
