import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSignedIn } from '../session/signedIn.tsx';
import { RoomRow } from '../talk/RoomRow.tsx';
import { isUnread, roomsQuery } from '../talk/rooms.ts';
import classes from './Unread.module.css';

/** Conversations in which something was said that one has not read. Nothing where there is none. */
export function Unread() {
  const { session } = useSignedIn();
  const rooms = useQuery(roomsQuery(session)).data?.filter(isUnread) ?? [];
  if (rooms.length === 0) return null;
  return (
    <section aria-label="Unread conversations">
      <Title order={2} fz="lg" mb="xs">
        Not read yet
      </Title>
      <ul className={classes.list}>
        {rooms.map((room) => (
          <li key={room.id}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
    </section>
  );
}
