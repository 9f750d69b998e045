import { AccessToken, RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';
import { Failure } from '#workflows/failures.ts';
import type { Config } from '../config.ts';

/** Who is in a stream's room at the media server, and whether its creator's pictures come. */
export type Seen = { comes: boolean; others: readonly string[] };

/** The media server, as streams need it. A stream's room has its id, a participant is an account. */
export interface Media {
  /** Where a page connects to, and with what: its creator sends pictures, others see them. */
  admit(asked: { streamId: string; userId: string; publishes: boolean }): Promise<{ url: string; token: string }>;
  /** The room that a signed webhook is about; null where it is about none. UNAUTHENTICATED for any other. */
  heard(body: string, authorization: string | undefined): Promise<string | null>;
  /** Throws where the server does not answer. */
  look(streamId: string, creatorId: string): Promise<Seen>;
  /** Has somebody leave the room, if they are there. */
  remove(streamId: string, userId: string): Promise<void>;
}

/** Tokens are asked for anew by a page that stays: whoever may not watch any more is gone by then at the latest. */
const TOKEN_SECONDS = 600;
const ANSWERS_WITHIN_SECONDS = 5;

type MediaConfig = Pick<Config, 'LIVEKIT_URL' | 'LIVEKIT_API_KEY' | 'LIVEKIT_API_SECRET'>;

/** Whether a media server is configured, and so says if pictures come. */
export function isMediaServed({ LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET }: MediaConfig): boolean {
  return [LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET].every((each) => each !== undefined);
}

/** Null where none is configured. */
export function createMedia(config: MediaConfig): Media | null {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret } = config;
  if (url === undefined || key === undefined || secret === undefined) return null;
  const rooms = new RoomServiceClient(url, key, secret, { requestTimeout: ANSWERS_WITHIN_SECONDS });
  const receiver = new WebhookReceiver(key, secret);
  return {
    async admit({ streamId, userId, publishes }) {
      const token = new AccessToken(key, secret, { identity: userId, ttl: TOKEN_SECONDS });
      const may = { canPublish: publishes, canPublishData: false, canSubscribe: true };
      token.addGrant({ room: streamId, roomJoin: true, ...may });
      return { url: url.replace(/^http/, 'ws'), token: await token.toJwt() };
    },
    async heard(body, authorization) {
      try {
        return (await receiver.receive(body, authorization)).room?.name ?? null;
      } catch (cause) {
        throw new Failure('UNAUTHENTICATED', 'The signature is not valid.', { cause });
      }
    },
    async look(streamId, creatorId) {
      const all = await rooms.listParticipants(streamId).catch((error: unknown) => {
        // A room in which nobody is, is not there.
        if ((error as { status?: number }).status === 404) return [];
        throw error;
      });
      const creator = all.find(({ identity }) => identity === creatorId);
      return {
        comes: creator?.tracks.some(({ muted }) => !muted) ?? false,
        others: all.filter(({ identity }) => identity !== creatorId).map(({ identity }) => identity),
      };
    },
    async remove(streamId, userId) {
      await rooms.removeParticipant(streamId, userId).catch(() => {});
    },
  };
}
