import { Alert, Anchor, Button, Card, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect } from 'react';
import type { Body } from 'tandem-client';
import { Link } from 'wouter';
import { Actions } from '../case/Actions.tsx';
import { caseQuery } from '../case/queries.ts';
import { Bars } from '../chart/Bars.tsx';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { AskCrowd } from './AskCrowd.tsx';
import { Dare } from './Dare.tsx';
import classes from './Live.module.css';
import { minutesOf } from './minutes.ts';
import { analyticsQuery, type Stream, streamKey } from './queries.ts';
import { Selling } from './Selling.tsx';
import type { Moderation } from './useModeration.ts';
import { dateOf, secondsWords } from './words.ts';

/** What a stream's creator has beside it: what they may do next, how it goes, who may write, who was removed. */
export function Panel({ stream, moderation }: { stream: Stream; moderation: Moderation }) {
  return (
    <Card withBorder padding={0} component="aside" aria-label="Your panel">
      <Steps stream={stream} />
      <Stack gap="md" p="sm">
        <Numbers stream={stream} />
        <AskCrowd stream={stream} />
        <Dare stream={stream} />
        <Rules stream={stream} />
        <Removed moderation={moderation} />
        <Over stream={stream} />
        <Selling stream={stream} />
        <Sending stream={stream} />
        <Anchor component={Link} href={`/app/cases/${stream.id}`} size="xs">
          Its case: history and machine
        </Anchor>
      </Stack>
    </Card>
  );
}

/** Going on air, ending, putting away: what its case offers, as everywhere. */
function Steps({ stream: { id, status } }: { stream: Stream }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { data: seen, error } = useQuery(caseQuery(session, id));
  const state = seen?.state;
  useEffect(() => {
    if (state !== undefined && state !== status)
      void queries.invalidateQueries({ queryKey: streamKey(session.user.id, id) });
  }, [state, status, queries, session, id]);
  if (!seen) return <ReadFailure error={error} />;
  return <Actions session={session} seen={seen} />;
}

/** How often what nobody tells is read anew while it is on air, in ms. */
const COUNTED = 10_000;

function Numbers({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery({
    ...analyticsQuery(session, stream.id),
    ...(stream.status === 'live' ? { refetchInterval: COUNTED } : {}),
  });
  if (stream.started_at === null) return null;
  if (!data) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const to = stream.ended_at ?? new Date(session.tandem.clock.now()).toISOString();
  const { viewers, gifts } = minutesOf(data, { from: stream.started_at, to });
  const all = (part: 'gifts' | 'tokens') => data.gifts.reduce((sum, each) => sum + each[part], 0);
  return (
    <section aria-label="How it goes">
      <SimpleGrid cols={3} spacing="xs" component="dl" m={0} mb="xs">
        <Figure name="Most at once" value={data.peak} of="peak" />
        <Figure name="Gifts" value={all('gifts')} of="gifts" />
        <Figure name="TOKEN in them" value={all('tokens')} of="tokens" />
      </SimpleGrid>
      <Bars name="Viewers, by minute" bars={viewers} height={70} />
      <Bars name="Gifts a minute" bars={gifts} height={70} />
    </section>
  );
}

function Figure({ name, value, of }: { name: string; value: number; of: string }) {
  return (
    <div data-figure={of} data-value={value}>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} fw={650} fz="lg">
        {value.toLocaleString('en-IN')}
      </Text>
    </div>
  );
}

type Change = Body<'streams.change'>;

/** Changes what is said of it. The room is not told of that: who writes is told by the rule itself. */
function useChange(id: string) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  return useOneAtATime({
    mutationFn: (change: Change) => tandem.streams.change(id, change),
    onSuccess: () => queries.invalidateQueries({ queryKey: streamKey(user.id, id) }),
  });
}

const SLOW = [0, 5, 10, 30, 60, 300];

/** Who writes, as one choice: the API has them as two, of which the narrower holds. */
const WHO: Readonly<Record<string, Change>> = {
  everybody: { followers_only_minutes: null, subscribers_only: false },
  followers: { followers_only_minutes: 0, subscribers_only: false },
  followers10: { followers_only_minutes: 10, subscribers_only: false },
  subscribers: { subscribers_only: true },
};

function whoWrites({ chat: { followers_only_minutes: minutes, subscribers_only } }: Stream): string {
  if (subscribers_only) return 'subscribers';
  if (minutes === null) return 'everybody';
  return minutes === 0 ? 'followers' : 'followers10';
}

function Rules({ stream }: { stream: Stream }) {
  const change = useChange(stream.id);
  const { slow_mode_seconds: slow } = stream.chat;
  if (stream.status !== 'live' && stream.status !== 'scheduled') return null;
  return (
    <section aria-label="Who writes">
      <Group gap="xs" grow>
        <NativeSelect
          label="Slow mode"
          size="xs"
          value={String(slow)}
          onChange={({ currentTarget }) => change.mutate({ slow_mode_seconds: Number(currentTarget.value) })}
          data={[...new Set([...SLOW, slow])].map((seconds) => ({
            value: String(seconds),
            label: seconds === 0 ? 'Off' : `Once in ${secondsWords(seconds)}`,
          }))}
        />
        <NativeSelect
          label="Who writes"
          size="xs"
          value={whoWrites(stream)}
          onChange={({ currentTarget }) => change.mutate(WHO[currentTarget.value] ?? {})}
          data={[
            { value: 'everybody', label: 'Everybody' },
            { value: 'followers', label: 'Followers' },
            { value: 'followers10', label: 'Followers of 10 min' },
            { value: 'subscribers', label: 'Subscribers' },
          ]}
        />
      </Group>
      <Failure error={change.error} onRetry={change.again} />
    </section>
  );
}

/** Who was kept from writing or put out, and the way back for them. */
function Removed({ moderation: { removed, readmit, error } }: { moderation: Moderation }) {
  if (removed.length === 0 && !error) return null;
  return (
    <section aria-label="Who was removed">
      {removed.map(({ userId, handle, until }) => (
        <Group key={userId} justify="space-between" gap="xs" data-removed={handle}>
          <Text size="sm">
            {handle} {until === null ? 'is out of the stream.' : `may not write until ${dateOf(until)}.`}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => readmit(userId)}>
            Let {handle} in again
          </Button>
        </Group>
      ))}
      <Failure error={error} />
    </section>
  );
}

/** Words over the picture. */
function Over({ stream }: { stream: Stream }) {
  const change = useChange(stream.id);
  if (stream.status !== 'live' && stream.status !== 'scheduled') return null;
  const text = stream.overlays.find(({ kind }) => kind === 'text');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get('text')).trim();
    // Others that lie over it stay.
    const others = stream.overlays.filter((overlay) => overlay !== text);
    change.mutate({ overlays: said ? [...others, { kind: 'text', text: said, x: 0.04, y: 0.14 }] : others });
  };
  return (
    <form onSubmit={submit} aria-label="Words over the picture" key={text?.kind === 'text' ? text.text : ''}>
      <Group gap="xs" align="end">
        <TextInput
          name="text"
          label="Words over the picture"
          size="xs"
          flex={1}
          maxLength={120}
          defaultValue={text?.kind === 'text' ? text.text : ''}
        />
        <Button type="submit" size="xs" variant="default" loading={change.isPending}>
          Show them
        </Button>
      </Group>
      <Failure error={change.error} onRetry={change.again} />
    </form>
  );
}

/** Where pictures are sent to, asked for when wanted: without a media server all else works. */
function Sending({ stream }: { stream: Stream }) {
  const { tandem } = useSignedIn().session;
  const ask = useOneAtATime({ mutationFn: () => tandem.streams.token(stream.id) });
  if (stream.status !== 'live' && stream.status !== 'scheduled') return null;
  return (
    <section aria-label="Where pictures go">
      <Button size="compact-xs" variant="default" loading={ask.isPending} onClick={() => ask.mutate(undefined)}>
        Where do pictures go?
      </Button>
      {ask.data && (
        <Alert variant="light" p="xs" mt={6} role="status">
          <Text size="xs">For ten minutes, by any program that speaks LiveKit’s protocol:</Text>
          <Text size="xs" ff="monospace" className={classes.long}>
            {ask.data.url}
          </Text>
          <Text size="xs" ff="monospace" className={classes.long}>
            {ask.data.token}
          </Text>
        </Alert>
      )}
      <Failure error={ask.error} />
    </section>
  );
}
