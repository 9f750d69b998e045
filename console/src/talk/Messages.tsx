import { Anchor, Loader, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import { SEAT_TITLES } from '../session/seats.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { Links } from './Links.tsx';
import classes from './Messages.module.css';
import { type Conversation, type Message, messagesQuery } from './queries.ts';

/** Nearer to the end than this, in px, one wants to see what comes. */
const NEAR_END = 80;

/** What was said, oldest first, kept at its end; new messages are announced. */
export function Messages({ conversation, typing }: { conversation: Conversation; typing: boolean }) {
  const { session, seat } = useSignedIn();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } =
    useInfiniteQuery(messagesQuery(session, conversation.id));
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = useRef(0);
  const messages = (data?.pages.flatMap((page) => page.data) ?? []).toReversed();
  const newest = messages.at(-1)?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when there is something new at the end
  useLayoutEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [newest, typing, messages.length]);

  // What is below may grow or go: the end stays in sight.
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const lastOwn = messages.findLast((each) => each.sender_id === session.user.id)?.id;
  return (
    <div
      ref={list}
      className={classes.list}
      role="log"
      aria-label={`Messages, as the ${SEAT_TITLES[seat].toLowerCase()} sees them`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        // Only who scrolls up leaves the end: it also goes further away when what is below the list grows.
        if (scrollHeight - scrollTop - clientHeight < NEAR_END) atEnd.current = true;
        else if (scrollTop < last.current) atEnd.current = false;
        last.current = scrollTop;
      }}
    >
      {isPending && <Loader size="sm" m="auto" aria-label="Reading messages" />}
      <ReadFailure error={error} onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())} />
      {hasNextPage && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          mx="auto"
          disabled={isFetchingNextPage}
          onClick={() => {
            atEnd.current = false;
            void fetchNextPage();
          }}
        >
          Earlier messages
        </Anchor>
      )}
      {messages.map((message) => (
        <Line key={message.id} message={message} conversation={conversation} isLastOwn={message.id === lastOwn} />
      ))}
      {typing && (
        <Text size="xs" c="dimmed" fs="italic">
          Typing …
        </Text>
      )}
    </div>
  );
}

type LineProps = { message: Message; conversation: Conversation; isLastOwn: boolean };

function Line({ message, conversation, isLastOwn }: LineProps) {
  const { session } = useSignedIn();
  const own = message.sender_id === session.user.id;
  const kind = message.message_type === 'user_input' ? (own ? 'own' : 'other') : message.message_type;
  const notes = [
    new Date(message.created_at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    message.message_type === 'audit' && 'only you see this',
    asks(message),
    own && isLastOwn && message.seen && 'seen',
  ].filter(Boolean);
  return (
    <div className={classes.line} data-kind={kind} data-message={message.id}>
      <div className={classes.text}>
        {kind === 'other' && <strong className={classes.who}>{otherTitle(message, conversation)}</strong>}
        <Links text={message.message} />
        {message.media_url && /^https?:\/\//.test(message.media_url) && (
          <Anchor href={message.media_url} target="_blank" rel="noopener noreferrer" size="sm" display="block">
            {message.media_url}
          </Anchor>
        )}
      </div>
      <div className={classes.notes}>{notes.join(' · ')}</div>
    </div>
  );
}

/** Only whoever is asked has the question itself in their message. */
function asks({ action_required, action_completed, action_data }: Message): string | null {
  if (!action_required) return null;
  if (action_completed) return action_data ? 'answered' : null;
  return action_data ? 'waits for you' : 'waits for the other side';
}

function otherTitle(message: Message, { brand_owner_id }: Conversation): string {
  return message.sender_id === brand_owner_id ? SEAT_TITLES.brand_owner : SEAT_TITLES.influencer;
}
