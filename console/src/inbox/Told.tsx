import { Anchor, Badge, Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { caseHref } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { inboxKey, inboxQuery, type Notification } from './queries.ts';

/** What one was told, newest first: who named one in a conversation, and whatever else happened. */
export function Told() {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(inboxQuery(session));
  const { user, tandem } = session;
  const read = useMutation({
    mutationFn: () => tandem.notifications.read(user.id),
    onSettled: () => queries.invalidateQueries({ queryKey: inboxKey(user.id) }),
  });
  const unread = data?.some(({ read_at }) => read_at === null) ?? false;
  const mentions = data?.filter(({ kind, read_at }) => kind === 'mention' && read_at === null) ?? [];
  const others = data?.filter((each) => !mentions.includes(each)) ?? [];
  return (
    <>
      {mentions.length > 0 && (
        <section aria-label="Mentions">
          <Title order={2} fz="lg" mb="xs">
            Mentions
          </Title>
          <Notes notes={mentions} />
        </section>
      )}
      <section aria-label="Notifications">
        <Group justify="space-between" mb="xs">
          <Title order={2} fz="lg">
            Notifications
          </Title>
          {unread && (
            <Button size="xs" variant="default" loading={read.isPending} onClick={() => read.mutate()}>
              Mark all as read
            </Button>
          )}
        </Group>
        {isPending && <Loader aria-label="Reading the inbox" />}
        <ReadFailure error={error} onRetry={() => void refetch()} />
        {data && others.length === 0 && (
          <Text c="dimmed" size="sm">
            You have not been told of anything {mentions.length > 0 ? 'else' : 'yet'}.
          </Text>
        )}
        <Notes notes={others} />
      </section>
    </>
  );
}

function Notes({ notes }: { notes: readonly Notification[] }) {
  return (
    <Stack gap="xs">
      {notes.map((note) => (
        <Note key={note.id} note={note} />
      ))}
    </Stack>
  );
}

function Note({ note: { id, title, body, target, created_at, read_at } }: { note: Notification }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const { user, tandem } = session;
  const href = target && hrefOf(target);
  // Whoever opens what it is about has read it.
  const open = useMutation({
    mutationFn: () => tandem.notifications.read(id),
    onSettled: () => queries.invalidateQueries({ queryKey: inboxKey(user.id) }),
  });
  return (
    <article aria-label={title}>
      <Group gap="xs">
        <Text size="sm" fw={read_at ? 400 : 600}>
          {title}
        </Text>
        {!read_at && (
          <Badge size="xs" variant="light">
            New
          </Badge>
        )}
      </Group>
      {body && (
        <Text size="sm" c="dimmed">
          {body}
        </Text>
      )}
      <Group gap="sm">
        <Text component="time" dateTime={created_at} size="xs" c="dimmed">
          {new Date(created_at).toLocaleString()}
        </Text>
        {href && (
          <Anchor component={Link} href={href} size="xs" onClick={() => read_at === null && open.mutate()}>
            Open it
          </Anchor>
        )}
      </Group>
    </article>
  );
}

/** What a notification may be about that is a case, or has its id. */
const ABOUT_CASES = new Set(['conversation', 'deal', 'trade', 'process']);

/** What has its place among one’s money. */
const ABOUT_MONEY = new Set(['payout', 'transaction', 'destination']);

/** Where else what a notification is about has a page of its own. */
const ROOMS: Readonly<Record<string, string>> = {
  room: '/app/messages',
  stream: '/app/discover/live',
  video: '/app/discover/watch',
};

function hrefOf({ type, id }: { type: string; id: string }): string | null {
  if (ABOUT_CASES.has(type)) return caseHref(id);
  if (type === 'tip' || type === 'milestone') return '/app/discover/channel';
  if (ABOUT_MONEY.has(type)) return '/app/money';
  const room = ROOMS[type];
  return room ? `${room}/${id}` : null;
}
