import { ActionIcon, Anchor, Loader, Menu, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useLayoutEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { MoreIcon, SendIcon } from '../icons.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './Chat.module.css';
import { GiftMark } from './GiftMark.tsx';
import { addSaid } from './hearChat.ts';
import { chatQuery, giftsQuery, type Said, type Stream } from './queries.ts';
import type { Given } from './show.ts';
import type { Moderation } from './useModeration.ts';
import { clockOf, giftWords } from './words.ts';

/** Nearer to the end than this, in px, one wants to see what comes. */
const NEAR_END = 80;

type Line = { at: string } & ({ said: Said; given?: never } | { given: Given; said?: never });

type ChatProps = {
  stream: Stream;
  /** Gifts since one came, which are said among what was written. */
  given: readonly Given[];
  /** For whoever may take away what was written. */
  moderation: Moderation | null;
};

/** What is written in a stream, oldest first, and what was given meanwhile. */
export function Chat({ stream, given, moderation }: ChatProps) {
  const { session } = useSignedIn();
  const read = useInfiniteQuery(chatQuery(session, stream.id));
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const said = (read.data?.pages.flatMap(({ data }) => data) ?? []).toReversed();
  const lines: Line[] = [
    ...said.map((each) => ({ said: each, at: each.at })),
    ...given.map((each) => ({ given: each, at: each.at })),
  ].toSorted((one, other) => one.at.localeCompare(other.at));
  const newest = lines.at(-1)?.at;

  // biome-ignore lint/correctness/useExhaustiveDependencies: they say when there is something new at the end
  useLayoutEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [newest, lines.length]);

  return (
    <section className={classes.chat} aria-label="Chat">
      <div
        ref={list}
        className={classes.list}
        role="log"
        aria-label="What is written"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {read.isPending && <Loader size="sm" m="auto" aria-label="Reading the chat" />}
        <ReadFailure error={read.error} onRetry={() => void read.refetch()} />
        {read.data && lines.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody has written yet.
          </Text>
        )}
        {read.hasNextPage && (
          <Anchor
            component="button"
            type="button"
            size="sm"
            mx="auto"
            disabled={read.isFetchingNextPage}
            onClick={() => {
              atEnd.current = false;
              void read.fetchNextPage();
            }}
          >
            Earlier
          </Anchor>
        )}
        {lines.map((line) =>
          line.said ? (
            <Written key={line.said.id} said={line.said} stream={stream} moderation={moderation} />
          ) : (
            <Gave key={line.given.combo.id} given={line.given} />
          ),
        )}
      </div>
      <Write stream={stream} />
    </section>
  );
}

type WrittenProps = { said: Said; stream: Stream; moderation: Moderation | null };

function Written({ said: { id, userId, handle, text, at }, stream, moderation }: WrittenProps) {
  const byCreator = userId === stream.creator.id;
  return (
    <div className={classes.line} data-said={id}>
      <div>
        <Text component="time" dateTime={at} size="xs" c="dimmed" mr={6}>
          {clockOf(at)}
        </Text>
        <strong className={byCreator ? classes.creator : undefined}>{handle}</strong> {text}
      </div>
      {moderation && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`What to do about ${handle}’s message`}>
              <MoreIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => moderation.takeAway(id)}>Take it away</Menu.Item>
            {!byCreator && (
              <>
                <Menu.Item onClick={() => moderation.remove({ userId, handle, seconds: 600 })}>
                  Keep {handle} from writing for 10 min
                </Menu.Item>
                <Menu.Item color="red" onClick={() => moderation.remove({ userId, handle, seconds: null })}>
                  Put {handle} out of the stream
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function Gave({ given }: { given: Given }) {
  const { session } = useSignedIn();
  const gifts = useQuery(giftsQuery(session)).data ?? [];
  const gift = gifts.find(({ code }) => code === given.code);
  return (
    <div className={classes.line} data-gift={given.code} data-count={given.combo.count}>
      <GiftMark animation={gift?.animationKey} />
      <div>
        <strong>{giftWords(given, gifts)}</strong>
        {given.message && `: “${given.message}”`}
      </div>
    </div>
  );
}

/** Words into the chat, by its rules. */
function Write({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const say = useOneAtATime({
    mutationFn: ({ words, key }: { words: string; key: string }) =>
      tandem.streams.write(stream.id, { text: words }, { idempotencyKey: key }),
    onMutate: ({ words }) => setText((now) => (now === words ? '' : now)),
    onError: (_, { words }) => setText((now) => now || words),
    // It is heard in the room too; the first of the two counts.
    onSuccess: ({ message }) => addSaid(queries, user.id, message),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') say.mutate({ words: text, key: newIdempotencyKey() });
  };
  if (stream.status !== 'live') {
    return (
      <Text className={classes.write} size="sm" c="dimmed">
        One writes here while the stream is on air.
      </Text>
    );
  }
  return (
    <form className={classes.write} onSubmit={submit} aria-label="Write in the chat">
      <Text size="xs" c="dimmed" mb={4} data-rules>
        {rulesOf(stream)}
      </Text>
      <div className={classes.row}>
        <TextInput
          aria-label="Your words"
          placeholder="Say something"
          flex={1}
          maxLength={500}
          autoComplete="off"
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <ActionIcon type="submit" size="lg" aria-label="Send" loading={say.isPending} disabled={text.trim() === ''}>
          <SendIcon />
        </ActionIcon>
      </div>
      <Failure error={say.error} onRetry={say.again} />
    </form>
  );
}

/** Who may write, and how often. */
function rulesOf({ chat: { slow_mode_seconds, followers_only_minutes, subscribers_only } }: Stream): string {
  const who = subscribers_only
    ? 'Subscribers write here'
    : followers_only_minutes === null
      ? 'Everybody writes here'
      : followers_only_minutes === 0
        ? 'Followers write here'
        : `Who has followed for ${followers_only_minutes} min writes here`;
  return slow_mode_seconds === 0 ? `${who}.` : `${who}, once in ${slow_mode_seconds} s.`;
}
