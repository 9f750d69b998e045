import { Anchor, Badge, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Battle } from './Battle.tsx';
import { Places } from './Boards.tsx';
import { Challenge } from './Challenge.tsx';
import { Chat } from './Chat.tsx';
import { Gifts } from './Gifts.tsx';
import classes from './Live.module.css';
import { Mood } from './Mood.tsx';
import { Panel } from './Panel.tsx';
import { Poll } from './Poll.tsx';
import { useToldOfRights } from './paid.ts';
import { Questions } from './Questions.tsx';
import { type State, type Stream, stateQuery, streamQuery } from './queries.ts';
import { Screen } from './Screen.tsx';
import { Subscribe } from './Subscribe.tsx';
import { Ticket } from './Ticket.tsx';
import { useModeration } from './useModeration.ts';
import { useStream } from './useStream.ts';
import { FOR_WHOM, STATUSES } from './words.ts';

/** One stream: watched, written in, given to; for its creator, with the panel beside it. */
export default function Watch() {
  const { id = '' } = useParams();
  const { session } = useSignedIn();
  const { data: stream, error, refetch } = useQuery(streamQuery(session, id));
  useTitle(stream?.title ?? 'Live');
  useToldOfRights();
  return (
    <Stack gap="sm">
      <Anchor component={Link} href="/app/discover/live" size="sm" w="fit-content">
        All streams
      </Anchor>
      {stream ? (
        <>
          <Head stream={stream} />
          {stream.may_watch ? <Inside key={id} stream={stream} /> : <Outside stream={stream} />}
        </>
      ) : error ? (
        <ReadFailure error={error} onRetry={() => void refetch()} />
      ) : (
        <Loader m="auto" aria-label="Reading the stream" />
      )}
    </Stack>
  );
}

function Head({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { creator, title, category, tags, status, visibility } = stream;
  const { label, colour } = STATUSES[status];
  return (
    <Group justify="space-between" align="start" gap="xs">
      <div>
        <Group gap="xs">
          <Title order={2} fz="xl" style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          <Badge color={colour} variant="light" data-status={status}>
            {label}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {[creator.handle, category, ...tags, FOR_WHOM[visibility]].join(' · ')}
        </Text>
      </div>
      {creator.id !== session.user.id && <Follow creator={creator} />}
    </Group>
  );
}

function Follow({ creator }: { creator: Stream['creator'] }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const queryKey = [user.id, 'person', creator.id];
  const { data } = useQuery({ queryKey, queryFn: () => tandem.people.get(creator.id) });
  const following = data?.user.my_follow !== 'none';
  const change = useOneAtATime({
    mutationFn: async () => {
      if (following) await tandem.people.unfollow(creator.id);
      else await tandem.people.follow(creator.id);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [user.id] }),
  });
  if (!data) return null;
  const { my_follow } = data.user;
  return (
    <div>
      <Button
        size="xs"
        variant={following ? 'light' : 'default'}
        aria-pressed={following}
        loading={change.isPending}
        onClick={() => change.mutate(undefined)}
      >
        {my_follow === 'none'
          ? `Follow ${creator.handle}`
          : my_follow === 'requested'
            ? 'Asked to follow'
            : 'Following'}
      </Button>
      <Failure error={change.error} onRetry={change.again} />
    </div>
  );
}

/** For whom it is not: what would open it. */
function Outside({ stream }: { stream: Stream }) {
  const { visibility, creator } = stream;
  return (
    <Stack gap="sm" maw={560}>
      <Text size="sm" role="status">
        {visibility === 'public'
          ? 'You are not let into this stream.'
          : `It is ${FOR_WHOM[visibility].toLowerCase()} of ${creator.handle}.`}
      </Text>
      {visibility === 'ticket' && <Ticket stream={stream} />}
      {visibility === 'subscribers' && <Subscribe creator={creator} />}
    </Stack>
  );
}

function Inside({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { data: state, error, refetch } = useQuery(stateQuery(session, stream.id));
  const show = useStream(stream.id, stream.status === 'live' || stream.status === 'scheduled');
  const moderation = useModeration(stream.id);
  const own = stream.creator.id === session.user.id;
  if (!state) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading what goes on" />
    );
  }
  const open = stream.status === 'live';
  const chat = (
    <div className={classes.chat} data-quiet={!open || undefined}>
      <Chat stream={stream} given={show.given} moderation={own ? moderation : null} />
    </div>
  );
  return (
    <div className={classes.stream}>
      <div className={classes.below}>
        <Screen stream={stream} state={state} show={show} />
        {open && <Mood id={stream.id} mood={state.mood} open={open} />}
        {state.battle && <Battle battle={state.battle} streamId={stream.id} />}
        {state.challenge && <Challenge challenge={state.challenge} own={own} />}
        {open && <Poll stream={stream} />}
        {open && <Questions stream={stream} />}
        <Ticket stream={stream} />
        {own ? (
          chat
        ) : (
          <>
            <Gifts stream={stream} />
            <Subscribe creator={stream.creator} />
          </>
        )}
      </div>
      <div className={classes.below}>
        {own ? <Panel stream={stream} moderation={moderation} /> : chat}
        <TopGifters state={state} />
      </div>
    </div>
  );
}

function TopGifters({ state }: { state: State }) {
  return (
    <section aria-label="Who gave most here">
      <Title order={3} fz="sm" mb={4}>
        Who gave most here
      </Title>
      <Places places={state.top_gifters} nothing="Nobody has given anything yet." />
    </section>
  );
}
