import { Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import type { Session } from '../session/session.ts';
import { type Task, tasksKey } from './queries.ts';

/** Who is at a task: whoever takes it up decides alone, until they lay it down. */
export function AtIt({ task, session }: { task: Task; session: Session }) {
  const queries = useQueryClient();
  const { tandem, user } = session;
  const change = useOneAtATime({
    mutationFn: ({ claims, key }: { claims: boolean; key: string }) =>
      claims
        ? tandem.tasks.claim(task.id, { idempotencyKey: key })
        : tandem.tasks.unclaim(task.id, { idempotencyKey: key }),
    onSuccess: (changed) =>
      queries.setQueryData<Task[]>(tasksKey(user.id, 'open'), (open) =>
        open?.map((each) => (each.id === changed.id ? changed : each)),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: [user.id, 'tasks'] }),
  });
  if (task.closed_at !== null) return null;
  const { claimed_by, claimed_at } = task;
  const mine = claimed_by === user.id;
  return (
    <>
      <Group gap="xs" mt={4} data-claimed={claimed_by !== null || undefined}>
        <Text size="xs" c="dimmed">
          {claimed_by === null
            ? 'Nobody is at it.'
            : mine
              ? 'You are at it: nobody else decides meanwhile.'
              : `Somebody else is at it since ${new Date(claimed_at ?? task.opened_at).toLocaleString()}.`}
        </Text>
        {(mine || claimed_by === null) && (
          <Button
            size="compact-xs"
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ claims: !mine, key: newIdempotencyKey() })}
          >
            {mine ? 'Lay it down' : 'Take it up'}
          </Button>
        )}
      </Group>
      <Failure error={change.error} onRetry={change.again} />
    </>
  );
}
