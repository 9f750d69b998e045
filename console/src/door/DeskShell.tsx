import { Badge, Button, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Status } from 'tandem-client';
import { SignIn } from '../session/SignIn.tsx';
import { type SeatName, useSeats } from '../session/seats.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { Find } from './Find.tsx';
import { type Room, Shell } from './Shell.tsx';
import type { Door } from './where.ts';

type DoorProps = { door: Exclude<Door, 'play'>; seat: SeatName };

/** A door before somebody has come in. */
export function AtTheDoor({ door, seat, title }: DoorProps & { title: string }) {
  return (
    <Shell door={door} rooms={[]}>
      <Title order={2} fz="lg" ta="center">
        {title}
      </Title>
      <SignIn seat={seat} />
    </Shell>
  );
}

type DeskShellProps = DoorProps & {
  rooms: readonly Room[];
  /** What may be looked for. */
  placeholder: string;
  /** Of the line, where there is one. */
  status?: Status;
  children: ReactNode;
};

/** A door with one person in it: its rooms, a search over all of them, who one is and the way out. */
export function DeskShell({ door, seat, rooms, placeholder, status, children }: DeskShellProps) {
  const { user } = useSignedIn().session;
  const { signOut } = useSeats();
  return (
    <Shell
      door={door}
      rooms={rooms}
      find={<Find at={`/${door}/search`} placeholder={placeholder} />}
      beside={
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed" {...(status && { role: 'status', 'data-status': status })}>
            {user.handle}
          </Text>
          <Button variant="default" size="compact-sm" onClick={() => signOut(seat)}>
            Sign out
          </Button>
        </Group>
      }
    >
      {children}
    </Shell>
  );
}

/** How many of something there are beside the name of a room; nothing where there is none. */
export function Many({ of, what }: { of: number; what: string }) {
  if (of === 0) return null;
  return (
    <Badge size="xs" ml={6} aria-label={`${of} ${what}`}>
      {of}
    </Badge>
  );
}
