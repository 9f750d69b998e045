import { Alert, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CaseList } from '../case/CaseList.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { Outward } from '../door/DoorHeader.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useDemo } from '../session/demo.ts';
import { openApi } from '../session/session.ts';
import { useSignedIn } from '../session/signedIn.tsx';

/** In ms. */
const READ_ANEW = 3_000;

const WITHOUT: Readonly<Record<string, string>> = {
  redis: 'Redis is away: sockets hear of things a little later.',
  worker: 'No worker is running: clicks are answered, and what follows from them waits.',
  temporal: 'Temporal is away: clicks are answered, and what follows from them waits.',
  postgres: 'Postgres is away: nothing can be answered.',
};

/** What an operator looks for in the list of workflows: found by what each run keeps of itself. */
const RUNS = "ExecutionStatus = 'Running'";
const SEARCHES = [
  { text: 'Workflows that need you', query: `${RUNS} AND TandemAttention != 'none'` },
  { text: 'Holding money', query: `${RUNS} AND TandemHeld > 0` },
];

/** Whether all parts are there, and what is at risk today. */
export default function Health() {
  useTitle('Health');
  const { session } = useSignedIn();
  const ui = useDemo().data?.temporal_ui;
  const { data, error } = useQuery({
    queryKey: ['ready'],
    queryFn: () => openApi.probes.ready(),
    refetchInterval: READ_ANEW,
  });
  return (
    <Stack gap="md">
      <section aria-label="Parts">
        <Title order={2} fz="lg" mb="xs">
          Parts
        </Title>
        <ReadFailure error={error} />
        {data?.degraded.length === 0 && (
          <Alert color="teal" variant="light" role="status" p="xs">
            <Text size="sm">All parts are there.</Text>
          </Alert>
        )}
        {data && data.degraded.length > 0 && (
          <Alert color="orange" variant="light" role="status" p="xs">
            <List size="sm">
              {data.degraded.map((part) => (
                <List.Item key={part}>{WITHOUT[part] ?? `${part} is away.`}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </section>
      <section aria-label="At risk">
        <Group justify="space-between" mb="xs">
          <Title order={2} fz="lg">
            At risk today
          </Title>
          {ui && (
            <Group gap="sm">
              {SEARCHES.map(({ text, query }) => (
                <Outward key={text} href={`${ui}?query=${encodeURIComponent(query)}`} text={text} />
              ))}
            </Group>
          )}
        </Group>
        <CaseList
          session={session}
          asked={{ view: 'at_risk', kind: '', q: '' }}
          nothing="Nothing ends by itself within a day, and nothing calls for you."
        />
      </section>
    </Stack>
  );
}
