import { ActionIcon, Group, Loader, Stack, Text, Textarea, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useLayoutEffect, useRef } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useVisible } from '../client/useVisible.ts';
import { More } from '../door/More.tsx';
import { useTitle } from '../door/useTitle.ts';
import { SendIcon } from '../icons.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import composer from './Composer.module.css';
import { Links } from './Links.tsx';
import classes from './Messages.module.css';
import { keys } from './queries.ts';
import { membersQuery, nameOf, type RoomMessage, roomQuery, roomsKey, saidQuery } from './rooms.ts';
import { useJoined } from './useJoined.ts';

/** A conversation that belongs to no case: between two, of a group, or open to all. */
export function Room({ id }: { id: string }) {
  const { session } = useSignedIn();
  const { data: room, error, refetch } = useQuery(roomQuery(session, id));
  const members = useQuery(membersQuery(session, id)).data;
  const read = useInfiniteQuery(saidQuery(session, id));
  useJoined(id);
  useTitle(room?.name ?? 'Messages');
  useSeen(id, read.data?.pages[0]?.data[0]);
  if (!room) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the conversation" />
    );
  }
  return (
    <Stack gap={0} h="100%" mih={0}>
      <Group justify="space-between" pb="xs" wrap="nowrap">
        <Title order={2} fz="md" lineClamp={1}>
          {nameOf(room)}
        </Title>
        <Text size="xs" c="dimmed" flex="none">
          {room.member_count} {room.member_count === 1 ? 'person' : 'people'}
        </Text>
      </Group>
      <ReadFailure error={read.error} onRetry={() => void read.refetch()} />
      <Said messages={read.data?.pages.flatMap((page) => page.data) ?? []} members={members} read={read} />
      <Write id={id} />
    </Stack>
  );
}

type SaidProps = {
  messages: readonly RoomMessage[];
  members: ReadonlyMap<string, string> | undefined;
  read: Parameters<typeof More>[0]['read'];
};

function Said({ messages, members, read }: SaidProps) {
  const { session } = useSignedIn();
  const list = useRef<HTMLDivElement>(null);
  const newest = messages[0]?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it says when there is something new at the end
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [newest]);
  return (
    <div
      ref={list}
      className={classes.list}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
    >
      <More read={read} />
      {messages.toReversed().map(({ id, sender_id, message, created_at }) => (
        <div key={id} className={classes.line} data-kind={sender_id === session.user.id ? 'own' : 'other'}>
          <div className={classes.text}>
            {sender_id !== session.user.id && (
              <strong className={classes.who}>{members?.get(sender_id) ?? 'Somebody'}</strong>
            )}
            <Links text={message} />
          </div>
          <div className={classes.notes}>
            {new Date(created_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
          </div>
        </div>
      ))}
    </div>
  );
}

function Write({ id }: { id: string }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const send = useOneAtATime({
    mutationFn: ({ message, key }: { message: string; key: string }) =>
      session.tandem.rooms.send(id, { message }, { idempotencyKey: key }),
    onSuccess: () => form.current?.reset(),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.messages(session.user.id, id) }),
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!form.current) return;
    const message = String(new FormData(form.current).get('message'));
    if (message.trim() !== '') send.mutate({ message, key: newIdempotencyKey() });
  };
  return (
    <form ref={form} className={composer.composer} onSubmit={submit} aria-label="Write a message">
      <Failure error={send.error} onRetry={send.again} />
      <div className={composer.row}>
        <Textarea
          name="message"
          className={composer.input ?? ''}
          aria-label="Message"
          placeholder="Write a message; Enter sends it"
          autosize
          minRows={1}
          maxRows={5}
          maxLength={4_000}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
          }}
        />
        <ActionIcon type="submit" size="lg" aria-label="Send" loading={send.isPending}>
          <SendIcon />
        </ActionIcon>
      </div>
    </form>
  );
}

/** What is looked at has been seen, up to the newest. */
function useSeen(id: string, newest: RoomMessage | undefined): void {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const visible = useVisible();
  const unseen = newest && newest.sender_id !== session.user.id ? newest.id : undefined;
  useEffect(() => {
    if (!visible || unseen === undefined) return;
    const { tandem, user } = session;
    tandem.rooms.markSeen(id, { message_id: unseen }).then(
      () => queries.invalidateQueries({ queryKey: roomsKey(user.id) }),
      // Told with the next message, or when it is opened anew.
      () => {},
    );
  }, [visible, unseen, id, session, queries]);
}
