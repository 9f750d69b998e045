/** What the doors are given by whoever starts them. */
import type { MessageView } from '#workflows/collaboration/contract.ts';

/** Who a token speaks for. */
export interface Identity {
  readonly userId: string;
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
}

/** What is used of pino's logger. */
export interface Log {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
