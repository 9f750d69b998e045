import { ActionIcon, Badge, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { dataOf } from '../client/answer.ts';
import { Failure } from '../client/Failure.tsx';
import { refusalOf } from '../client/refusal.ts';
import { useVisible } from '../client/useVisible.ts';
import { BackIcon } from '../icons.tsx';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Actions } from './Actions.tsx';
import { Composer } from './Composer.tsx';
import { Messages } from './Messages.tsx';
import { closeDeal } from './openDeal.ts';
import { type Context, contextQuery, keys, messagesQuery } from './queries.ts';
import { TypingHeard } from './typing.ts';
import { useTitle } from './useTitle.ts';

/** A deal as one side sees it; `otherwise` where it is not this account's. */
export function DealView({ id, shown, otherwise }: { id: string; shown: boolean; otherwise: ReactNode }) {
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery(contextQuery(session, id));
  if (data) return <Opened context={data} shown={shown} />;
  if (isPending) return <Loader m="auto" aria-label="Reading the deal" />;
  if (refusalOf(error).status === 404) return otherwise;
  return (
    <Stack p="md">
      <Failure error={error} onRetry={() => void refetch()} />
    </Stack>
  );
}

function Opened({ context, shown }: { context: Context; shown: boolean }) {
  const { session, connection } = useSignedIn();
  const { conversation } = context;
  const title = useTitle(session, conversation);
  const typing = useTyping(conversation.id);
  useSeen(conversation.id, shown);
  useEffect(() => connection?.join(conversation.id), [connection, conversation.id]);

  const mine = context.current_action_data !== null;
  return (
    <>
      <Group px="sm" py={6} gap="xs" wrap="nowrap" style={{ borderBottom: '1px solid var(--line)' }}>
        <ActionIcon variant="subtle" color="gray" aria-label="Back to the deals" onClick={closeDeal}>
          <BackIcon />
        </ActionIcon>
        <Title order={3} fz="sm" lineClamp={1} flex={1} title={title}>
          {title}
        </Title>
        <Badge variant={mine ? 'filled' : 'light'} color={mine ? 'teal' : 'gray'} style={{ flexShrink: 0 }}>
          {mine ? 'Your turn' : words(conversation.flow_state)}
        </Badge>
      </Group>
      <Messages conversation={conversation} typing={typing} />
      {conversation.kind !== 'direct' && <Actions context={context} />}
      {conversation.chat_status === 'real_time' && <Composer conversationId={conversation.id} />}
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
  const { session, status, onLive } = useSignedIn();
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    // Without a socket its end would not be heard.
    if (status !== 'live') return;
    const heard = new TypingHeard(setTyping);
    const leave = onLive((event) => {
      if (event.name !== 'user_typing' || event.data.conversationId !== conversationId) return;
      if (event.data.userId !== session.user.id) heard.hear(event.data.isTyping);
    });
    return () => {
      leave();
      heard.hear(false);
    };
  }, [conversationId, onLive, session, status]);
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
    mutationFn: (_: string) =>
      dataOf(session.api.POST('/api/messages/conversations/{id}/seen', { params: { path: { id } }, body: {} })),
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
