import { ActionIcon, Textarea } from '@mantine/core';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { SendIcon } from '../icons.tsx';
import { SEAT_TITLES } from '../session/seats.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Composer.module.css';
import { Typist } from './typing.ts';

/** Free words, where the chat is in real time. */
export function Composer({ conversationId }: { conversationId: string }) {
  const { session, seat } = useSignedIn();
  const { tandem } = session;
  const [text, setText] = useState('');
  const typist = useMemo(
    () => new Typist((command) => tandem.say(command, { conversationId })),
    [tandem, conversationId],
  );
  useEffect(() => () => typist.stop(), [typist]);

  const send = useOneAtATime({
    mutationFn: ({ message, key }: { message: string; key: string }) =>
      tandem.messages.send({ conversation_id: conversationId, message }, { idempotencyKey: key }),
    // What is typed from here on is the next message; one that could not be sent comes back where there is none yet.
    onMutate: ({ message }) => setText((now) => (now === message ? '' : now)),
    onError: (_, { message }) => setText((now) => now || message),
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (text.trim() === '') return;
    typist.stop();
    send.mutate({ message: text, key: newIdempotencyKey() });
  };

  return (
    <form className={classes.composer} onSubmit={submit} aria-label="Write a message">
      <Failure error={send.error} onRetry={send.again} />
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
            typist.type();
          }}
          onBlur={() => typist.stop()}
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
