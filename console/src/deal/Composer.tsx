import { ActionIcon, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { dataOf } from '../client/answer.ts';
import { Failure } from '../client/Failure.tsx';
import { newIdempotencyKey } from '../client/idempotencyKey.ts';
import { SendIcon } from '../icons.tsx';
import { SEAT_TITLES } from '../session/seats.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Composer.module.css';

/** After this long without a key, in ms, one is no longer typing. */
const TYPING_ENDS = 3_000;

/** Free words, where the chat is in real time. */
export function Composer({ conversationId }: { conversationId: string }) {
  const { session, seat, connection } = useSignedIn();
  const [text, setText] = useState('');
  const typing = useRef<ReturnType<typeof setTimeout> | null>(null);

  const stopTyping = () => {
    if (typing.current === null) return;
    clearTimeout(typing.current);
    typing.current = null;
    connection?.command('typing_stop', { conversationId });
  };
  const keepTyping = () => {
    if (typing.current === null) connection?.command('typing_start', { conversationId });
    else clearTimeout(typing.current);
    typing.current = setTimeout(stopTyping, TYPING_ENDS);
  };
  useEffect(() => () => clearTimeout(typing.current ?? undefined), []);

  const send = useMutation({
    mutationFn: ({ message, key }: { message: string; key: string }) =>
      dataOf(
        session.api.POST('/api/messages/send', {
          params: { header: { 'idempotency-key': key } },
          body: { conversation_id: conversationId, message },
        }),
      ),
    onSuccess: () => setText(''),
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (send.isPending || text.trim() === '') return;
    stopTyping();
    send.mutate({ message: text, key: newIdempotencyKey() });
  };

  return (
    <form className={classes.composer} onSubmit={submit} aria-label="Write a message">
      <Failure error={send.error} onRetry={() => send.variables && send.mutate(send.variables)} />
      <div className={classes.row}>
        <Textarea
          className={classes.input}
          aria-label={`Message as the ${SEAT_TITLES[seat].toLowerCase()}`}
          placeholder="Write a message; Enter sends it"
          autosize
          minRows={1}
          maxRows={5}
          maxLength={5_000}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            keepTyping();
          }}
          onBlur={stopTyping}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
          }}
        />
        <ActionIcon type="submit" size="lg" aria-label="Send" loading={send.isPending} disabled={text.trim() === ''}>
          <SendIcon />
        </ActionIcon>
      </div>
    </form>
  );
}
