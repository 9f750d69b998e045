import { Loader, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import { useVisible } from '../client/useVisible.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Composer } from './Composer.tsx';
import classes from './Conversation.module.css';
import { Messages } from './Messages.tsx';
import { contextQuery, keys, messagesQuery } from './queries.ts';
import { TypingHeard } from './typing.ts';
import { useJoined } from './useJoined.ts';

/** What is said in a case that has a conversation, with what may be done in it between the words and the next ones. */
export function Conversation({ id, shown, actions }: { id: string; shown: boolean; actions: ReactNode }) {
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(contextQuery(session, id));
  const typing = useTyping(id);
  useSeen(id, shown);
  useJoined(id);
  if (!data)
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the conversation" />
    );
  const { conversation } = data;
  return (
    <>
      <Messages conversation={conversation} typing={typing} />
      {actions}
      {conversation.chat_status === 'real_time' && <Composer conversationId={conversation.id} />}
      {conversation.chat_status === 'automated' && (
        <Text size="xs" c="dimmed" px="sm" pb={6} className={classes.later}>
          You can write to each other once the work is approved or a dispute is settled.
        </Text>
      )}
      {conversation.chat_status === 'closed' && (
        <Text size="sm" c="dimmed" ta="center" p="sm" style={{ borderTop: '1px solid var(--line)' }}>
          This conversation is closed.
        </Text>
      )}
    </>
  );
}

/** Whether the other side is typing. */
function useTyping(conversationId: string): boolean {
  const { session, status } = useSignedIn();
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    // Without a socket its end would not be heard.
    if (status !== 'live') return;
    const heard = new TypingHeard(setTyping);
    const leave = session.tandem.on('user_typing', ({ conversationId: where, userId, isTyping }) => {
      if (where === conversationId && userId !== session.user.id) heard.hear(isTyping);
    });
    return () => {
      leave();
      heard.hear(false);
    };
  }, [conversationId, session, status]);
  return typing;
}

/** Marks what was received as seen while it is looked at. */
function useSeen(id: string, shown: boolean): void {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { data } = useInfiniteQuery(messagesQuery(session, id));
  const newest = data?.pages[0]?.data.find(({ receiver_id, seen }) => receiver_id === session.user.id && !seen)?.id;
  const looked = useVisible() && shown;
  const told = useRef<string | null>(null);
  const { mutate } = useMutation({
    mutationFn: (_: string) => session.tandem.messages.markSeen(id, {}),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.conversations(session.user.id) }),
    // It was not told after all: the next time something changes it is.
    onError: (_, message) => {
      if (told.current === message) told.current = null;
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read anew is an occasion to tell what failed to be told
  useEffect(() => {
    if (!looked || newest === undefined || told.current === newest) return;
    told.current = newest;
    mutate(newest);
  }, [looked, newest, data, mutate]);
}
