import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import classes from '../case/CaseList.module.css';
import { CaseList } from '../case/CaseList.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { nameOf, roomsQuery } from '../talk/rooms.ts';

/** Whatever of one's own goes by an id, a handle, an order, a payment or a title: cases, and conversations. */
export default function Found() {
  const { session } = useSignedIn();
  const q = useSearchParams()[0].get('q') ?? '';
  useTitle(`Found: ${q}`);
  const rooms = useQuery(roomsQuery(session)).data ?? [];
  const found = rooms.filter(({ id, name }) => id === q || name?.toLowerCase().includes(q.toLowerCase()));
  return (
    <Stack gap="md">
      <Title order={2} fz="lg" style={{ overflowWrap: 'anywhere' }}>
        Found by “{q}”
      </Title>
      <section aria-label="Work">
        <Title order={3} fz="md" mb="xs">
          Work
        </Title>
        <CaseList session={session} asked={{ view: '', kind: '', q }} nothing="Nothing of yours goes by that." />
      </section>
      <section aria-label="Messages">
        <Title order={3} fz="md" mb="xs">
          Messages
        </Title>
        {found.length === 0 && (
          <Text c="dimmed" size="sm">
            No conversation goes by that.
          </Text>
        )}
        <ul className={classes.list}>
          {found.map((room) => (
            <li key={room.id}>
              <Link href={`/app/messages/${room.id}`} className={classes.row}>
                {nameOf(room)}
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </Stack>
  );
}
