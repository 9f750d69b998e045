import { Loader, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { tasksQuery } from './queries.ts';
import { TaskCard } from './TaskCard.tsx';

/** What waits for an operator, and what they decide. */
export default function Tasks() {
  useTitle('Tasks');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const status = params.get('status') === 'closed' ? 'closed' : 'open';
  const { data, error, isPending, refetch } = useQuery(tasksQuery(session, status));
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label="Which tasks"
        value={status}
        onChange={(value) => setParams(value === 'open' ? {} : { status: value })}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'closed', label: 'Decided' },
        ]}
      />
      {isPending && <Loader mx="auto" aria-label="Reading the tasks" />}
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {data?.length === 0 && (
        <Text c="dimmed" size="sm" ta="center" py="lg">
          {status === 'open' ? 'Nothing waits for you.' : 'Nothing was decided yet.'}
        </Text>
      )}
      {data?.map((task) => (
        <TaskCard key={task.id} task={task} session={session} />
      ))}
    </Stack>
  );
}
