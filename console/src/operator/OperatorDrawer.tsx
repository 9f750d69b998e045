import { Badge, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { SignIn } from '../session/SignIn.tsx';
import { useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { Tasks, tasksQuery } from './Tasks.tsx';

/** Who is above the deals: what waits for them, beside the page. */
export function OperatorDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { sessions, signOut } = useSeats();
  const session = sessions.operator;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      title="Operator"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {session ? (
        <Stack gap="sm">
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              Signed in as {session.user.handle}
            </Text>
            <Button variant="subtle" size="compact-sm" onClick={() => signOut('operator')}>
              Sign out
            </Button>
          </Group>
          <Tasks session={session} onDeal={onClose} />
        </Stack>
      ) : (
        <SignIn seat="operator" />
      )}
    </Drawer>
  );
}

/** How many tasks wait, beside the button that opens the drawer. */
export function OpenTasks({ session }: { session: Session }) {
  const { data } = useQuery(tasksQuery(session, 'open'));
  if (!data?.length) return null;
  return (
    <Badge size="sm" ml={6} aria-label={`${data.length} open tasks`}>
      {data.length}
    </Badge>
  );
}
