import type { CountedReaction } from '#db/talk/editing.ts';
import type { MessageRow } from '#db/talk/messages.ts';
import type { Spoken } from '#db/talk/speaking.ts';
import { tellNext } from '#db/talk/tellings.ts';
import type { Deps } from '../deps.ts';
import { chatMessageView } from './views.ts';

/** What follows after something was said, once it is committed. */
export type Speech = {
  /** Goes on with who is still to be told, and tells those who have it open on their page. Who was told is rung for. */
  said(spoken: Spoken): void;
  /** A message that people look at is another now. */
  updated(message: MessageRow, reactions: readonly CountedReaction[]): void;
  typing(conversationId: string, user: { id: string; handle: string }, isTyping: boolean): void;
  /** After what is under way. */
  close(): Promise<void>;
};

/** Typing ends by itself, as whoever closes a page does not say so. */
const TYPING_MS = 3_000;
/** Who types beyond so many is told of once, and ends with the page's own patience. */
const TYPERS = 10_000;

const conversationRoom = (id: string) => `conversation_${id}`;

export function createSpeech(deps: Pick<Deps, 'pool' | 'bus' | 'ringUsers' | 'metrics' | 'log'>): Speech {
  /** Rooms whose members are being told; true where something came in meanwhile. */
  const telling = new Map<string, boolean>();
  const typers = new Map<string, NodeJS.Timeout>();
  let closing = false;
  let walks: Promise<void> = Promise.resolve();

  function tell(conversationId: string): void {
    if (telling.has(conversationId)) {
      telling.set(conversationId, true);
      return;
    }
    telling.set(conversationId, false);
    // Of those that are over nothing is kept.
    walks = Promise.all([walks, walk(conversationId)]).then(() => {});
  }

  async function walk(conversationId: string): Promise<void> {
    try {
      let more = true;
      while ((more || telling.get(conversationId)) && !closing) {
        if (!more) telling.set(conversationId, false);
        const chunk = await deps.pool.transaction((transaction) =>
          tellNext(transaction, conversationId, { wait: true }),
        );
        deps.ringUsers(chunk?.users ?? []);
        more = chunk?.more ?? false;
      }
    } catch (error) {
      // The worker's sweep goes on where this ended.
      deps.log.warn({ err: error, conversation_id: conversationId }, 'a room’s members could not all be told');
    } finally {
      telling.delete(conversationId);
    }
  }

  function tellTyping(conversationId: string, user: { id: string; handle: string }, isTyping: boolean): void {
    deps.bus.live({
      rooms: [conversationRoom(conversationId)],
      name: 'user_typing',
      data: { conversationId, userId: user.id, isTyping, username: user.handle },
      except: user.id,
    });
  }

  return {
    said({ said, apart }) {
      deps.metrics.messages.inc();
      if (apart) tell(said.conversation_id);
      deps.bus.live({
        rooms: [conversationRoom(said.conversation_id)],
        name: 'message_received',
        data: {
          conversationId: said.conversation_id,
          messageId: said.id,
          senderId: said.sender_id,
          senderUsername: said.handle,
          senderProfilePic: said.avatar_url,
          content: said.message,
          messageType: said.content,
          mediaUrl: said.media_url,
          timestamp: said.created_at,
        },
        except: said.sender_id,
      });
    },
    updated(row, counted) {
      const { reactions, seen: _, ...message } = chatMessageView(row, counted);
      deps.bus.live({
        rooms: [conversationRoom(row.conversation_id)],
        name: 'message_updated',
        data: {
          conversationId: row.conversation_id,
          message,
          reactions: reactions.map(({ emoji, count }) => ({ emoji, count })),
        },
      });
    },
    typing(conversationId, user, isTyping) {
      const key = `${conversationId} ${user.id}`;
      clearTimeout(typers.get(key));
      const was = typers.delete(key);
      if (isTyping && typers.size < TYPERS) {
        const ends = () => {
          typers.delete(key);
          tellTyping(conversationId, user, false);
        };
        typers.set(key, setTimeout(ends, TYPING_MS).unref());
      }
      if (isTyping || was) tellTyping(conversationId, user, isTyping);
    },
    async close() {
      closing = true;
      for (const timer of typers.values()) clearTimeout(timer);
      await walks;
    },
  };
}
