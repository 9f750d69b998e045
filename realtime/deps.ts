/** What the doors are given by whoever starts them. */
import type { MessageView } from '#workflows/deal/contract.ts';
import type { GiftGiven } from '#workflows/gift/contract.ts';
import type { ChatHeard } from '#workflows/stream/contract.ts';
import type { Mood } from '#workflows/stream/mood.ts';

/** Who a token speaks for. */
export interface Identity {
  readonly userId: string;
  /** The name others know them by, where the token's issuer or we know it. */
  readonly handle?: string;
  /** The login it belongs to; null for an outside issuer's, which has no login here that could end. */
  readonly sessionId: string | null;
  readonly expiresAt: Date;
}

/** Resolves for a good token; throws the failure UNAUTHENTICATED for any other, and anything else when it cannot tell. */
export type VerifyToken = (token: string) => Promise<Identity>;

/** On whose behalf, and under which name in the logs, a command is done. */
export interface Caller {
  readonly userId: string;
  readonly correlationId: string;
}

/** What commands do beyond rooms: the same functions that the REST routes call. They ring the bell themselves. */
export interface CommandDeps {
  /** At least one of `conversationId` and `receiverId` is given. */
  sendMessage(
    caller: Caller,
    input: {
      conversationId: string | null;
      receiverId: string | null;
      message: string;
      mediaUrl: string | null;
      idempotencyKey: string | null;
    },
  ): Promise<MessageView>;
  /** Resolves with the number of messages that were unseen until now. `messageId` null: all of them. */
  markSeen(caller: Caller, input: { conversationId: string; messageId: string | null }): Promise<number>;
  /** Written by the stream's rules, and heard in its room. */
  writeInStream(caller: Caller, input: { streamId: string; text: string }): Promise<ChatHeard>;
  /** Counted for a few seconds, of whoever may watch. `isIn`: they are in its room, and so may. */
  reactInStream(caller: Caller, input: { streamId: string; mood: Mood; isIn: boolean }): Promise<void>;
  /** Of somebody who may see it, for one of the two. */
  voteInBattle(caller: Caller, input: { battleId: string; participantId: string }): Promise<void>;
  /** Of whoever may watch, while the poll is open; the last vote counts. */
  voteInPoll(caller: Caller, input: { pollId: string; option: number }): Promise<void>;
  /** In a stream, or with `streamId` null to the house. */
  giveGift(
    caller: Caller,
    input: {
      code: string;
      quantity: number;
      message: string | null;
      streamId: string | null;
      idempotencyKey: string | null;
    },
  ): Promise<{ gift: GiftGiven; balance: string }>;
  /** NOT_FOUND for a notification that is not the caller's. */
  markNotificationRead(caller: Caller, notificationId: string): Promise<void>;
}

/** What is used of pino's logger. */
export interface Log {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
