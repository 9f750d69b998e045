import { Button, Group, Loader, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Begin } from '../talk/Begin.tsx';
import { Room } from '../talk/Room.tsx';
import { RoomRow } from '../talk/RoomRow.tsx';
import { roomsQuery } from '../talk/rooms.ts';
import classes from './Messages.module.css';

/** All conversations beside the one that is open; those of a case lead to it. */
export default function Messages() {
  const { id } = useParams();
  useTitle(id === undefined || id === 'new' ? 'Messages' : null);
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery(roomsQuery(session));
  return (
    <div className={classes.both} data-open={id !== undefined || undefined}>
      <section aria-label="Conversations" className={classes.list}>
        <Group justify="space-between" mb="xs">
          <Title order={2} fz="lg">
            Messages
          </Title>
          <Button size="xs" variant="default" component={Link} href="/app/messages/new">
            Write to somebody
          </Button>
        </Group>
        {isPending && <Loader m="auto" aria-label="Reading the conversations" />}
        <ReadFailure error={error} onRetry={() => void refetch()} />
        {data?.length === 0 && (
          <Text size="sm" c="dimmed">
            Nobody has written yet.
          </Text>
        )}
        <ul>
          {data?.map((room) => (
            <li key={room.id}>
              <RoomRow room={room} open={room.id === id} />
            </li>
          ))}
        </ul>
      </section>
      {id !== undefined && (
        <section aria-label="Conversation" className={classes.open}>
          <Link href="/app/messages" className={classes.back}>
            All conversations
          </Link>
          {id === 'new' ? <Begin onDone={(made) => navigate(`/app/messages/${made}`)} /> : <Room key={id} id={id} />}
        </section>
      )}
    </div>
  );
}
