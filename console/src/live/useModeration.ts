import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { dropSaid } from './hearChat.ts';

/** Somebody who was kept from writing, or put out. */
export type Removed = { userId: string; handle: string; until: string | null };

export type Moderation = {
  /** Takes one message away. */
  takeAway: (messageId: string) => void;
  /** Keeps somebody from writing for so long; null: from being there at all. */
  remove: (who: { userId: string; handle: string; seconds: number | null }) => void;
  readmit: (userId: string) => void;
  /** Those of this visit: nobody lists them otherwise. */
  removed: readonly Removed[];
  error: Error | null;
};

/** What the creator does about what is written in a stream of theirs. The room hears of it; here it goes at once. */
export function useModeration(streamId: string): Moderation {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const [removed, setRemoved] = useState<readonly Removed[]>([]);
  const of = { userId: user.id, streamId };
  const taking = useOneAtATime({
    mutationFn: (messageId: string) => tandem.streams.removeMessage(streamId, messageId),
    onSuccess: (_, messageId) => dropSaid(queries, of, ({ id }) => id === messageId),
  });
  const removing = useOneAtATime({
    mutationFn: ({ userId, seconds }: { userId: string; handle: string; seconds: number | null }) =>
      tandem.streams.removePerson(streamId, { user_id: userId, seconds }),
    onSuccess: ({ removal }, { userId, handle }) => {
      dropSaid(queries, of, (said) => said.userId === userId);
      setRemoved((now) => [...now.filter((each) => each.userId !== userId), { userId, handle, until: removal.until }]);
    },
  });
  const readmitting = useOneAtATime({
    mutationFn: (userId: string) => tandem.streams.readmit(streamId, userId),
    onSuccess: (_, userId) => setRemoved((now) => now.filter((each) => each.userId !== userId)),
  });
  return {
    takeAway: taking.mutate,
    remove: removing.mutate,
    readmit: readmitting.mutate,
    removed,
    error: taking.error ?? removing.error ?? readmitting.error,
  };
}
